from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from access.models import Account, PauseLease
from access.vocabulary import Entitlement, Refusal
from detectors.verdict import Action, Kind
from review_api.intake import Intake, intake
from review_api.models import Case, Evidence
from review_api.notices.statement import LOOKED_AS
from review_api.records import OutboxMessage
from review_api.vocabulary import CaseEventKind
from tests.house import POLICY
from tests.review_api.test_parsing import UNREADABLE
from tests.verdicts import DAY, HOUR, MONDAY, payload, verdict


def test_a_pause_verdict_opens_a_case_and_pauses_the_monthly_quota(house):
    result = house.take(payload())
    access = house.access()
    assert result.intake is Intake.PAUSED
    assert access.pause.entitlement is Entitlement.MONTHLY_QUOTA
    assert access.pause.until == MONDAY + POLICY.pause_for
    assert access.pause.case_id == result.case_id
    assert access.pause.reason == LOOKED_AS[Kind.AUTOMATION]
    assert house.thread(result.case_id) == [CaseEventKind.OPENED, CaseEventKind.PAUSED]


def test_a_pause_leaves_credits_usable(house):
    house.take(payload())
    assert house.access().still_works == (Entitlement.CREDITS,)


def test_a_pause_is_announced_with_what_still_works(house):
    result = house.take(payload())
    assert house.outbox() == [
        (
            "access-changes",
            "acc_1",
            {
                "schema": 2,
                "account_id": "acc_1",
                "entitlement": "monthly_quota",
                "paused": True,
                "since": "2026-11-23T09:00:00Z",
                "until": "2026-11-26T09:00:00Z",
                "reason": LOOKED_AS[Kind.AUTOMATION],
                "case_id": result.case_id,
                "change": 1,
                "still_works": ["credits"],
                "at": "2026-11-23T09:00:00Z",
                "speed_hold": None,
                "challenge": None,
            },
        )
    ]


def test_the_whole_verdict_is_kept_byte_for_byte(house):
    sent = payload()
    house.take(sent)
    with house.database.readers.begin() as session:
        kept = session.scalars(select(Evidence)).one()
    assert kept.payload.encode() == sent
    assert (kept.model_version, kept.view_fingerprint) == ("m1", "f00d")
    assert (kept.log_topic, kept.log_partition, kept.log_offset) == ("usage-events", 0, 7)


def test_an_allow_verdict_does_nothing_at_all(house):
    assert house.take(payload(action=Action.ALLOW)).intake is Intake.NOTHING
    assert [house.count(table) for table in (Account, Case, PauseLease, OutboxMessage)] == [0] * 4


def test_an_allow_verdict_leaves_an_open_case_alone(house):
    case_id = house.take(payload()).case_id
    house.take(payload(action=Action.ALLOW, offset=8))
    assert house.thread(case_id) == [CaseEventKind.OPENED, CaseEventKind.PAUSED]


def test_a_review_verdict_opens_a_case_and_pauses_nobody(house):
    result = house.take(payload(action=Action.REVIEW))
    assert result.intake is Intake.REVIEW
    assert not house.access().paused
    assert house.count(PauseLease) == house.count(OutboxMessage) == 0


def test_a_verdict_delivered_twice_changes_nothing_the_second_time(house):
    first = house.take(payload())
    assert house.take(payload(), MONDAY + HOUR).intake is Intake.REPEATED
    assert house.thread(first.case_id) == [CaseEventKind.OPENED, CaseEventKind.PAUSED]
    assert house.access().pause.until == MONDAY + POLICY.pause_for
    assert house.count(OutboxMessage) == 1


def test_the_same_verdict_does_not_pause_again_after_a_person_restored(house):
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + HOUR)
    assert house.take(payload(), MONDAY + 30 * DAY).intake is Intake.REPEATED
    assert not house.access(MONDAY + 30 * DAY).paused


def test_a_new_verdict_the_day_after_a_restore_asks_for_review_only(house):
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + HOUR)
    result = house.take(payload(offset=8), MONDAY + DAY)
    assert result.intake is Intake.REVIEW
    assert result.refusal is Refusal.RESTORED_BY_PERSON
    assert result.case_id != case_id
    assert not house.access(MONDAY + DAY).paused
    assert house.thread(result.case_id)[-1] is CaseEventKind.PAUSE_WITHHELD


def test_a_restore_holds_off_verdicts_of_every_kind(house):
    house.decide(house.take(payload(kind=Kind.RESELLING)).case_id)
    assert house.take(payload(offset=8), MONDAY + DAY).refusal is Refusal.RESTORED_BY_PERSON


def test_restoring_a_case_that_paused_nobody_holds_the_machine_off_too(house):
    house.decide(house.take(payload(action=Action.REVIEW)).case_id)
    assert house.take(payload(offset=8), MONDAY + DAY).refusal is Refusal.RESTORED_BY_PERSON


def test_the_machine_may_pause_again_when_the_time_of_grace_is_over(house):
    house.decide(house.take(payload()).case_id)
    later = MONDAY + POLICY.clear_for
    assert (
        house.take(payload(offset=8, occurred_at=later.isoformat()), later).intake is Intake.PAUSED
    )
    assert house.access(later).paused


def test_a_restore_of_one_account_says_nothing_of_another(house):
    house.decide(house.take(payload()).case_id)
    assert house.take(payload("acc_2", offset=8)).intake is Intake.PAUSED
    assert not house.access(account="acc_1").paused


def test_a_pause_nobody_reviewed_lifts_itself(house):
    house.take(payload())
    end = MONDAY + POLICY.pause_for
    assert house.access(end - HOUR).paused
    assert not house.access(end).paused


def test_a_lapsed_pause_is_not_taken_again_by_later_verdicts_on_the_same_case(house):
    case_id = house.take(payload()).case_id
    later = MONDAY + POLICY.pause_for + HOUR
    result = house.take(payload(offset=8), later)
    assert result.case_id == case_id
    assert result.refusal is Refusal.LEASE_SPENT
    assert not house.access(later).paused
    assert house.thread(case_id)[2:] == [
        CaseEventKind.LEASE_LAPSED,
        CaseEventKind.VERDICT_ADDED,
        CaseEventKind.PAUSE_WITHHELD,
    ]


def test_a_lapse_is_written_into_the_thread_once(house):
    case_id = house.take(payload()).case_id
    for offset in (8, 9):
        house.take(payload(offset=offset), MONDAY + 10 * DAY)
    assert house.thread(case_id).count(CaseEventKind.LEASE_LAPSED) == 1


def test_a_second_pause_verdict_neither_pauses_twice_nor_moves_the_end(house):
    case_id = house.take(payload()).case_id
    again = house.take(payload(offset=8), MONDAY + HOUR)
    assert (again.case_id, again.refusal) == (case_id, Refusal.LEASE_SPENT)
    assert house.access().pause.until == MONDAY + POLICY.pause_for


def test_a_verdict_of_another_kind_opens_its_own_case_under_the_standing_pause(house):
    first = house.take(payload())
    second = house.take(payload(kind=Kind.RESELLING), MONDAY + HOUR)
    assert second.case_id != first.case_id
    assert second.refusal is Refusal.ALREADY_PAUSED
    assert house.access(MONDAY + HOUR).pause.case_id == first.case_id
    assert house.count(PauseLease) == 1


def test_a_review_verdict_never_lifts_or_lengthens_a_pause(house):
    house.take(payload())
    before = house.access()
    house.take(payload(action=Action.REVIEW, offset=8), MONDAY + HOUR)
    assert house.access() == before


def test_an_account_never_heard_of_may_use_everything(house):
    access = house.access(account="nobody")
    assert not access.paused
    assert set(access.still_works) == set(Entitlement)
    assert house.count(Account) == 0


def test_an_account_is_remembered_from_its_first_verdict(house):
    house.take(payload())
    house.take(payload(offset=8), MONDAY + DAY)
    with house.database.readers.begin() as session:
        account = session.get_one(Account, "acc_1")
    assert (account.first_seen, account.plan) == (MONDAY, None)


def test_a_failure_before_the_commit_leaves_no_trace(house):
    with pytest.raises(RuntimeError), house.database.writers.begin() as session:  # noqa: PT012 - the failure must come inside the transaction
        intake(session, payload(), MONDAY, POLICY)
        raise RuntimeError
    assert [house.count(table) for table in (Account, Case, PauseLease, OutboxMessage)] == [0] * 4
    assert house.take(payload()).intake is Intake.PAUSED


def test_an_unreadable_verdict_comes_back_as_a_dead_letter_and_leaves_no_trace(house):
    for name, body in UNREADABLE.items():
        result = house.take(body)
        assert result.intake is Intake.DEAD_LETTER, name
        assert result.dead_letter
    assert house.count(Account) == 0


def test_a_dead_letter_does_not_disturb_the_verdicts_around_it(house):
    with house.database.writers.begin() as session:
        results = [
            intake(session, body, MONDAY, POLICY)
            for body in (payload(), b"{", payload("acc_2"), payload(occurred_at="x", offset=9))
        ]
    assert [result.intake.value for result in results] == [
        "paused", "dead_letter", "paused", "dead_letter",
    ]  # fmt: skip
    assert house.access(account="acc_2").paused


def test_awkward_but_valid_verdicts_are_taken_in(house):
    far = payload("ключ 日本 ' ; --", occurred_at="9999-12-31T23:59:59Z", offset=2**63 - 1)
    assert house.take(far).intake is Intake.PAUSED
    assert house.access(account="ключ 日本 ' ; --").paused
    unknown = msgspec.json.encode({**msgspec.to_builtins(verdict("acc_3")), "new_field": [1]})
    assert house.take(unknown).intake is Intake.PAUSED


anything = st.text(max_size=140)
fields = st.fixed_dictionaries(
    {"account_id": anything, "model_version": anything, "topic": anything},
    optional={"offset": st.integers(), "partition": st.integers(), "abuse": st.floats()},
)


@given(fields)
@settings(
    max_examples=60,
    deadline=None,  # two shared cores
    # Every example works in a transaction of its own that is rolled back.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_verdict_whatever_it_says_stops_the_line(database, said):
    try:
        body = payload(**said)
    except UnicodeEncodeError:
        return  # a lone surrogate cannot be sent
    with database.writers() as session:
        assert intake(session, body, MONDAY, POLICY).intake in {Intake.PAUSED, Intake.DEAD_LETTER}
