from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from access.models import Account
from access.reading import access_of
from access.vocabulary import Entitlement
from detectors.verdict import Action, Kind
from review_api.decisions import Ruling, decide
from review_api.errors import (
    BadRequestError,
    CaseChangedError,
    CaseNotFoundError,
    MoveRefusedError,
    ReviewError,
)
from review_api.labels import label_set
from review_api.models import Decision
from review_api.vocabulary import CaseEventKind, CaseStatus, Choice, Outcome, ReasonCode
from tests.house import POLICY
from tests.verdicts import DAY, HOUR, MONDAY, payload


@pytest.fixture
def case_id(house):
    """Give a case that pauses ``acc_1``."""
    return house.take(payload()).case_id


def decisions(house):
    return house.count(Decision)


def test_a_restore_gives_access_back_exactly_as_it_was(house):
    before = house.access()
    house.decide(house.take(payload()).case_id)
    assert house.access() == before


def test_a_restore_is_announced_with_everything_working(house, case_id):
    house.decide(case_id, now=MONDAY + HOUR)
    *_, (topic, key, change) = house.outbox()
    assert (topic, key) == ("access-changes", "acc_1")
    assert (change["paused"], change["until"], change["reason"]) == (False, None, None)
    assert change["still_works"] == ["monthly_quota", "credits"]
    assert (change["change"], change["at"]) == (2, "2026-11-23T10:00:00Z")


def test_a_restore_closes_the_case_and_says_who_and_why(house, case_id):
    house.decide(case_id, now=MONDAY + HOUR)
    view = house.view(case_id)
    assert view.status is CaseStatus.RESTORED
    assert view.case.closed_at == MONDAY + HOUR
    assert [event.kind for event in view.events[-2:]] == [
        CaseEventKind.DECIDED,
        CaseEventKind.MADE_GOOD,
    ]
    decision = view.decisions[0]
    assert (decision.reviewer, decision.rationale) == ("ana", "Looked at every job.")
    assert (view.pause.restored, view.pause.in_force, view.pause.lapsed) == (True, False, False)


def test_restoring_a_case_that_paused_nobody_announces_nothing(house):
    house.decide(house.take(payload(action=Action.REVIEW)).case_id)
    assert house.outbox() == []


def test_restoring_after_the_pause_lapsed_announces_nothing(house, case_id):
    house.decide(case_id, now=MONDAY + 9 * DAY)
    assert len(house.outbox()) == 1
    assert house.thread(case_id)[-3:] == [
        CaseEventKind.LEASE_LAPSED,
        CaseEventKind.DECIDED,
        CaseEventKind.MADE_GOOD,
    ]
    assert house.view(case_id, MONDAY + 9 * DAY).pause.lapsed


def test_restoring_one_case_leaves_the_pause_another_case_took(house, case_id):
    other = house.take(payload(kind=Kind.RESELLING)).case_id
    house.decide(other)
    assert house.access().pause.case_id == case_id
    assert house.view(case_id).status is CaseStatus.OPEN


def test_an_uphold_keeps_the_pause_for_its_stated_time(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    end = MONDAY + HOUR + POLICY.uphold_for
    assert house.access(end - HOUR).pause.until == end
    assert not house.access(end).paused
    assert house.view(case_id).status is CaseStatus.UPHELD


def test_an_uphold_is_announced_with_the_new_end(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    *_, (_, _, change) = house.outbox()
    assert (change["paused"], change["until"]) == (True, "2026-12-23T09:00:00Z")


def test_an_uphold_leaves_credits_usable(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    assert Entitlement.CREDITS in house.access().still_works


def test_upholding_a_case_that_paused_nobody_pauses_nobody(house):
    house.decide(house.take(payload(action=Action.REVIEW)).case_id, Choice.UPHOLD)
    assert not house.access().paused
    assert house.outbox() == []


def test_upholding_after_the_pause_lapsed_pauses_nobody(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + 9 * DAY)
    assert not house.access(MONDAY + 9 * DAY).paused


def test_an_uphold_can_be_corrected_by_a_restore(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    house.decide(case_id, now=MONDAY + DAY)
    assert house.view(case_id).status is CaseStatus.RESTORED
    assert not house.access(MONDAY + DAY).paused


@pytest.mark.parametrize("choice", Choice)
def test_a_restored_case_cannot_be_decided_again(house, case_id, choice):
    house.decide(case_id)
    with pytest.raises(MoveRefusedError, match="restored"):
        house.decide(case_id, choice)
    assert decisions(house) == 1
    assert not house.access().paused


def test_an_upheld_case_cannot_be_upheld_again(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    with pytest.raises(MoveRefusedError):
        house.decide(case_id, Choice.UPHOLD, MONDAY + DAY)
    assert house.access().pause.until == MONDAY + POLICY.uphold_for


def test_a_decision_on_an_older_version_is_refused_and_told_the_newer(house, case_id):
    house.take(payload(offset=8), MONDAY + HOUR)
    with pytest.raises(CaseChangedError) as caught:
        house.decide(case_id, version=2)
    assert caught.value.current_version == 4
    assert house.access().paused
    assert decisions(house) == 0


def test_a_decision_on_a_version_yet_to_come_is_refused(house, case_id):
    with pytest.raises(CaseChangedError):
        house.decide(case_id, version=99)


def test_a_decision_on_a_case_that_is_not_there_is_refused(house):
    with pytest.raises(CaseNotFoundError):
        house.decide("none", version=1)


@pytest.mark.parametrize(
    ("choice", "outcome", "code"),
    [
        (Choice.UPHOLD, Outcome.FALSE_POSITIVE, ReasonCode.SIGNALS_MISREAD),
        (Choice.RESTORE, Outcome.CONFIRMED, ReasonCode.AUTOMATION_CONFIRMED),
        (Choice.RESTORE, Outcome.BENIGN, ReasonCode.SIGNALS_MISREAD),
        (Choice.UPHOLD, Outcome.CONFIRMED, ReasonCode.GOODWILL),
    ],
)
def test_a_decision_that_contradicts_itself_is_refused(house, case_id, choice, outcome, code):
    ruling = Ruling(choice, outcome, code, "Because.", 2)
    with pytest.raises(BadRequestError), house.database.writers.begin() as session:
        decide(session, case_id, ruling, reviewer="ana", now=MONDAY, policy=POLICY)
    assert house.access().paused


def test_a_decision_without_a_reason_in_words_is_refused(house, case_id):
    ruling = Ruling(Choice.RESTORE, Outcome.BENIGN, ReasonCode.OWN_DEVICES, " \n ", 2)
    with pytest.raises(BadRequestError), house.database.writers.begin() as session:
        decide(session, case_id, ruling, reviewer="ana", now=MONDAY, policy=POLICY)
    assert house.access().paused


def test_deciding_changes_nothing_about_the_account(house, case_id):
    def row():
        with house.database.readers.begin() as session:
            account = session.get_one(Account, "acc_1")
            return account.plan, account.first_seen

    before = row()
    house.decide(case_id, Choice.UPHOLD)
    house.decide(case_id)
    assert row() == before


def _at_once(*jobs):
    """Run the jobs at the same moment, each in a thread; give what each returned or raised."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place, job):
        gate.wait(20)
        try:
            results[place] = job()
        except ReviewError as problem:
            results[place] = problem

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_of_several_reviewers_at_once_exactly_one_decides(house, case_id):
    def restore():
        return house.decide(case_id, version=2)

    def uphold():
        return house.decide(case_id, Choice.UPHOLD, version=2)

    results = _at_once(restore, uphold, restore, uphold, restore)
    assert sum(isinstance(result, Decision) for result in results) == 1
    assert sum(isinstance(result, CaseChangedError) for result in results) == 4
    assert decisions(house) == 1


def test_the_same_verdict_arriving_several_times_at_once_pauses_once(house):
    results = _at_once(*[lambda: house.take(payload()) for _ in range(5)])
    assert sorted(result.intake.value for result in results) == ["paused"] + ["repeated"] * 4
    assert len(house.outbox()) == 1


def test_verdicts_of_all_kinds_at_once_pause_once(house):
    results = _at_once(*[lambda kind=kind: house.take(payload(kind=kind)) for kind in Kind])
    assert sum(result.intake.value == "paused" for result in results) == 1
    assert house.access().paused


def test_a_verdict_and_a_restore_at_once_never_leave_the_account_paused(house, case_id):
    results = _at_once(
        lambda: house.decide(case_id, version=2),
        lambda: house.take(payload(kind=Kind.RESELLING), MONDAY + HOUR),
    )
    assert not any(isinstance(result, ReviewError) for result in results)
    assert not house.access(MONDAY + HOUR).paused


def known(house, by=MONDAY + 99 * DAY):
    with house.database.readers.begin() as session:
        return list(label_set(session, known_by=by).labels)


@pytest.mark.parametrize(
    ("code", "abusive"),
    [
        (ReasonCode.SIGNALS_MISREAD, False),
        (ReasonCode.OFFICIAL_FEATURE, False),
        (ReasonCode.AUTOMATION_CONFIRMED, True),
    ],
)
def test_a_decided_case_is_a_label(house, case_id, code, abusive):
    choice = Choice.UPHOLD if abusive else Choice.RESTORE
    house.decide(case_id, choice, MONDAY + HOUR, code=code)
    (label,) = known(house)
    assert (label.account_id, label.kind, label.abusive) == ("acc_1", Kind.AUTOMATION, abusive)
    assert (label.observed_at, label.known_at) == (MONDAY - HOUR / 1800, MONDAY + HOUR)


@pytest.mark.parametrize("code", [ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.GOODWILL])
def test_an_inconclusive_case_teaches_nothing(house, case_id, code):
    house.decide(case_id, code=code)
    assert known(house) == []


def test_an_open_case_teaches_nothing(house, case_id):
    assert known(house) == []


def test_a_label_is_not_known_before_its_decision(house, case_id):
    house.decide(case_id, now=MONDAY + DAY)
    assert known(house, by=MONDAY + HOUR) == []
    assert len(known(house, by=MONDAY + DAY)) == 1


def test_a_corrected_decision_replaces_its_label_and_the_past_still_shows_the_first(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    house.decide(case_id, now=MONDAY + DAY)
    assert [label.abusive for label in known(house)] == [False]
    assert [label.abusive for label in known(house, by=MONDAY + HOUR)] == [True]


def test_a_confirmed_case_corrected_to_inconclusive_teaches_nothing(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    house.decide(case_id, now=MONDAY + DAY, code=ReasonCode.GOODWILL)
    assert known(house) == []


def test_reading_access_during_a_decision_sees_before_or_after_and_nothing_between(house, case_id):
    with house.database.writers.begin() as writer:
        ruling = Ruling(Choice.RESTORE, Outcome.BENIGN, ReasonCode.OWN_DEVICES, "Two phones.", 2)
        decide(writer, case_id, ruling, reviewer="ana", now=MONDAY, policy=POLICY)
        assert not access_of(writer, "acc_1", MONDAY).paused
        assert house.access().paused
        assert writer.scalar(select(func.count()).select_from(Decision)) == 1
    assert not house.access().paused
