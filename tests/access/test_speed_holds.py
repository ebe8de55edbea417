from __future__ import annotations

import pytest
from sqlalchemy import event

from access.leases import Hand, PauseRequest, extend, restore, take_pause
from access.measures import MeasureRequest, answer_challenge, lift_measures, take_measure
from access.periods import Interval
from access.speed_holds import held_spans
from access.vocabulary import MeasureKind
from tests.verdicts import DAY, HOUR, MONDAY

CLEAR_UNTIL = MONDAY + 90 * DAY


@pytest.fixture
def session(database):
    with database.writers.begin() as session:
        yield session


def pause(session, case_id="p1", *, account="a", now=MONDAY, hours=72):
    request = PauseRequest(account, case_id, "why", now + hours * HOUR, "intake")
    return take_pause(session, request, now)


def hold(session, case_id="h1", *, account="a", now=MONDAY, kind=MeasureKind.SPEED_HOLD):
    until = now + 14 * DAY
    return take_measure(session, MeasureRequest(account, case_id, kind, "w", until, "intake"), now)


def spans(session, *accounts):
    return held_spans(session, accounts or ("a",))


def test_an_account_nobody_held_is_left_out(session):
    hold(session, account="b")
    assert spans(session, "a", "never seen") == {}


def test_a_hold_and_a_pause_hold_from_when_they_were_taken_to_their_ends(session):
    hold(session)
    pause(session, now=MONDAY + DAY)
    assert sorted(spans(session)["a"], key=lambda span: span.since) == [
        Interval(MONDAY, MONDAY + 14 * DAY),
        Interval(MONDAY + DAY, MONDAY + 4 * DAY),
    ]


def test_spans_are_told_apart_by_account(session):
    hold(session, "h1", account="a")
    hold(session, "h2", account="b", now=MONDAY + DAY)
    assert spans(session, "a", "b") == {
        "a": [Interval(MONDAY, MONDAY + 14 * DAY)],
        "b": [Interval(MONDAY + DAY, MONDAY + 15 * DAY)],
    }


def test_an_upheld_pause_holds_to_its_later_end(session):
    pause(session)
    extend(session, Hand("a", "p1", "ana"), MONDAY + DAY, until=MONDAY + 30 * DAY)
    assert spans(session)["a"] == [Interval(MONDAY, MONDAY + 30 * DAY)]


def test_a_pause_that_lapsed_holds_for_as_long_as_it_stood(session):
    pause(session, "p1")
    pause(session, "p2", now=MONDAY + 10 * DAY)  # writes down that the first one is over
    assert spans(session)["a"] == [
        Interval(MONDAY, MONDAY + 3 * DAY),
        Interval(MONDAY + 10 * DAY, MONDAY + 13 * DAY),
    ]


def test_what_a_person_restored_holds_nothing(session):
    pause(session, "c1")
    hold(session, "c1")
    lift_measures(session, Hand("a", "c1", "ana"), MONDAY + DAY)
    restore(session, Hand("a", "c1", "ana"), MONDAY + DAY, clear_until=CLEAR_UNTIL)
    assert spans(session) == {}


def test_what_lapsed_before_its_case_was_restored_holds_nothing_either(session):
    pause(session, "c1")
    hold(session, "c1")
    restore(session, Hand("a", "c1", "ana"), MONDAY + 40 * DAY, clear_until=CLEAR_UNTIL)
    assert spans(session) == {}


def test_a_restore_of_one_case_gives_back_nothing_of_another(session):
    pause(session, "c1")
    hold(session, "c2")
    restore(session, Hand("a", "c1", "ana"), MONDAY + DAY, clear_until=CLEAR_UNTIL)
    assert spans(session)["a"] == [Interval(MONDAY, MONDAY + 14 * DAY)]


def test_a_challenge_holds_nothing_however_it_is_met(session):
    asked = hold(session, kind=MeasureKind.CHALLENGE)
    assert spans(session) == {}
    answer_challenge(session, asked, passed=False, actor="platform", now=MONDAY + HOUR)
    assert spans(session) == {}


def test_a_thousand_accounts_are_read_in_one_statement(session):
    seen = []
    event.listen(session.connection(), "before_cursor_execute", lambda *call: seen.append(call))
    hold(session, account="acc_7")
    seen.clear()
    found = held_spans(session, [f"acc_{number}" for number in range(1000)])
    assert list(found) == ["acc_7"]
    assert len(seen) == 1


def test_no_accounts_have_no_spans(session):
    assert held_spans(session, []) == {}
