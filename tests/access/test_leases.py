from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from access.errors import NeverPausableError
from access.leases import Hand, PauseRequest, extend, lease_of, lease_state, restore, take_pause
from access.models import Account, Clearance, LeaseEvent, PauseLease
from access.reading import access_of
from access.vocabulary import Entitlement, LeaseEventKind, Refusal
from tests.verdicts import DAY, HOUR, MONDAY


def request(case_id="c1", *, account="a", until=MONDAY + 3 * DAY, **more):
    return PauseRequest(
        account_id=account, case_id=case_id, reason="why", until=until, actor="intake", **more
    )


def hand(case_id="c1", account="a"):
    return Hand(account, case_id, "ana")


@pytest.fixture
def session(database):
    with database.writers.begin() as session:
        yield session


def kinds(session, case_id="c1"):
    return [event.kind for event in lease_of(session, case_id).events]


def test_a_lease_pauses_from_when_it_is_taken_until_just_before_its_end(session):
    lease = take_pause(session, request(), MONDAY)
    state = lease_state(lease.events)
    assert state.pauses(MONDAY)
    assert state.pauses(MONDAY + 3 * DAY - timedelta(microseconds=1))
    assert not state.pauses(MONDAY + 3 * DAY)


def test_credits_cannot_be_paused(session):
    with pytest.raises(NeverPausableError):
        take_pause(session, request(entitlement=Entitlement.CREDITS), MONDAY)
    assert session.scalar(select(func.count()).select_from(PauseLease)) == 0


def test_a_pause_changes_nothing_about_the_account_but_its_monthly_quota(session):
    session.add(Account(id="a", plan="pro", first_seen=MONDAY - 90 * DAY))
    session.flush()
    before = access_of(session, "a", MONDAY)
    take_pause(session, request(), MONDAY)
    after = access_of(session, "a", MONDAY)
    session.expire_all()
    account = session.get_one(Account, "a")
    assert (account.plan, account.first_seen) == ("pro", MONDAY - 90 * DAY)
    assert set(before.still_works) - set(after.still_works) == {Entitlement.MONTHLY_QUOTA}


def test_a_pause_of_one_account_is_not_a_pause_of_another(session):
    take_pause(session, request(), MONDAY)
    assert not access_of(session, "b", MONDAY).paused
    assert not access_of(session, "A", MONDAY).paused


def test_a_case_pauses_once(session):
    take_pause(session, request(), MONDAY)
    assert take_pause(session, request(until=MONDAY + 9 * DAY), MONDAY) is Refusal.LEASE_SPENT
    assert access_of(session, "a", MONDAY).pause.until == MONDAY + 3 * DAY


def test_a_second_case_does_not_pause_what_is_paused(session):
    take_pause(session, request("c1"), MONDAY)
    assert take_pause(session, request("c2"), MONDAY) is Refusal.ALREADY_PAUSED
    assert lease_of(session, "c2") is None


def test_a_second_case_may_pause_once_the_first_lease_has_lapsed(session):
    take_pause(session, request("c1"), MONDAY)
    later = MONDAY + 3 * DAY
    lease = take_pause(session, request("c2", until=later + DAY), later)
    assert lease.case_id == "c2"
    assert kinds(session, "c1") == [LeaseEventKind.TAKEN, LeaseEventKind.EXPIRED]
    assert access_of(session, "a", later).pause.case_id == "c2"


def test_restoring_lifts_the_pause_at_once(session):
    take_pause(session, request(), MONDAY)
    lifted = restore(session, hand(), MONDAY + HOUR, clear_until=MONDAY + DAY)
    assert lifted.case_id == "c1"
    assert not access_of(session, "a", MONDAY + HOUR).paused
    assert kinds(session) == [LeaseEventKind.TAKEN, LeaseEventKind.RESTORED]


def test_restoring_twice_lifts_once(session):
    take_pause(session, request(), MONDAY)
    restore(session, hand(), MONDAY, clear_until=MONDAY)
    assert restore(session, hand(), MONDAY, clear_until=MONDAY) is None
    assert kinds(session).count(LeaseEventKind.RESTORED) == 1


def test_restoring_one_case_leaves_the_pause_of_another(session):
    take_pause(session, request("c1"), MONDAY)
    take_pause(session, request("c2"), MONDAY)
    assert restore(session, hand("c2"), MONDAY, clear_until=MONDAY) is None
    assert access_of(session, "a", MONDAY).pause.case_id == "c1"


def test_restoring_what_was_never_paused_lifts_nothing_and_still_clears(session):
    assert restore(session, hand(), MONDAY, clear_until=MONDAY + DAY) is None
    assert take_pause(session, request("c2"), MONDAY + HOUR) is Refusal.RESTORED_BY_PERSON


def test_a_clearance_ends_when_it_says(session):
    restore(session, hand(), MONDAY, clear_until=MONDAY + DAY)
    assert isinstance(take_pause(session, request("c2"), MONDAY + DAY), PauseLease)


def test_a_clearance_of_one_account_is_none_of_another(session):
    restore(session, hand(), MONDAY, clear_until=MONDAY + DAY)
    assert isinstance(take_pause(session, request("c2", account="b"), MONDAY), PauseLease)


def test_restoring_after_the_lapse_writes_the_lapse_down_and_not_a_restore(session):
    take_pause(session, request(), MONDAY)
    assert restore(session, hand(), MONDAY + 9 * DAY, clear_until=MONDAY + 10 * DAY) is None
    assert kinds(session) == [LeaseEventKind.TAKEN, LeaseEventKind.EXPIRED]


def test_extending_moves_the_end(session):
    take_pause(session, request(), MONDAY)
    extend(session, hand(), MONDAY + DAY, until=MONDAY + 30 * DAY)
    assert access_of(session, "a", MONDAY + 29 * DAY).pause.until == MONDAY + 30 * DAY
    assert not access_of(session, "a", MONDAY + 30 * DAY).paused


def test_extending_never_moves_the_end_nearer(session):
    take_pause(session, request(), MONDAY)
    assert extend(session, hand(), MONDAY, until=MONDAY + DAY) is None
    assert access_of(session, "a", MONDAY).pause.until == MONDAY + 3 * DAY


def test_extending_a_lapsed_lease_pauses_nobody(session):
    take_pause(session, request(), MONDAY)
    later = MONDAY + 4 * DAY
    assert extend(session, hand(), later, until=later + DAY) is None
    assert not access_of(session, "a", later).paused


def test_extending_a_restored_lease_pauses_nobody(session):
    take_pause(session, request(), MONDAY)
    restore(session, hand(), MONDAY, clear_until=MONDAY)
    assert extend(session, hand(), MONDAY, until=MONDAY + 30 * DAY) is None
    assert not access_of(session, "a", MONDAY).paused


def test_extending_what_was_never_paused_pauses_nobody(session):
    assert extend(session, hand(), MONDAY, until=MONDAY + 30 * DAY) is None
    assert not access_of(session, "a", MONDAY).paused


def test_asking_about_access_writes_nothing(session):
    take_pause(session, request(), MONDAY)
    for account in ("a", "nobody"):
        access_of(session, account, MONDAY + 9 * DAY)
    assert not session.new
    assert not session.dirty
    tables = (Account, LeaseEvent, Clearance)
    counts = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    assert counts == [1, 1, 0]


hours = st.integers(0, 400)
deeds = st.lists(
    st.tuples(st.sampled_from(["take", "restore", "extend"]), st.integers(0, 3), hours), max_size=6
)


@given(history=deeds, wait=hours, lasts=st.integers(1, 400), later=hours)
@settings(
    max_examples=40,
    deadline=None,  # two shared cores
    # Every example works in a transaction of its own that is rolled back.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_restoring_is_the_exact_inverse_of_pausing(database, history, wait, lasts, later):
    """Whatever happened before: where a pause was taken, restoring it gives back what there was."""
    with database.writers() as session:
        now = MONDAY
        for deed, case, hours_on in history:
            now += hours_on * HOUR
            _do(session, deed, f"c{case}", now)
        now += wait * HOUR
        moment = now + later * HOUR
        before = access_of(session, "a", now), access_of(session, "a", moment)
        taken = take_pause(session, request("new", until=now + lasts * HOUR), now)
        restore(session, hand("new"), now, clear_until=now)
        after = access_of(session, "a", now), access_of(session, "a", moment)
        assert after == before
        assert isinstance(taken, Refusal) or not after[0].paused


def _do(session, deed, case_id, now):
    match deed:
        case "take":
            take_pause(session, request(case_id, until=now + 72 * HOUR), now)
        case "restore":
            restore(session, hand(case_id), now, clear_until=now + 24 * HOUR)
        case "extend":
            extend(session, hand(case_id), now, until=now + 200 * HOUR)
