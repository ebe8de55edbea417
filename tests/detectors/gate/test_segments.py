"""Wrongful pauses by segment: a group that pays is named, chance and review are not punished."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.gate.check import Limits
from detectors.gate.flips import FlipsReviewed
from detectors.gate.segments import counted, segments
from tests.detectors.gate.nights import night, pausing, undecided

LIMITS, NOBODY = Limits(), FlipsReviewed()


def test_a_candidate_equal_to_the_champion_passes():
    assert segments(night(), NOBODY, LIMITS).passed


def test_a_champion_over_its_budget_does_not_refuse_its_equal():
    weighed = night()
    over = undecided(weighed, 60, "AE")
    equal = pausing(pausing(weighed, over), over, side="champion")
    assert segments(equal, NOBODY, LIMITS).passed


@pytest.mark.parametrize("count", [1, 3, 7])
def test_a_few_new_pauses_in_one_country_are_no_pattern(count):
    weighed = night()
    assert segments(pausing(weighed, undecided(weighed, count, "BE")), NOBODY, LIMITS).passed


def test_as_many_let_go_as_newly_paused_is_no_harm():
    weighed = night()
    ours = undecided(weighed, 40, "BE")
    swapped = pausing(pausing(weighed, ours[:20]), ours[20:], side="champion")
    assert segments(swapped, NOBODY, LIMITS).passed


def test_a_confirmed_abuser_is_no_wrongful_pause():
    weighed = night()
    months = weighed.months.copy()
    months["champion"]["rank"][:100] = 0
    assert segments(replace(weighed, months=months), NOBODY, LIMITS).passed


def test_letting_people_go_is_never_refused():
    weighed = night()
    freed = pausing(weighed, undecided(weighed, 200, "CE"), side="champion")
    assert segments(freed, NOBODY, LIMITS).passed


def test_a_country_that_pays_for_the_candidate_is_named():
    weighed = night()
    check = segments(pausing(weighed, undecided(weighed, 30, "BE")), NOBODY, LIMITS)
    assert not check.passed
    assert not check.waits
    assert check.sentence.startswith("country BE: it would pause 3.")


def test_a_network_that_pays_is_named():
    weighed = night()
    mobile = np.flatnonzero((weighed.standing == 0) & (weighed.months["network"] == 2))[:60]
    check = segments(pausing(weighed, mobile), NOBODY, LIMITS)
    assert not check.passed
    assert "network mobile" in check.sentence


def test_twice_the_rest_is_refused_even_within_the_budget():
    weighed = replace(night(), budget=0.05)
    check = segments(pausing(weighed, undecided(weighed, 25, "DE")), NOBODY, LIMITS)
    assert not check.passed
    assert "country DE" in check.sentence
    # Spread over all countries the same pauses are within that budget.
    everywhere = segments(pausing(weighed, undecided(weighed, 25)), NOBODY, LIMITS)
    assert everywhere.passed


def test_new_pauses_that_reviewers_confirmed_count_as_abuse():
    weighed = night()
    paused = pausing(weighed, undecided(weighed, 30, "BE"))
    looked = FlipsReviewed(sampled=20, decided=20, paused=20, confirmed=20)
    assert segments(paused, looked, LIMITS).passed
    halfway = FlipsReviewed(sampled=20, decided=12, paused=12, confirmed=12)
    assert not segments(paused, halfway, LIMITS).passed


def test_customers_whom_reviewers_cleared_are_not_paused_again():
    weighed = night()
    cleared = np.flatnonzero(weighed.standing == -1)
    check = segments(pausing(weighed, cleared[:3]), NOBODY, LIMITS)
    assert not check.passed
    assert "3 customers whom reviewers cleared" in check.sentence


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_cleared_customers_are_no_pattern(count):
    weighed = night()
    cleared = np.flatnonzero(weighed.standing == -1)
    assert segments(pausing(weighed, cleared[:count]), NOBODY, LIMITS).passed


def test_every_account_month_is_counted_once_in_each_segment():
    weighed = night()
    months = {}
    for segment in counted(weighed):
        months[segment.of] = months.get(segment.of, 0) + segment.months
    assert set(months) == {"country", "network", "plan", "tenure", "volume"}
    assert set(months.values()) == {int(weighed.not_confirmed.sum())}


def test_a_night_without_months_refuses_nobody():
    weighed = night()
    empty = replace(weighed, months=weighed.months[:0], whole=weighed.whole[:0])
    assert segments(empty, NOBODY, LIMITS).passed
