from __future__ import annotations

import pytest

from access.models import Account, Measure, PauseLease
from detectors.verdict import Action, Kind, Response
from review_api.errors import BadRequestError, SuppressionNotFoundError
from review_api.intake import Intake
from review_api.models import Case
from review_api.records import OutboxMessage
from review_api.suppressions import (
    SHOWN_AT_MOST,
    SuppressionRequest,
    end_suppression,
    suppress,
    suppressions,
)
from review_api.vocabulary import CaseEventKind
from tests.verdicts import DAY, HOUR, MONDAY, payload


def hold_off(house, now=MONDAY, **more):
    asked = {"account_id": "acc_1", "kind": None, "reason": "A contest.", "days": 7} | more
    with house.database.writers.begin() as session:
        return suppress(session, SuppressionRequest(**asked, actor="lea"), now)


def end(house, suppression_id, now, account="acc_1"):
    with house.database.writers.begin() as session:
        return end_suppression(session, account, suppression_id, actor="ada", now=now)


def seen(offset=8, *, at=MONDAY, **more):
    return payload(offset=offset, occurred_at=at.isoformat(), **more)


@pytest.mark.parametrize("response", list(Response))
def test_while_one_stands_no_verdict_opens_a_case_or_takes_anything(house, response):
    hold_off(house)
    more = {"action": response.action, "response": response}
    if response is Response.NONE:
        more["action"] = Action.REVIEW
    result = house.take(seen(**more))
    assert (result.intake, result.case_id) == (Intake.SUPPRESSED, None)
    assert [house.count(each) for each in (Case, PauseLease, Measure, OutboxMessage)] == [0] * 4


def test_an_open_case_keeps_the_verdict_and_says_that_nothing_was_done(house):
    case_id = house.take(payload(action=Action.REVIEW)).case_id
    suppression = hold_off(house)
    result = house.take(seen())
    assert (result.intake, result.case_id) == (Intake.SUPPRESSED, case_id)
    view = house.view(case_id)
    assert [event.kind for event in view.events] == [
        CaseEventKind.OPENED, CaseEventKind.VERDICT_ADDED, CaseEventKind.SUPPRESSED,
    ]  # fmt: skip
    assert view.events[-1].detail == {"suppression_id": suppression.id}
    assert len(view.evidence) == 2
    assert not house.access().paused


def test_a_closed_case_is_not_opened_again(house):
    case_id = house.take(payload()).case_id
    house.decide(case_id)
    before = house.thread(case_id)
    hold_off(house)
    assert house.take(seen()).case_id is None
    assert house.thread(case_id) == before


def test_it_lifts_nothing_that_was_taken_before(house):
    house.take(payload())
    before = house.access()
    hold_off(house)
    assert house.access() == before


def test_of_one_kind_it_says_nothing_of_the_others(house):
    hold_off(house, kind=Kind.RESELLING)
    assert house.take(seen(kind=Kind.RESELLING)).intake is Intake.SUPPRESSED
    assert house.take(seen()).intake is Intake.PAUSED


def test_of_one_account_it_says_nothing_of_another(house):
    hold_off(house)
    assert house.take(seen(account="acc_2")).intake is Intake.PAUSED


def test_it_ends_by_itself(house):
    hold_off(house, days=1)
    last = MONDAY + DAY - HOUR
    assert house.take(seen(at=last), last).intake is Intake.SUPPRESSED
    over = MONDAY + DAY
    assert house.take(seen(9, at=over), over).intake is Intake.PAUSED


def test_a_person_may_end_it_early(house):
    ended = end(house, hold_off(house).id, MONDAY + HOUR)
    assert (ended.end.at, ended.end.actor) == (MONDAY + HOUR, "ada")
    assert house.take(seen(at=MONDAY + HOUR), MONDAY + HOUR).intake is Intake.PAUSED


def test_ending_it_twice_changes_nothing_and_ending_one_that_lapsed_neither(house):
    first = hold_off(house)
    end(house, first.id, MONDAY + HOUR)
    assert end(house, first.id, MONDAY + DAY).end.at == MONDAY + HOUR
    assert end(house, hold_off(house, days=1).id, MONDAY + 2 * DAY).end is None


def test_only_the_accounts_own_is_ended(house):
    one = hold_off(house)
    for account, name in (("acc_2", one.id), ("acc_1", "none")):
        with pytest.raises(SuppressionNotFoundError):
            end(house, name, MONDAY, account)
    assert house.take(seen()).intake is Intake.SUPPRESSED


def test_one_that_ends_leaves_another_that_stands(house):
    hold_off(house, days=30)
    end(house, hold_off(house).id, MONDAY)
    assert house.take(seen()).intake is Intake.SUPPRESSED


def test_what_happened_while_it_stood_is_not_acted_on_when_it_comes_late_or_again(house):
    hold_off(house, days=1)
    assert house.take(seen()).intake is Intake.SUPPRESSED
    assert house.take(seen(), MONDAY + 9 * DAY).intake is Intake.SUPPRESSED


def test_what_happened_before_it_is_not_acted_on_while_it_stands(house):
    hold_off(house)
    assert house.take(seen(at=MONDAY - DAY)).intake is Intake.SUPPRESSED


def test_a_verdict_taken_in_before_is_known_as_before(house):
    house.take(payload())
    hold_off(house)
    assert house.take(payload()).intake is Intake.REPEATED


def test_an_account_never_heard_of_may_be_suppressed(house):
    hold_off(house, account_id="new")
    assert house.count(Account) == 1
    assert house.take(seen(account="new")).intake is Intake.SUPPRESSED


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"days": 367}, {"reason": " "}, {"reason": "x" * 501}]
)
def test_without_an_end_in_sight_or_a_reason_there_is_none(house, wrong):
    with pytest.raises(BadRequestError):
        hold_off(house, **wrong)
    assert house.take(seen()).intake is Intake.PAUSED


def test_the_list_shows_the_newest_first_and_not_without_limit(house):
    for day in range(SHOWN_AT_MOST + 1):
        hold_off(house, MONDAY + day * DAY)
    with house.database.readers.begin() as session:
        shown = suppressions(session, "acc_1")
        assert len(shown) == SHOWN_AT_MOST
        assert shown[0].since == MONDAY + SHOWN_AT_MOST * DAY
        assert suppressions(session, "acc_2") == []
