"""Parity, what a model may do, and the decision of all checks together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.gate.certifying import certifies
from detectors.gate.check import Check, Limits, verdict_of
from detectors.gate.checks import checks
from detectors.gate.flips import FlipsReviewed
from detectors.gate.parity import Replayed, parity
from detectors.gate.standing import StratumFacts
from tests.detectors.gate.nights import facts, found, night, pausing, undecided

LIMITS = Limits()


@pytest.mark.parametrize(
    "replayed", [Replayed(), Replayed(500, 0), Replayed(500, 1), Replayed(4000, 4)]
)
def test_replay_that_repeats_what_was_logged_passes(replayed):
    assert parity(replayed, LIMITS).passed


def test_replay_that_differs_is_refused_and_names_the_feature():
    check = parity(Replayed(500, 40, "platform_surge"), LIMITS)
    assert not check.passed
    assert check.sentence == (
        "40 of 500 logged vectors come out different when replayed, most often in platform_surge"
    )


def test_a_model_that_may_do_as_much_passes():
    assert certifies(night()).passed


def test_a_model_that_may_do_more_passes():
    assert certifies(replace(night(), champion=facts(may=("review",)))).passed


def test_half_the_months_are_no_loss_while_they_still_suffice():
    assert certifies(replace(night(), candidate=facts(months=4000))).passed


def test_two_models_that_may_only_ask_for_a_look_are_equals():
    quiet = facts(may=("review",))
    assert certifies(replace(night(), champion=quiet, candidate=quiet)).passed


def test_a_model_that_could_no_longer_pause_is_refused():
    check = certifies(replace(night(), candidate=facts(may=("hold", "challenge"), months=900)))
    assert not check.passed
    assert check.sentence.startswith("it may pause in 0% of tonight's account-months, the champion")


def apart(weighed, share):
    """Let the candidate be silent in a stratum of its own that holds this share of the months."""
    months = weighed.months.copy()
    months["candidate"]["stratum"][: round(share * len(months))] = 1
    alone = StratumFacts("any/512-/known", 150, ("hold",), 0.02, pool=1)
    strata = (*weighed.candidate.strata, alone)
    return replace(weighed, months=months, candidate=replace(weighed.candidate, strata=strata))


def test_silence_where_honest_people_stand_apart_is_no_power_lost():
    check = certifies(apart(night(), 0.3))
    assert check.passed
    assert "30% of tonight's account-months are in strata that stand apart" in check.sentence


def test_standing_apart_excuses_no_silence_elsewhere():
    quiet = replace(night(), candidate=facts(may=("hold",)))
    assert not certifies(apart(quiet, 0.3)).passed


def test_an_empty_calibration_is_refused():
    check = certifies(replace(night(), candidate=facts(may=(), months=0)))
    assert not check.passed
    assert "no honest account-month calibrates it" in check.sentence


def test_a_night_in_which_nothing_was_weighed_lets_nobody_pass():
    weighed = night()
    empty = replace(weighed, months=weighed.months[:0], whole=weighed.whole[:0])
    gate = verdict_of(checks(empty, found(), Replayed(), FlipsReviewed(), LIMITS))
    assert not gate.passed
    assert gate.why.startswith("what it may do: no account-month was weighed")


def test_a_candidate_equal_to_the_champion_passes_every_check():
    one = found()
    same = replace(one, candidate=one.champion)
    answers = checks(night(), same, Replayed(500), FlipsReviewed(), LIMITS)
    gate = verdict_of(answers)
    assert gate.passed
    assert gate.why == "all 7 checks passed"


def test_a_refusal_outweighs_a_wait_and_says_why_in_one_line():
    weighed = night()
    bad = pausing(weighed, undecided(weighed, 60, "BE"))
    gate = verdict_of(checks(bad, found(), Replayed(), FlipsReviewed(), LIMITS))
    assert not gate.passed
    assert not gate.waits
    assert gate.why.startswith("wrongful pauses by segment: country BE")
    assert "\n" not in gate.why


def test_a_wait_alone_retires_nobody():
    weighed = night()
    wide = pausing(weighed, undecided(weighed, 30))
    gate = verdict_of(
        checks(replace(wide, budget=0.05), found(), Replayed(), FlipsReviewed(), LIMITS)
    )
    assert gate.waits
    assert gate.why.startswith("flip list: waits for reviewers")


def test_how_many_more_refuse_is_said():
    failed = tuple(Check(name=n, passed=False, sentence="no") for n in "abc")
    assert verdict_of(failed).why == "a: no (and 2 more checks)"
