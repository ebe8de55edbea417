from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from review_api.appeals import file_appeal
from review_api.lapses import note_lapses
from review_api.models import Case
from review_api.notices.notify import notify
from review_api.notices.pinned import latest_statement
from review_api.notices.records import Notice
from review_api.notices.vocabulary import Occasion
from review_api.policy import ReviewPolicy
from review_api.steps import Step, ask_customer, extend_pause
from review_api.threads import locked_case
from review_api.vocabulary import Choice, ReasonCode
from streams.clock import ManualClock
from tests.verdicts import DAY, HOUR, MONDAY, payload, verdict

RUN = msgspec.structs.replace(
    verdict().reasons[0], code="equal_gap_run", feature="equal_gap_run", observed=212.0
)


def notices(house):
    with house.database.readers.begin() as session:
        return list(session.scalars(select(Notice).order_by(Notice.number)))


def occasions(house):
    return [notice.occasion for notice in notices(house)]


def step(house, case_id, words="Why?"):
    return Step(case_id, house.view(case_id).version, words, "ana")


def test_a_pause_is_told_with_its_reasons_in_the_transaction_that_takes_it(house):
    case_id = house.take(payload(reasons=[RUN])).case_id
    (notice,) = notices(house)
    assert (notice.occasion, notice.case_id, notice.account_id) == ("paused", case_id, "acc_1")
    assert notice.statement["observations"] == [
        "More than 120 pauses between your requests in a row had the same length."
    ]
    assert notice.statement["until"] == "2026-11-26T09:00:00Z"
    assert notice.statement["puid"] == notice.id


def test_a_verdict_taken_in_twice_is_told_once(house):
    house.take(payload())
    house.take(payload())
    assert occasions(house) == ["paused"]


def test_a_later_verdict_changes_nothing_of_why_it_was_paused(house):
    case_id = house.take(payload(reasons=[RUN])).case_id
    first = notices(house)[0].statement["observations"]
    house.take(payload(offset=8, reasons=[], events=9), MONDAY + HOUR)
    house.decide(case_id, Choice.UPHOLD, MONDAY + 2 * HOUR)
    (_, upheld) = notices(house)
    assert upheld.occasion == "upheld"
    assert upheld.statement["observations"] == first
    assert upheld.statement["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"
    assert upheld.statement["end_date_service_restriction"] == "2026-12-23"


def test_a_restore_says_the_cause_and_what_was_made_good(house):
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + 5 * HOUR, code=ReasonCode.OWN_DEVICES)
    restored = notices(house)[1]
    assert restored.occasion == "restored"
    assert restored.statement is None
    assert restored.facts["reason_code"] == "own_devices"
    assert restored.facts["made_good"]["seconds"] == 5 * 3600


def test_a_decision_is_told_only_once_it_is_carried_out(house):
    house.policy = ReviewPolicy(grace=HOUR)
    case_id = house.take(payload()).case_id
    house.decide(case_id)
    assert occasions(house) == ["paused"]


def test_who_felt_nothing_is_told_nothing(house):
    case_id = house.take(payload(action="review", response="none")).case_id
    house.decide(case_id)
    assert occasions(house) == []


@pytest.mark.parametrize("response", ["hold", "challenge"])
def test_a_measure_is_told_as_what_it_is(house, response):
    house.take(payload(action="review", response=response))
    (notice,) = notices(house)
    assert notice.occasion == {"hold": "speed_held", "challenge": "challenged"}[response]
    assert notice.facts["until"] > MONDAY.isoformat()
    assert notice.statement is None


def test_a_question_is_told_in_its_own_words(house):
    case_id = house.take(payload()).case_id
    with house.database.writers.begin() as session:
        ask_customer(session, step(house, case_id, "Do you work in a team?"), MONDAY)
    assert notices(house)[1].words == "Do you work in a team?"


def test_an_extension_is_told_with_the_new_end(house):
    case_id = house.take(payload()).case_id
    with house.database.writers.begin() as session:
        extend_pause(session, step(house, case_id), MONDAY + DAY, house.policy)
    extended = notices(house)[1]
    assert (extended.occasion, extended.statement["until"]) == ("extended", "2026-11-28T09:00:00Z")


def test_the_newest_statement_of_an_account_is_the_one_it_was_sent_last(house):
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    with house.database.readers.begin() as session:
        assert latest_statement(session, "acc_1").lifts_itself is False
        assert latest_statement(session, "acc_2") is None


def test_the_same_event_is_told_once_however_often_it_is_said(house):
    case_id = house.take(payload()).case_id
    with house.database.writers.begin() as session:
        case = session.get_one(Case, case_id)
        assert notify(session, Occasion.PAUSED, case, MONDAY) is None


def test_a_statement_keeps_to_the_pinned_evidence_whatever_the_wire_said(house):
    strange = msgspec.structs.replace(verdict().reasons[0], code="not_ours", sentence="<b>x</b>")
    house.take(payload(reasons=[strange]))
    assert notices(house)[0].statement["observations"] == []


def test_a_pause_that_nobody_reviewed_is_told_to_be_over_once(house):
    house.take(payload())
    clock = ManualClock(MONDAY + 4 * DAY)
    for _ in range(2):
        note_lapses(house.database.writers, clock)
    lapsed = notices(house)[-1]
    assert occasions(house) == ["paused", "lapsed"]
    assert lapsed.facts["confirmed"] is False


def test_the_end_of_a_confirmed_pause_is_not_told_as_a_lapse_for_want_of_a_reviewer(house):
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD)
    note_lapses(house.database.writers, ManualClock(MONDAY + 40 * DAY))
    assert notices(house)[-1].occasion == "lapsed"
    assert notices(house)[-1].facts["confirmed"] is True


@pytest.mark.parametrize(
    ("choice", "answer"),
    [(Choice.RESTORE, "appeal_overturned"), (Choice.UPHOLD, "appeal_upheld")],
)
def test_an_appeal_is_told_to_have_arrived_and_answered_once_in_words(house, choice, answer):
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD)
    with house.database.writers.begin() as session:
        case = locked_case(session, case_id, MONDAY)
        file_appeal(
            session, case, "I was awake.", by="customer", now=MONDAY + HOUR, policy=house.policy
        )
    said = "You <b>were</b>."
    house.decide(case_id, choice, MONDAY + DAY, reviewer="bo", answer=said)
    assert occasions(house) == ["paused", "upheld", "appeal_received", answer]
    assert notices(house)[-1].words == said
