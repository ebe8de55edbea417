"""The guarantee monitor: it falls back when audits speak against it, and only then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from access.vocabulary import Refusal
from detectors.betting import ALARM
from detectors.verdict import Action, Response
from review_api.errors import BadRequestError, PromiseUnchangedError
from review_api.intake import Intake
from review_api.intervals import BEGINNING, MONTH
from review_api.monitors.evidence import Audit, doubt
from review_api.monitors.promise import ACTOR, promise_of, trust, watch_promise
from review_api.monitors.records import PromiseChange
from review_api.monitors.vocabulary import PromiseStanding
from review_api.notices.records import Notice
from review_api.notices.vocabulary import Occasion
from review_api.quality.audited import reviewed_months
from review_api.quality.vocabulary import Way
from review_api.vocabulary import CaseEventKind, Choice, ReasonCode
from streams.clock import ManualClock
from tests.verdicts import DAY, HOUR, MONDAY, payload

MINUTE = timedelta(minutes=1)


def promise(house):
    with house.database.readers.begin() as session:
        return promise_of(session, house.policy)


def watch(house, now=MONDAY):
    return watch_promise(house.database.writers, ManualClock(now), house.policy)


def changes(house):
    with house.database.readers.begin() as session:
        found = select(PromiseChange.standing).order_by(PromiseChange.id)
        return list(session.scalars(found))


def trust_again(house, now=MONDAY + HOUR, why="Rolled back to m0."):
    with house.database.writers.begin() as session:
        trust(session, actor="lea", why=why, now=now, policy=house.policy)


@pytest.fixture
def doubted(house):
    for number in (1, 2):
        house.audit(number, paused=True)
    assert promise(house).standing is PromiseStanding.IN_DOUBT
    return house


def test_of_no_audit_nothing_is_known_and_nothing_is_in_doubt(house):
    for number in range(3):
        house.take(payload(f"acc_{number}", offset=number), MONDAY)
    stands = promise(house)
    assert stands.nothing_known
    assert (stands.standing, stands.doubt.e_value) == (PromiseStanding.TRUSTED, 1.0)
    assert watch(house) == 0


def test_restored_pauses_that_no_audit_drew_are_no_evidence(house):
    for number in range(6):
        case_id = house.take(payload(f"acc_{number}", offset=number), MONDAY).case_id
        house.decide(case_id, Choice.RESTORE)
    assert promise(house).nothing_known
    assert changes(house) == []


def test_audits_that_find_honest_accounts_unpaused_strengthen_the_promise(house):
    for number in range(4):
        house.audit(number)
    stands = promise(house)
    assert (stands.doubt.judged, stands.doubt.wrongful) == (4, 0)
    assert stands.doubt.e_value < 1.0


def test_paused_accounts_that_the_audit_confirms_are_no_evidence_against_it(house):
    for number in range(4):
        house.audit(number, paused=True, honest=False)
    assert promise(house).nothing_known
    assert watch(house) == 0


def test_one_wrongful_pause_alone_is_no_doubt_as_it_may_be_the_reviewers_mistake(house):
    house.audit(1, paused=True)
    assert promise(house).doubt.e_value > ALARM
    assert (watch(house), changes(house)) == (0, [])


def test_the_decision_that_proves_the_second_wrongful_pause_puts_it_in_doubt_at_once(house):
    house.audit(1, paused=True)
    house.audit(2, paused=True)
    change = promise(house).change
    assert (change.standing, change.actor) == (PromiseStanding.IN_DOUBT, ACTOR)
    assert (change.judged, change.wrongful) == (2, 2)
    assert len(promise(house).doubt.against) == 2
    assert change.e_value >= ALARM
    assert "2 of 2 audited honest account-months" in change.why


def test_what_no_decision_saw_the_duty_does_and_it_writes_once(house):
    generous = replace(house.policy, pause_budget=0.5)
    house.policy, strict = generous, house.policy
    for number in (1, 2):
        house.audit(number, paused=True)
    assert (watch(house), changes(house)) == (0, [])
    house.policy = strict
    assert [watch(house), watch(house)] == [1, 0]
    assert changes(house) == [PromiseStanding.IN_DOUBT]


def test_while_in_doubt_a_speed_hold_is_taken_where_a_pause_was_asked(doubted):
    result = doubted.take(payload("acc_9", offset=90), MONDAY + HOUR)
    assert (result.intake, result.refusal) == (Intake.HELD, Refusal.PROMISE_IN_DOUBT)
    access = doubted.access(MONDAY + HOUR, "acc_9")
    assert (access.paused, access.challenge) == (False, None)
    assert access.speed_hold.until == MONDAY + HOUR + doubted.policy.hold_for
    assert doubted.thread(result.case_id) == [
        CaseEventKind.OPENED, CaseEventKind.PAUSE_WITHHELD, CaseEventKind.MEASURE_TAKEN,
    ]  # fmt: skip
    withheld = doubted.view(result.case_id).events[1]
    assert withheld.detail["refusal"] == "promise_in_doubt"


def test_the_customer_hears_of_a_hold_as_of_any_hold(doubted):
    case_id = doubted.take(payload("acc_9", offset=90), MONDAY + HOUR).case_id
    with doubted.database.readers.begin() as session:
        told = session.scalars(select(Notice.occasion).where(Notice.case_id == case_id)).all()
    assert told == [Occasion.SPEED_HELD]


def test_holds_and_challenges_are_taken_as_ever_while_in_doubt(doubted):
    for number, (asked, done) in enumerate(
        [(Response.HOLD, Intake.HELD), (Response.CHALLENGE, Intake.CHALLENGED)], start=50
    ):
        asks = payload(f"acc_{number}", action=Action.REVIEW, response=asked, offset=number)
        result = doubted.take(asks, MONDAY + HOUR)
        assert (result.intake, result.refusal) == (done, None)


def test_a_pause_that_stands_is_left_to_reviewers(house):
    case_id = house.take(payload("acc_7", offset=70), MONDAY).case_id
    for number in (1, 2):
        house.audit(number, paused=True)
    assert house.access(MONDAY + HOUR, "acc_7").paused
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    assert house.access(MONDAY + DAY, "acc_7").paused


def test_a_hold_that_is_spent_is_not_taken_twice_and_still_nobody_is_paused(doubted):
    for offset in (90, 91):
        last = doubted.take(payload("acc_9", offset=offset), MONDAY + offset * MINUTE)
    assert (last.intake, last.refusal) == (Intake.REVIEW, Refusal.PROMISE_IN_DOUBT)
    assert doubted.thread(last.case_id)[-2:] == [
        CaseEventKind.PAUSE_WITHHELD, CaseEventKind.MEASURE_WITHHELD,
    ]  # fmt: skip
    assert not doubted.access(MONDAY + DAY, "acc_9").paused


def test_nobody_is_paused_later_by_itself_when_the_promise_is_trusted_again(doubted):
    doubted.take(payload("acc_9", offset=90), MONDAY + HOUR)
    trust_again(doubted, MONDAY + 2 * HOUR)
    assert not doubted.access(MONDAY + 3 * HOUR, "acc_9").paused


def test_it_never_comes_back_by_itself(doubted):
    for number in range(10, 14):
        doubted.audit(number, MONDAY + number * DAY)
    assert watch(doubted, MONDAY + 90 * DAY) == 0
    late = doubted.take(payload("acc_9", offset=90), MONDAY + 90 * DAY)
    assert late.intake is Intake.HELD


def test_a_person_ends_the_doubt_with_a_reason_and_the_machine_may_pause_again(doubted):
    trust_again(doubted)
    stands = promise(doubted)
    assert (stands.change.actor, stands.change.why) == ("lea", "Rolled back to m0.")
    assert doubted.take(payload("acc_9", offset=90), MONDAY + DAY).intake is Intake.PAUSED


def test_trusting_begins_a_new_bet_that_old_audits_and_old_pauses_say_nothing_in(house):
    paused_before = [house.audit(number, paused=True, honest=None) for number in (1, 2, 3)]
    unaudited = house.take(payload("acc_4", offset=400), MONDAY).case_id
    for case_id in paused_before[:2]:
        house.decide(case_id, Choice.RESTORE)
    # Of the third, the audit is not judged yet.
    watch(house)
    trust_again(house)
    house.decide(paused_before[2], Choice.RESTORE, MONDAY + 2 * HOUR)
    audited = house.take(payload("acc_4", action=Action.REVIEW, audit=0.25, offset=401),
                         MONDAY + DAY).case_id  # fmt: skip
    assert audited == unaudited
    house.decide(audited, Choice.RESTORE, MONDAY + DAY)
    stands = promise(house)
    assert stands.nothing_known
    assert stands.doubt.e_value == 1.0
    assert watch(house, MONDAY + DAY) == 0
    for number in (20, 21):
        house.audit(number, MONDAY + 2 * DAY, paused=True)
    assert changes(house) == [
        PromiseStanding.IN_DOUBT, PromiseStanding.TRUSTED, PromiseStanding.IN_DOUBT,
    ]  # fmt: skip


def test_a_promise_that_is_not_in_doubt_cannot_be_trusted_anew(house):
    house.audit(1, paused=True)
    with pytest.raises(PromiseUnchangedError):
        trust_again(house)
    assert promise(house).doubt.wrongful == 1


def test_ending_the_doubt_needs_a_reason(doubted):
    with pytest.raises(BadRequestError, match="a reason"):
        trust_again(doubted, why="  ")
    assert promise(doubted).standing is PromiseStanding.IN_DOUBT


def test_what_nobody_can_tell_counts_neither_way(house):
    for number in (1, 2):
        case_id = house.audit(number, paused=True, honest=None)
        house.decide(case_id, Choice.RESTORE, code=ReasonCode.INSUFFICIENT_EVIDENCE)
    assert promise(house).doubt.path == ()


def test_the_order_in_which_people_work_cannot_call_the_promise_into_doubt(house):
    paused = [house.audit(number, paused=True, honest=None) for number in (1, 2)]
    for number in range(10, 20):
        house.audit(number, honest=None)
    assert promise(house).doubt.waiting == 12
    assert promise(house).doubt.e_value < 1.0
    for case_id in paused:
        house.decide(case_id, Choice.RESTORE)
    at_first = promise(house).doubt
    assert (at_first.judged, at_first.waiting) == (2, 10)
    audits = [Audit(f"c{number}", MONDAY, 0.25, number < 2, judged=True) for number in range(12)]
    in_the_end = doubt(audits, house.policy.pause_budget, 0.25)
    assert at_first.e_value == pytest.approx(in_the_end.e_value)


@pytest.mark.parametrize(("budget", "doubted"), [(0.0, True), (1.0, False)])
def test_a_budget_of_nothing_or_of_everything_keeps_nobody_from_deciding(budget, doubted):
    audits = [Audit(f"c{number}", MONDAY, 0.25, number < 2, judged=True) for number in range(9)]
    assert (doubt(audits, budget, 0.25).e_value >= ALARM) is doubted


def test_a_correction_of_the_decision_corrects_the_evidence(house):
    case_id = house.audit(1, paused=True, honest=False)
    assert promise(house).nothing_known
    house.decide(case_id, Choice.RESTORE, MONDAY + HOUR, reviewer="ben")
    assert promise(house).doubt.wrongful == 1


def test_the_database_itself_refuses_to_change_what_was_said_of_the_promise(doubted):
    with (
        pytest.raises(DatabaseError, match="cannot be changed"),
        doubted.database.engine.begin() as connection,
    ):
        connection.execute(text("DELETE FROM promise_changes"))


def _bet_on(house, pause, draw):
    """Bet on one honest account, paused at the one time and drawn at the other."""
    house.take(payload("acc_1", offset=1), pause)
    look = payload("acc_1", action=Action.REVIEW, audit=0.25, offset=2)
    case_id = house.take(look, draw).case_id
    house.decide(case_id, Choice.RESTORE, draw)
    return promise(house).doubt


def test_a_pause_of_the_month_before_is_no_evidence_of_the_audited_month(house):
    begins = BEGINNING + 693 * MONTH
    assert _bet_on(house, begins - DAY, begins + DAY).wrongful == 0


def test_a_pause_counts_on_every_day_of_the_audited_month(house):
    begins = BEGINNING + 693 * MONTH
    assert _bet_on(house, begins + HOUR, begins + MONTH - HOUR).wrongful == 1


def test_recall_and_precision_count_a_pause_in_its_own_month_only(house):
    begins = BEGINNING + 693 * MONTH
    _bet_on(house, begins - DAY, begins + DAY)
    with house.database.readers.begin() as session:
        found = {one.way: one for one in reviewed_months(session, begins - MONTH)}
    assert not found[Way.AUDIT].reviewed.flagged
    assert found[Way.VERDICT].reviewed.flagged
