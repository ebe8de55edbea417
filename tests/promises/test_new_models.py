"""What the platform promises of a pause, kept while models change overnight."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.gate.check import Limits, verdict_of
from detectors.gate.checks import checks
from detectors.gate.flips import FlipsReviewed
from detectors.gate.parity import Replayed
from tests.detectors.gate.nights import found, night, pausing, undecided


def answer(weighed):
    seen = found()
    return verdict_of(checks(weighed, seen, Replayed(), FlipsReviewed(), Limits()))


@pytest.mark.parametrize("country", ["AE", "BE", "CE"])
def test_p21_no_new_model_takes_over_that_pauses_the_customers_of_one_country(country):
    weighed = night()
    gate = answer(pausing(weighed, undecided(weighed, 40, country)))
    assert not gate.passed
    assert f"country {country}" in gate.why


def test_p21_no_new_model_pauses_many_customers_before_people_have_looked():
    weighed = night(20_000)
    spread = np.flatnonzero(weighed.standing == 0)[::661]  # all over the world
    gate = answer(pausing(weighed, spread))
    assert not gate.passed
    assert "flip list: waits for reviewers" in gate.why


def test_p21_whom_a_reviewer_cleared_no_new_model_pauses_again():
    weighed = night()
    gate = answer(pausing(weighed, np.flatnonzero(weighed.standing == -1)[:10]))
    assert not gate.passed
    assert "whom reviewers cleared" in gate.why
