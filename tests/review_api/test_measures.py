"""Graduated responses from the verdict to the platform and back, and what undoes them."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from access.models import Account, Clearance, Measure, PauseLease
from access.reading import Access, access_of
from access.vocabulary import Entitlement, MeasureKind, Refusal
from detectors.verdict import Action, Kind, Response
from review_api.cases import view_case
from review_api.challenges import note_answer
from review_api.decisions import Ruling, decide
from review_api.intake import Intake, intake
from review_api.models import Case, Evidence
from review_api.notices.statement import LOOKED_AS
from review_api.parsing import instant
from review_api.records import OutboxMessage
from review_api.suppressions import (
    SuppressionRequest,
    end_suppression,
    suppress,
    suppresses,
    suppressions,
)
from review_api.threads import status_of
from review_api.vocabulary import OUTCOME_OF, CaseEventKind, CaseStatus, Choice
from tests.house import POLICY, USUAL_CODE, ruled_out
from tests.verdicts import DAY, HOUR, MONDAY, payload

UNTOUCHED = Access("acc_1")


def asks(response, offset=8, **more):
    return payload(action=response.action, response=response, offset=offset, **more)


def answer(house, challenge_id, now, *, passed=True):
    with house.database.writers.begin() as session:
        return note_answer(session, "acc_1", challenge_id, passed=passed, actor="platform", now=now)


def test_a_hold_verdict_opens_a_case_and_holds_the_ramp_for_a_stated_time(house):
    result = house.take(asks(Response.HOLD))
    access = house.access()
    assert result.intake is Intake.HELD
    assert (access.speed_hold.since, access.speed_hold.until) == (MONDAY, MONDAY + POLICY.hold_for)
    assert access.speed_hold.reason == LOOKED_AS[Kind.AUTOMATION]
    assert (access.paused, access.challenge) == (False, None)
    assert house.thread(result.case_id) == [CaseEventKind.OPENED, CaseEventKind.MEASURE_TAKEN]


def test_a_challenge_verdict_asks_the_customer_and_takes_nothing(house):
    result = house.take(asks(Response.CHALLENGE))
    access = house.access()
    assert result.intake is Intake.CHALLENGED
    assert access.challenge.until == MONDAY + POLICY.challenge_for
    assert (access.pause, access.speed_hold) == (None, None)
    assert set(access.still_works) == set(Entitlement)


def test_a_pause_verdict_asks_for_neither_hold_nor_challenge(house):
    house.take(asks(Response.PAUSE))
    assert house.count(Measure) == 0


@pytest.mark.parametrize("response", [Response.HOLD, Response.CHALLENGE])
def test_milder_responses_pause_nobody(house, response):
    house.take(asks(response))
    assert not house.access().paused
    assert house.count(PauseLease) == 0


@pytest.mark.parametrize("shadow", list(Response))
def test_what_a_watching_detector_would_have_asked_is_not_done(house, shadow):
    assert house.take(payload(action=Action.ALLOW, shadow=shadow)).intake is Intake.NOTHING
    assert house.count(Account) == 0


@pytest.mark.parametrize("shadow", list(Response))
def test_the_shadow_of_a_milder_verdict_adds_nothing_to_it(house, shadow):
    house.take(asks(Response.HOLD, shadow=shadow))
    assert (house.count(Measure), house.count(PauseLease)) == (1, 0)


@pytest.mark.parametrize(
    ("action", "response"),
    [
        (Action.REVIEW, Response.PAUSE),
        (Action.PAUSE, Response.HOLD),
        (Action.ALLOW, Response.CHALLENGE),
    ],
)
def test_a_verdict_that_contradicts_itself_is_a_dead_letter(house, action, response):
    result = house.take(payload(action=action, response=response))
    assert result.intake is Intake.DEAD_LETTER
    assert "does not go with" in result.dead_letter
    assert house.access() == UNTOUCHED


def test_a_measure_nobody_reviewed_ends_by_itself(house):
    house.take(asks(Response.HOLD))
    house.take(asks(Response.CHALLENGE, 9), MONDAY + HOUR)
    end = MONDAY + POLICY.hold_for
    assert house.access(end - HOUR).speed_hold
    assert house.access(end) == UNTOUCHED


def test_the_same_response_twice_asks_once_and_moves_no_end(house):
    first = house.take(asks(Response.HOLD))
    again = house.take(asks(Response.HOLD, 9), MONDAY + DAY)
    assert (again.case_id, again.refusal) == (first.case_id, Refusal.MEASURE_SPENT)
    assert house.access(MONDAY + DAY).speed_hold.until == MONDAY + POLICY.hold_for
    assert house.thread(first.case_id)[-1] is CaseEventKind.MEASURE_WITHHELD


def test_two_cases_ask_once(house):
    house.take(asks(Response.CHALLENGE))
    other = house.take(asks(Response.CHALLENGE, 9, kind=Kind.RESELLING), MONDAY + HOUR)
    assert (other.intake, other.refusal) == (Intake.REVIEW, Refusal.ALREADY_ASKED)


def test_after_a_restore_nothing_is_held_or_asked_for_the_time_of_clearance(house):
    house.decide(house.take(asks(Response.HOLD)).case_id)
    for offset, response in enumerate((Response.HOLD, Response.CHALLENGE, Response.PAUSE), 20):
        result = house.take(asks(response, offset), MONDAY + DAY)
        assert (result.intake, result.refusal) == (Intake.REVIEW, Refusal.RESTORED_BY_PERSON)
    assert house.access(MONDAY + DAY) == UNTOUCHED


def test_a_protected_account_is_not_held_on_soft_evidence_either(house):
    house.decide(house.take(asks(Response.HOLD)).case_id)
    later = MONDAY + POLICY.clear_for
    result = house.take(asks(Response.HOLD, 9, reasons=[], p_value=0.01), later)
    assert (result.intake, result.refusal) == (Intake.REVIEW, Refusal.PROTECTED)
    assert house.access(later) == UNTOUCHED


def test_upholding_leaves_a_hold_its_end_and_pauses_nobody(house):
    case_id = house.take(asks(Response.HOLD)).case_id
    before = house.access()
    house.decide(case_id, Choice.UPHOLD)
    assert house.access() == before
    assert len(house.outbox()) == 1


def test_an_upheld_hold_can_still_be_restored(house):
    case_id = house.take(asks(Response.HOLD)).case_id
    house.decide(case_id, Choice.UPHOLD)
    house.decide(case_id)
    assert house.access() == UNTOUCHED


@pytest.mark.parametrize("passed", [True, False])
def test_an_answer_ends_the_asking_and_is_told_in_the_thread(house, passed):
    case_id = house.take(asks(Response.CHALLENGE)).case_id
    answer(house, house.access().challenge.measure_id, MONDAY + HOUR, passed=passed)
    view = house.view(case_id)
    assert house.access(MONDAY + HOUR) == UNTOUCHED
    assert view.events[-1].kind is CaseEventKind.CHALLENGE_ANSWERED
    assert view.events[-1].detail == {"passed": passed}
    assert view.status is CaseStatus.OPEN


def test_a_failed_challenge_takes_nothing_away(house):
    house.take(asks(Response.HOLD))
    before = house.access(MONDAY + HOUR)
    house.take(asks(Response.CHALLENGE, 9), MONDAY + HOUR)
    challenge_id = house.access(MONDAY + HOUR).challenge.measure_id
    answer(house, challenge_id, MONDAY + HOUR, passed=False)
    assert house.access(MONDAY + HOUR) == before


def test_an_answer_given_twice_is_told_and_announced_once(house):
    case_id = house.take(asks(Response.CHALLENGE)).case_id
    challenge_id = house.access().challenge.measure_id
    for hours in (1, 2):
        answer(house, challenge_id, MONDAY + hours * HOUR)
    assert house.thread(case_id).count(CaseEventKind.CHALLENGE_ANSWERED) == 1
    assert len(house.outbox()) == 2


def test_from_hold_to_challenge_to_pause_and_back(house):
    """The whole ladder on one case: everything is announced, and a restore lifts all of it."""
    before = house.access()
    case_id = house.take(asks(Response.HOLD)).case_id
    house.take(asks(Response.CHALLENGE, 9), MONDAY + HOUR)
    house.take(asks(Response.PAUSE, 10), MONDAY + 2 * HOUR)
    access = house.access(MONDAY + 2 * HOUR)
    assert {access.pause.case_id, access.speed_hold.case_id, access.challenge.case_id} == {case_id}
    assert Entitlement.CREDITS in access.still_works

    house.decide(case_id, now=MONDAY + 3 * HOUR)

    assert house.access(MONDAY + 3 * HOUR) == before == UNTOUCHED
    said = [change for _, _, change in house.outbox()]
    assert [
        (change["paused"], change["speed_hold"] is not None, change["challenge"] is not None)
        for change in said
    ] == [(False, True, False), (False, True, True), (True, True, True), (False, False, False)]
    assert [change["change"] for change in said] == [1, 2, 3, 6]
    assert said[1]["challenge"] == {
        "id": access.challenge.measure_id,
        "since": "2026-11-23T10:00:00Z",
        "until": "2026-11-26T10:00:00Z",
        "reason": LOOKED_AS[Kind.AUTOMATION],
        "case_id": case_id,
    }


kinds = st.sampled_from([Kind.AUTOMATION, Kind.RESELLING])
steps = st.one_of(
    st.tuples(
        st.just("verdict"), kinds, st.sampled_from(Response),
        st.sampled_from([None, 0.0001, 0.001, 0.02]), st.booleans(),
    ),
    st.tuples(st.just("again")),
    st.tuples(st.just("decide"), st.sampled_from(Choice)),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("suppress"), st.none() | kinds, st.integers(1, 40)),
    st.tuples(st.just("end")),
)  # fmt: skip
histories = st.lists(st.tuples(st.integers(0, 500), steps), max_size=12)


@given(history=histories)
@settings(
    max_examples=40,
    deadline=None,  # two shared cores
    # Every example works in a transaction of its own that is rolled back.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happened_a_restore_gives_back_an_untouched_account(database, history):
    """Verdicts, decisions, answers and suppressions in any order: credits are never touched, the
    newest announcement is the truth, and restoring every case leaves no trace in what works.
    """  # fmt: skip
    with database.writers() as session:
        now = MONDAY
        for number, (hours, (deed, *said)) in enumerate(history):
            now += hours * HOUR
            before = access_of(session, "acc_1", now)
            DEEDS[deed](session, now, number, *said)
            access = access_of(session, "acc_1", now)
            assert Entitlement.CREDITS in access.still_works
            assert _believed(session, now) == _true(access)
            if deed == "suppress" or (deed == "verdict" and _is_suppressed(session, now)):
                assert access == before
        for case in session.scalars(select(Case)).all():
            if status_of(case) not in {CaseStatus.RESTORED, CaseStatus.CONVERTED}:
                _decide(session, case.id, Choice.RESTORE, now)
        assert access_of(session, "acc_1", now) == UNTOUCHED
        assert _believed(session, now) == {}


def _verdict(session, now, number, kind, response, p_value, hard):  # noqa: PLR0917 - a drawn tuple
    more = {} if hard else {"reasons": []}
    sent = asks(response, number, kind=kind, p_value=p_value, occurred_at=now.isoformat(), **more)
    intake(session, sent, now, POLICY)


def _again(session, now, _number):
    for row in session.scalars(select(Evidence)).all():
        assert intake(session, row.payload.encode(), now, POLICY).intake is Intake.REPEATED


def _decide_first(session, now, _number, choice):
    for case in session.scalars(select(Case).where(Case.closed_at.is_(None)).limit(1)).all():
        _decide(session, case.id, choice, now)


def _decide(session, case_id, choice, now):
    code, version = USUAL_CODE[choice], view_case(session, case_id, now).version
    kind = session.get_one(Case, case_id).kind
    answers = ruled_out(kind) if choice is Choice.UPHOLD else {}
    ruling = Ruling(choice, OUTCOME_OF[code], code, "Looked.", version, answers)
    decide(session, case_id, ruling, reviewer="ana", now=now, policy=POLICY)


def _answer(session, now, _number, passed):
    challenge = access_of(session, "acc_1", now).challenge
    if challenge:
        note_answer(
            session, "acc_1", challenge.measure_id, passed=passed, actor="platform", now=now
        )


def _suppress(session, now, _number, kind, days):
    suppress(session, SuppressionRequest("acc_1", kind, "A contest.", days, "lead"), now)


def _end(session, now, _number):
    for each in suppressions(session, "acc_1")[:1]:
        end_suppression(session, "acc_1", each.id, actor="lead", now=now)


def _is_suppressed(session, now):
    standing = (each for each in suppressions(session, "acc_1") if suppresses(each, now))
    return any(each.kind is None for each in standing)


def _believed(session, now):
    """Read the newest announcement the way the platform does: each part until its own end."""
    found = select(OutboxMessage.payload).order_by(OutboxMessage.id.desc()).limit(1)
    newest = json.loads(session.scalar(found) or "{}")
    parts = {
        "pause": newest if newest.get("paused") else None,
        "speed_hold": newest.get("speed_hold"),
        "challenge": newest.get("challenge"),
    }
    ends = {name: instant(part["until"]) for name, part in parts.items() if part}
    return {name: end for name, end in ends.items() if end > now}


def _true(access):
    parts = {
        "pause": access.pause,
        "speed_hold": access.speed_hold,
        "challenge": access.challenge,
    }
    return {name: part.until for name, part in parts.items() if part}


DEEDS = {
    "verdict": _verdict,
    "again": _again,
    "decide": _decide_first,
    "answer": _answer,
    "suppress": _suppress,
    "end": _end,
}


def test_no_measure_and_no_clearance_knows_of_credits(house):
    house.take(asks(Response.HOLD))
    assert "entitlement" not in Measure.__table__.columns
    house.decide(house.take(asks(Response.PAUSE, 9)).case_id)
    with house.database.readers.begin() as session:
        found = set(session.scalars(select(Clearance.entitlement)))
    assert found == {Entitlement.MONTHLY_QUOTA}
    assert {kind.value for kind in MeasureKind} == {"speed_hold", "challenge"}
