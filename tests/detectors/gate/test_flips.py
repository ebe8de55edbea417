"""The flip list: short ones go, long ones wait for reviewers, and only a wrong sample refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.gate.check import Limits
from detectors.gate.flips import FlipsReviewed, Turn, excused, flip_list, sampled
from tests.detectors.gate.nights import facts, night, pausing, undecided, with_flips

LIMITS, NOBODY = Limits(flip_limit=20, flip_sample=20), FlipsReviewed()


def paused(count):
    weighed = night()
    return pausing(weighed, undecided(weighed, count))


@pytest.mark.parametrize("count", [0, 1, 20])
def test_up_to_the_limit_nobody_needs_to_look(count):
    check = flip_list(paused(count), NOBODY, LIMITS)
    assert check.passed
    assert sampled(paused(count).flips, LIMITS) == ()


def test_above_the_limit_the_candidate_waits_and_is_not_refused():
    check = flip_list(paused(21), NOBODY, LIMITS)
    assert not check.passed
    assert check.waits
    assert check.sentence.startswith("waits for reviewers: 21 newly paused")


def test_it_waits_until_the_whole_sample_is_decided():
    halfway = FlipsReviewed(sampled=20, decided=19, paused=19, confirmed=19)
    assert flip_list(paused(60), halfway, LIMITS).waits


@pytest.mark.parametrize("confirmed", [18, 19, 20])
def test_a_confirmed_sample_lets_it_through(confirmed):
    looked = FlipsReviewed(sampled=20, decided=20, paused=20, confirmed=confirmed)
    assert flip_list(paused(60), looked, LIMITS).passed
    assert excused(looked, LIMITS)


@pytest.mark.parametrize("confirmed", [0, 12, 17])
def test_a_sample_of_wrongful_pauses_refuses(confirmed):
    looked = FlipsReviewed(sampled=20, decided=20, paused=20, confirmed=confirmed)
    check = flip_list(paused(60), looked, LIMITS)
    assert not check.passed
    assert not check.waits
    assert f"confirmed {confirmed} of 20" in check.sentence
    assert not excused(looked, LIMITS)


def test_of_a_handful_all_must_be_right():
    def looked(confirmed):
        return FlipsReviewed(sampled=20, decided=20, paused=4, confirmed=confirmed, released=16)

    assert flip_list(paused(60), looked(4), LIMITS).passed
    assert not flip_list(paused(60), looked(3), LIMITS).passed


def test_letting_abusers_go_refuses_only_beyond_chance():
    def looked(missed):
        return FlipsReviewed(sampled=20, decided=20, released=20, missed=missed)

    assert flip_list(paused(60), looked(11), LIMITS).passed
    assert not flip_list(paused(60), looked(18), LIMITS).passed


def test_the_sample_takes_the_newly_paused_first_and_states_its_chances():
    weighed = night()
    ours = undecided(weighed, 80)
    both = pausing(pausing(weighed, ours[:15]), ours[15:], side="champion")
    chosen = sampled(both.flips, LIMITS)
    assert len(chosen) == 20
    chances = {flip.turn: chance for flip, chance in chosen}
    assert chances == {Turn.PAUSED: 1.0, Turn.RELEASED: 5 / 65}


def test_the_sample_is_the_same_every_time_and_another_for_another_candidate():
    first = paused(60)
    other = with_flips(replace(first, candidate=facts("another")))
    names = [{flip.account_id for flip, _ in sampled(w.flips, LIMITS)} for w in (first, other)]
    assert names[0] == {flip.account_id for flip, _ in sampled(paused(60).flips, LIMITS)}
    assert names[0] != names[1]
