"""Precision at review capacity: worse is refused, unlucky or unknown is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.gate.check import Limits
from detectors.gate.precision import capacity, first, precision
from tests.detectors.gate.nights import night

LIMITS = Limits(reviews_per_day=10)


def shuffled(weighed, share, seed=1):
    """Let the candidate put this share of the abusive accounts among the least strange."""
    rng = np.random.default_rng(seed)
    months = weighed.months.copy()
    lost = rng.permutation(np.flatnonzero(weighed.standing == 1))
    lost = lost[: round(share * len(lost))]
    # In their place stand people whom a reviewer has cleared.
    raised = np.flatnonzero(weighed.standing == -1)[: len(lost)]
    months["candidate"]["p"][lost], months["candidate"]["p"][raised] = 1.0, 0.0
    months["candidate"]["common"][lost], months["candidate"]["common"][raised] = 0.0, 9.0
    return replace(weighed, months=months)


def test_a_candidate_equal_to_the_champion_passes():
    check = precision(night(), LIMITS)
    assert check.passed
    assert check.figures["difference"] == [0.0, 0.0]
    assert "no difference" in check.sentence


@pytest.mark.parametrize("seed", range(4))
def test_a_candidate_that_orders_the_same_people_a_little_otherwise_passes(seed):
    weighed = night(seed=seed)
    months = weighed.months.copy()
    months["candidate"]["common"] += np.random.default_rng(seed).normal(0, 0.3, len(months))
    months["candidate"]["p"] = 1.0 - months["candidate"]["common"] / 9.0
    assert precision(replace(weighed, months=months), LIMITS).passed


def test_a_better_candidate_passes():
    weighed = shuffled(night(), 0.4)
    months = weighed.months.copy()
    months["champion"], months["candidate"] = (
        weighed.months["candidate"],
        weighed.months["champion"],
    )
    check = precision(replace(weighed, months=months), LIMITS)
    assert check.passed
    assert check.figures["candidate"] > check.figures["champion"]


def test_one_case_lost_is_no_reason():
    assert precision(shuffled(night(), 0.02), LIMITS).passed


def test_a_candidate_that_wastes_a_third_of_the_reviews_is_refused():
    check = precision(shuffled(night(), 0.4), LIMITS)
    assert not check.passed
    assert not check.waits
    assert "less, on" in check.sentence


def test_too_few_labels_tell_nothing_and_refuse_nobody():
    weighed = shuffled(night(strange=20), 0.5)
    check = precision(weighed, LIMITS)
    assert check.passed
    assert "cannot be told" in check.sentence


def test_without_any_label_it_passes():
    weighed = night()
    weighed = replace(weighed, standing=np.zeros_like(weighed.standing))
    assert precision(weighed, LIMITS).passed


def test_labels_that_taught_it_do_not_speak_for_it_where_others_suffice():
    weighed = shuffled(night(strange=160), 0.5)
    # Whom it lost it never learnt of; those it was taught by it ranks as the champion does.
    lost = (weighed.standing == 1) & (weighed.months["candidate"]["p"] == 1.0)
    unseen = lost | (weighed.standing == -1)
    unseen[:60] = True
    check = precision(replace(weighed, unseen=unseen), LIMITS)
    assert check.figures["unseen_only"]
    assert not check.passed


def test_an_account_drawn_by_chance_counts_for_those_it_was_drawn_for():
    weighed = shuffled(night(), 0.4)
    heavy = weighed.weight.copy()
    heavy[weighed.standing == 1] = 50.0
    shares = precision(replace(weighed, weight=heavy), LIMITS).figures
    assert shares["candidate"] > precision(weighed, LIMITS).figures["candidate"]


def test_no_more_is_looked_at_than_is_asked_for_or_can_be():
    weighed = night()
    assert capacity(weighed, LIMITS) == 100
    assert capacity(weighed, Limits(reviews_per_day=2)) == 60


def test_hard_rules_come_first():
    weighed = night()
    weighed.months["candidate"]["hard"][50] = 1
    assert np.flatnonzero(first(weighed, "candidate", 1)).tolist() == [50]


def test_the_same_night_gives_the_same_answer():
    weighed = shuffled(night(), 0.2)
    assert precision(weighed, LIMITS) == precision(weighed, LIMITS)
