"""Restores take the pause away from the detector that earned them, and from no other."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.vocabulary import Refusal
from detectors.verdict import Action, Kind
from review_api.decisions import Ruling, decide
from review_api.demotion import too_often_wrong
from review_api.detector_records import StandingChange
from review_api.intake import Intake
from review_api.policy import BreakerPolicy
from review_api.shares import Share
from review_api.standing import Detector, Word, set_standing, watches, watching
from review_api.vocabulary import OUTCOME_OF, Choice, DetectorStanding, ReasonCode
from tests.house import POLICY, House
from tests.locks import until_one_waits
from tests.verdicts import HOUR, MONDAY, payload

# Only the run counts here, and no cap stands in the way.
RUN = BreakerPolicy(
    pauses_per_minute=1000,
    model_pauses_per_minute=1000,
    segment_pauses_per_minute=1000,
    restore_run=3,
    restore_share=1.0,
)
METRONOME = Detector("metronome")
SCORE = Detector("automation", "m1")
SECOND = timedelta(seconds=1)


@pytest.fixture
def house(database):
    return House(database, replace(POLICY, breaker=RUN))


class Court:
    """Pauses accounts and decides their cases, each at its own moment."""

    def __init__(self, house):
        self.house, self.number, self.now = house, 0, MONDAY

    def pause(self, detector=METRONOME, **more):
        self.number += 1
        self.now += SECOND
        said = {"detector": detector.name, "model_version": detector.model_version or "m1"} | more
        return self.house.take(payload(f"acc_{self.number}", **said), self.now)

    def decide(self, result, choice=Choice.RESTORE, **more):
        self.now += SECOND
        return self.house.decide(result.case_id, choice, self.now, **more)

    def restore(self, detector=METRONOME, times=1, code=ReasonCode.SIGNALS_MISREAD, **more):
        for _ in range(times):
            result = self.pause(detector, **more)
            assert result.intake is Intake.PAUSED
            self.decide(result, code=code)

    def uphold(self, detector=METRONOME, times=1):
        for _ in range(times):
            self.decide(self.pause(detector), Choice.UPHOLD)

    def say(self, detector, standing, actor="lea", why="Looked at it."):
        self.now += SECOND
        with self.house.database.writers.begin() as session:
            return set_standing(session, detector, Word(standing, actor, why), self.now)

    def watches(self, detector):
        with self.house.database.readers.begin() as session:
            return watches(session, detector)


@pytest.fixture
def court(house):
    return Court(house)


def test_a_run_of_restores_makes_the_detector_watch_and_says_so(court, house, caplog):
    with caplog.at_level(logging.WARNING):
        court.restore(times=2)
        assert not court.watches(METRONOME)
        court.restore()
    with house.database.readers.begin() as session:
        (change,) = watching(session)
    assert (change.detector, change.model_version, change.actor) == ("metronome", "", "breaker")
    assert (change.since, change.why) == (court.now, "3 pauses in a row were restored as mistakes")
    assert caplog.messages == [f"metronome only watches from now on: {change.why}"]


def test_a_detector_that_watches_opens_cases_and_pauses_nobody(court, house):
    court.restore(times=3)
    result = court.pause()
    assert (result.intake, result.refusal) == (Intake.REVIEW, Refusal.DETECTOR_WATCHING)
    assert not house.access(court.now, f"acc_{court.number}").paused
    assert house.view(result.case_id).events[-1].detail["refusal"] == "detector_watching"


def test_only_the_detector_that_was_wrong_loses_the_pause(court):
    neighbours = [
        Detector("no_rest"),
        Detector("automation", "m1"),
        Detector("scripting", "m2"),
    ]
    court.restore(Detector("scripting", "m1"), times=3)
    assert court.watches(Detector("scripting", "m1"))
    for neighbour in neighbours:
        assert not court.watches(neighbour)
        assert court.pause(neighbour).intake is Intake.PAUSED


def test_restores_of_several_detectors_are_never_added_up(court):
    for detector in (METRONOME, Detector("no_rest"), SCORE, Detector("automation", "m2")):
        court.restore(detector, times=2)
        assert not court.watches(detector)


def test_a_rule_is_the_same_in_every_model_version(court):
    for version in ("m1", "m2", "m3"):
        court.restore(METRONOME, model_version=version)
    assert court.watches(METRONOME)


def test_an_uphold_ends_the_run(court):
    court.restore(times=2)
    court.uphold()
    court.restore(times=2)
    assert not court.watches(METRONOME)


def test_upholding_never_makes_a_detector_watch(court):
    court.uphold(times=6)
    assert not court.watches(METRONOME)


@pytest.mark.parametrize("code", [ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.GOODWILL])
def test_what_nobody_can_tell_counts_neither_way(court, code):
    court.restore(times=4, code=code)
    assert not court.watches(METRONOME)
    court.restore(times=2)
    court.restore(code=code)
    court.restore()
    assert court.watches(METRONOME)


def test_a_benign_case_was_paused_by_mistake_too(court):
    court.restore(times=3, code=ReasonCode.OFFICIAL_FEATURE)
    assert court.watches(METRONOME)


def test_a_case_that_paused_nobody_is_held_against_nobody(court):
    for _ in range(4):
        court.decide(court.pause(action=Action.REVIEW))
    assert not court.watches(METRONOME)


def test_a_pause_that_lapsed_before_its_restore_still_counts(court):
    taken = [court.pause() for _ in range(3)]
    court.now += 100 * HOUR
    for result in taken:
        court.decide(result)
    assert court.watches(METRONOME)


def test_an_uphold_corrected_to_a_restore_counts_as_the_restore(court):
    court.restore(times=2)
    upheld = court.pause()
    court.decide(upheld, Choice.UPHOLD)
    assert not court.watches(METRONOME)
    court.decide(upheld)
    assert court.watches(METRONOME)


def test_a_detector_that_watches_is_not_made_to_watch_again(court, house):
    taken = [court.pause() for _ in range(9)]
    for result in taken:
        court.decide(result)
    assert house.count(StandingChange) == 1


def test_a_demotion_lifts_no_pause_and_takes_none(court, house):
    standing = court.pause()
    court.restore(times=3)
    account = house.view(standing.case_id).case.account_id
    assert house.access(court.now, account).paused


def test_a_persons_act_gives_the_pause_back_and_undoes_the_demotion(court, house):
    court.restore(times=3)
    court.say(METRONOME, DetectorStanding.ACTING)
    assert not court.watches(METRONOME)
    assert court.pause().intake is Intake.PAUSED
    with house.database.readers.begin() as session:
        assert watching(session) == ()


def test_a_persons_act_stands_until_there_is_new_evidence_after_it(court):
    court.restore(times=3)
    court.say(METRONOME, DetectorStanding.ACTING)
    court.restore(times=2)
    assert not court.watches(METRONOME)
    court.restore()
    assert court.watches(METRONOME)


def test_a_share_of_mistakes_makes_a_detector_watch_without_any_run(database):
    often = replace(RUN, restore_run=500, restore_share=0.2)
    court = Court(House(database, replace(POLICY, breaker=often)))
    court.uphold()
    court.restore(times=2)
    court.uphold()
    court.restore()
    assert not court.watches(METRONOME)
    court.restore()
    assert court.watches(METRONOME)


def test_what_lies_beyond_the_sample_is_forgotten(database):
    short = replace(RUN, restore_run=6, restore_sample=6, restore_share=0.2)
    court = Court(House(database, replace(POLICY, breaker=short)))
    court.uphold(times=1)
    court.restore(times=2)
    court.uphold(times=3)
    court.restore(times=2)
    assert not court.watches(METRONOME)


def test_two_restores_at_once_never_both_miss_the_third(court, house):
    taken = [court.pause() for _ in range(3)]
    gate = threading.Barrier(3)

    def restore(result):
        gate.wait(20)
        house.decide(result.case_id, now=court.now + SECOND)

    threads = [threading.Thread(target=restore, args=(result,)) for result in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert court.watches(METRONOME)
    assert house.count(StandingChange) == 1


def test_a_pause_that_waited_while_its_detector_was_made_to_watch_is_withheld(court, house):
    results = []
    asking = threading.Thread(target=lambda: results.append(court.pause()))
    with house.database.writers.begin() as session:
        word = Word(DetectorStanding.DETECT_ONLY, "lea", "It is wrong today.")
        set_standing(session, METRONOME, word, MONDAY)
        asking.start()
        until_one_waits(house.database)
    asking.join(60)
    (result,) = results
    assert (result.intake, result.refusal) == (Intake.REVIEW, Refusal.DETECTOR_WATCHING)


def test_a_decision_that_is_rolled_back_demotes_nobody_and_says_nothing(court, house, caplog):
    court.restore(times=2)
    last = court.pause()
    code = ReasonCode.SIGNALS_MISREAD
    ruling = Ruling(Choice.RESTORE, OUTCOME_OF[code], code, "Looked.", 2)
    with pytest.raises(RuntimeError), house.database.writers.begin() as session:  # noqa: PT012 - the failure must come inside the transaction
        decide(session, last.case_id, ruling, reviewer="ana", now=court.now, policy=house.policy)
        assert watches(session, METRONOME)
        raise RuntimeError
    assert not court.watches(METRONOME)
    assert caplog.messages == []


def test_a_verdict_that_names_no_detector_is_put_down_to_its_kinds_score(court):
    court.restore(Detector("", "m1"), times=3, kind=Kind.RESELLING)
    assert court.watches(Detector("reselling", "m1"))
    assert not court.watches(Detector("reselling", "m2"))


@given(st.lists(st.booleans(), max_size=60))
def test_a_detector_watches_exactly_when_one_of_the_two_rules_says_so(wrongful):
    rules = BreakerPolicy()
    run = len(wrongful) if all(wrongful) else wrongful.index(False)
    surely = Share(sum(wrongful), len(wrongful)).low > rules.restore_share
    demoted = too_often_wrong(wrongful, rules) is not None
    assert demoted is (run >= rules.restore_run or surely)


@pytest.mark.parametrize(
    "wrongful",
    [
        [],
        [True],
        [True, True],
        [True, True, False, True],
        [True] * 4 + [False] * 20,
        [True, False, False, False, False] * 10,
    ],
)
def test_a_detector_that_is_seldom_wrong_goes_on_acting(wrongful):
    assert too_often_wrong(wrongful, BreakerPolicy()) is None
