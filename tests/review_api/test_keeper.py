from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from access.models import LeaseEvent
from access.vocabulary import LeaseEventKind
from review_api import claims
from review_api.alarms import Alarm
from review_api.app import create_app
from review_api.claim_records import Claim
from review_api.duties import keeper_of
from review_api.keeper import Duty, Keeper
from review_api.lapses import note_lapses
from review_api.metrics import read_metrics
from review_api.vocabulary import CaseEventKind, ClaimEnding
from streams.clock import ManualClock, SystemClock
from tests.house import POLICY
from tests.locks import at_once
from tests.verdicts import DAY, HOUR, MONDAY, payload

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


class Notes(list):
    def __call__(self, name, done):
        self.append((name, done))


def test_each_duty_is_done_when_its_time_has_come(clock):
    notes = Notes()
    duties = [Duty("often", SECOND, lambda: 1), Duty("seldom", 60 * SECOND, lambda: 2)]
    keeper = Keeper(duties, clock, notes)
    for _ in range(3):
        keeper.turn()
        clock.advance(1)
    assert notes == [("often", 1), ("seldom", 2), ("often", 1), ("often", 1)]


def test_a_duty_that_fails_holds_up_no_other_and_is_tried_again(clock, caplog):
    notes, fails = Notes(), [True, True, False]

    def flaky():
        if fails.pop(0):
            raise RuntimeError("the disk is full")
        return 5

    keeper = Keeper([Duty("flaky", SECOND, flaky), Duty("steady", SECOND, lambda: 1)], clock, notes)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            keeper.turn()
            clock.advance(1)
    assert notes[::2] == [("flaky", None), ("flaky", None), ("flaky", 5)]
    assert notes[1::2] == [("steady", 1)] * 3
    said = [record.message for record in caplog.records]
    assert said == ["the duty flaky failed; it is tried again", "the duty flaky works again"]


def test_the_keeper_works_on_a_thread_and_stops_with_the_server():
    done = threading.Event()
    keeper = Keeper([Duty("once", SECOND, lambda: done.set() or 1)], SystemClock(), Notes())
    with keeper.at_work():
        assert done.wait(10)
    assert not any(thread.name == "keeper" for thread in threading.enumerate())


def test_a_server_keeps_house_with_every_duty(database, clock):
    parts = create_app(database.engine, clock).state.parts
    keeper_of(parts).turn()
    shown = parts.served.show().decode()
    for duty in ("settle_decisions", "end_claims", "note_lapses", "sound_alarm"):
        assert f'fairuse_duties_total{{duty="{duty}"}} 0.0' in shown
    assert "fairuse_failed_duties_total{" not in shown


def test_a_pause_that_lapsed_is_noted_and_announced_once(house, database):
    case_id = house.take(payload()).case_id
    over = MONDAY + POLICY.pause_for
    assert note_lapses(database.writers, ManualClock(over - SECOND)) == 0
    results = at_once(
        *[lambda: note_lapses(database.writers, ManualClock(over))] * 3, caught=ValueError
    )
    assert sum(results) == 1
    assert house.thread(case_id).count(CaseEventKind.LEASE_LAPSED) == 1
    *_, (_, _, change) = house.outbox()
    assert (change["paused"], change["change"]) == (False, 2)
    assert len(house.outbox()) == 2
    with database.readers.begin() as session:
        kinds = session.scalars(select(LeaseEvent.kind).order_by(LeaseEvent.id)).all()
    assert kinds == [LeaseEventKind.TAKEN, LeaseEventKind.EXPIRED]


def test_a_pause_that_stands_or_was_lifted_is_not_noted(house, database):
    house.decide(house.take(payload()).case_id)
    house.take(payload("acc_2", offset=2), MONDAY + DAY)
    assert note_lapses(database.writers, ManualClock(MONDAY + 3 * DAY)) == 0


def test_a_claim_without_heartbeats_is_ended_by_itself(house, database):
    case_id = house.take(payload()).case_id
    with database.writers.begin() as session:
        claims.claim(session, case_id, "ana", MONDAY, POLICY)
    over = MONDAY + POLICY.claim_for
    assert claims.end_lapsed(database.writers, ManualClock(over - SECOND)) == 0
    assert claims.end_lapsed(database.writers, ManualClock(over + HOUR)) == 1
    with database.readers.begin() as session:
        ended = session.scalars(select(Claim)).one()
    assert (ended.ending, ended.ended_at) == (ClaimEnding.LAPSED, over)


def test_the_alarm_is_said_once_when_it_begins_and_once_when_it_is_over(house, database, caplog):
    case_id = house.take(payload()).case_id
    clock = ManualClock(MONDAY)
    noted = []
    alarm = Alarm(database.readers, clock, POLICY, noted.append)
    with caplog.at_level(logging.WARNING):
        assert alarm.sound() == 0
        clock.advance(DAY.total_seconds())
        assert [alarm.sound(), alarm.sound()] == [1, 0]
        house.decide(case_id, now=MONDAY + DAY)
        assert alarm.sound() == 1
    assert noted == [0, 1, 1, 0]
    assert [record.message for record in caplog.records] == [
        "cases past their due time that wait for a reviewer: 1",
        "no case is past its due time any more",
    ]


def test_lapses_and_first_looks_of_a_day_are_figures(house, database):
    case_id = house.take(payload()).case_id
    with database.writers.begin() as session:
        claims.claim(session, case_id, "ana", MONDAY + HOUR, POLICY)
    over = MONDAY + POLICY.pause_for
    note_lapses(database.writers, ManualClock(over))
    with database.readers.begin() as session:
        figures = [read_metrics(session, at) for at in (MONDAY + 2 * HOUR, over, over + DAY)]
    assert [each["fairuse_first_look_seconds"] for each in figures] == [3600, 0, 0]
    assert [each["fairuse_lapsed_pauses"] for each in figures[1:]] == [1, 0]
