"""What a person may do to a case short of deciding it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from review_api import steps
from review_api.errors import BadRequestError, CaseChangedError, MoveRefusedError
from review_api.steps import Step
from review_api.threads import waits_for_customer
from review_api.vocabulary import CaseEventKind, CaseStatus, Choice
from tests.house import POLICY
from tests.verdicts import DAY, HOUR, MONDAY, payload


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id


def take(house, deed, case_id, *more, words="Look again.", version=2, now=MONDAY + HOUR):
    with house.database.writers.begin() as session:
        return deed(session, Step(case_id, version, words, "ana"), now, *more)


def waits(house, case_id):
    with house.database.readers.begin() as session:
        return waits_for_customer(session.merge(house.view(case_id).case, load=False))


def test_a_note_changes_nothing_but_the_thread(house, case_id):
    before = house.access()
    take(house, steps.note, case_id, words="  Wrote to support. ")
    assert house.access() == before
    assert house.view(case_id).events[-1].detail == {"words": "Wrote to support."}


def test_a_question_waits_for_its_answer_and_pauses_nothing_longer(house, case_id):
    until = house.access().pause.until
    take(house, steps.ask_customer, case_id, words="Do you use a plug-in?")
    assert house.view(case_id).status is CaseStatus.OPEN
    with pytest.raises(MoveRefusedError, match="has not answered"):
        take(house, steps.ask_customer, case_id, version=3)
    with house.database.writers.begin() as session:
        steps.answer_question(session, case_id, "Yes, the official one.", MONDAY + 2 * HOUR)
    assert house.view(case_id).events[-1].actor == "customer"
    assert house.access().pause.until == until
    take(house, steps.ask_customer, case_id, version=4)


def test_an_answer_needs_a_question(house, case_id):
    with (
        house.database.writers.begin() as session,
        pytest.raises(MoveRefusedError, match="no question waits"),
    ):
        steps.answer_question(session, case_id, "Hello?", MONDAY)


def test_a_pause_waits_longer_at_most_twice_and_it_is_announced(house, case_id):
    for version in (2, 3):
        take(house, steps.extend_pause, case_id, POLICY, version=version)
    assert house.access().pause.until == MONDAY + 3 * DAY + 2 * POLICY.extend_for
    assert len(house.outbox()) == 3
    with pytest.raises(MoveRefusedError, match="may not be again"):
        take(house, steps.extend_pause, case_id, POLICY, version=4)


def test_a_pause_that_lapsed_is_not_extended(house, case_id):
    with pytest.raises(MoveRefusedError, match="pauses nobody"):
        take(house, steps.extend_pause, case_id, POLICY, now=MONDAY + 9 * DAY)
    assert not house.access(MONDAY + 9 * DAY).paused


def test_a_case_handed_to_the_leads_stays_open(house, case_id):
    take(house, steps.escalate, case_id)
    assert house.view(case_id).status is CaseStatus.OPEN
    assert house.thread(case_id)[-1] is CaseEventKind.ESCALATED


@pytest.mark.parametrize("deed", [steps.ask_customer, steps.escalate])
def test_a_decided_case_waits_for_nobody(house, case_id, deed):
    house.decide(case_id, Choice.UPHOLD)
    with pytest.raises(MoveRefusedError, match="waits for nobody"):
        take(house, deed, case_id, version=3)


def test_an_open_case_cannot_be_opened_again(house, case_id):
    with pytest.raises(MoveRefusedError, match="the case is open"):
        take(house, steps.reopen, case_id)


@pytest.mark.parametrize("deed", [steps.note, steps.ask_customer, steps.escalate, steps.reopen])
def test_a_step_needs_words_and_the_version_that_was_read(house, case_id, deed):
    for words in ("", " \n ", "x" * 4001):
        with pytest.raises(BadRequestError, match="in words"):
            take(house, deed, case_id, words=words)
    with pytest.raises(CaseChangedError):
        take(house, deed, case_id, version=1)
    assert len(house.view(case_id).events) == 2


def test_extending_does_not_shorten_what_another_step_left(house, case_id):
    until = house.access().pause.until
    take(house, steps.extend_pause, case_id, POLICY, now=MONDAY + timedelta(minutes=1))
    assert house.access().pause.until > until
