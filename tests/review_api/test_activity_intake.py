"""What accounts did, kept once and forgotten in time, and addresses that rest sealed."""

from __future__ import annotations

from sqlalchemy import select

from detectors.verdict import Action
from review_api import activity_age
from review_api.activity_age import forget_activity, forget_old_activity, microseconds
from review_api.activity_records import AccountNetwork, ActivityEvent
from review_api.addresses import AddressSeal
from review_api.threads import append_event, locked_case
from review_api.vocabulary import CaseEventKind, Choice
from tests.doings import SEAL, did, every, note
from tests.verdicts import DAY, HOUR, MONDAY, payload


def rows(database, table, account="acc_1"):
    with database.readers.begin() as session:
        found = session.scalars(select(table).where(table.account_id == account))
        return sorted(found, key=lambda row: getattr(row, "t", 0))


def test_an_event_is_kept_once_however_often_it_comes(database):
    events = every(60, 5)
    assert note(database, *events) == 5
    note(database, *events, *events[:2])
    found = rows(database, ActivityEvent)
    assert [row.t for row in found] == [
        microseconds(MONDAY) - 60_000_000 * back for back in (4, 3, 2, 1, 0)
    ]
    assert (found[0].model, found[0].units, found[0].feature) == ("kling-3.0", 4.0, None)


def test_two_events_of_one_moment_are_two(database):
    note(database, did(event_id="one"), did(event_id="two"))
    assert len(rows(database, ActivityEvent)) == 2


def test_a_type_of_another_release_is_not_kept(database):
    assert note(database, did(type="result.admired")) == 0
    assert rows(database, ActivityEvent) == []


def test_the_largest_hash_and_the_longest_name_fit(database):
    assert note(database, did("a" * 128, event_id="e", model="m" * 300, ip="h:" + "z" * 400)) == 1
    (event,) = rows(database, ActivityEvent, "a" * 128)
    assert len(event.model) == 64
    (network,) = rows(database, AccountNetwork, "a" * 128)
    assert (network.masked, network.sealed) == ("h:zzzzzz…", "")


def test_a_network_is_one_row_with_its_first_and_last_time_in_whatever_order(database):
    note(database, did(at=MONDAY))
    note(database, did(at=MONDAY - DAY), did(at=MONDAY + HOUR))
    note(database, did(at=MONDAY, event_id="again"))
    (found,) = rows(database, AccountNetwork)
    assert found.first_t == microseconds(MONDAY - DAY)
    assert found.last_t == microseconds(MONDAY + HOUR)
    assert (found.asn, found.zone) == (64500, 1)
    assert rows(database, ActivityEvent)[0].network == found.network


def test_the_address_rests_sealed_and_only_its_network_is_legible(database):
    note(database, did())
    (found,) = rows(database, AccountNetwork)
    assert found.masked == "203.0.113.x"
    assert "203.0.113.7" not in found.sealed
    assert SEAL.open(found.sealed) == "203.0.113.7"


def test_an_address_kept_without_a_secret_is_sealed_once_there_is_one(database):
    note(database, did(), seal=AddressSeal(b""))
    assert rows(database, AccountNetwork)[0].sealed == ""
    note(database, did(), seal=SEAL)
    sealed = rows(database, AccountNetwork)[0].sealed
    assert SEAL.open(sealed) == "203.0.113.7"
    note(database, did())
    assert rows(database, AccountNetwork)[0].sealed == sealed


def test_an_event_of_which_nothing_is_said_of_the_network_is_kept(database):
    nothing = dict.fromkeys(("ip", "asn", "network", "country", "lat", "lon"), ...)
    note(database, did(**nothing))
    (found,) = rows(database, AccountNetwork)
    assert (found.masked, found.sealed, found.kind, found.zone) == ("", "", 0, None)


def forget(database, before=MONDAY, after=""):
    with database.writers.begin() as session:
        return forget_old_activity(session, before, after)


def test_what_is_too_old_goes_and_the_rest_stays(database):
    note(database, *every(3600, 3, end=MONDAY + HOUR), did("acc_2", MONDAY - DAY, ip="192.0.2.1"))
    assert forget(database).rows == 2
    assert [row.t for row in rows(database, ActivityEvent)] == [
        microseconds(MONDAY), microseconds(MONDAY + HOUR)
    ]  # fmt: skip
    assert rows(database, AccountNetwork, "acc_2") == []
    assert len(rows(database, AccountNetwork)) == 1


def test_nothing_goes_that_an_undecided_case_is_about(database, house):
    house.take(payload(action=Action.REVIEW), MONDAY - 90 * DAY)
    note(database, did(at=MONDAY - 100 * DAY))
    assert forget(database).rows == 0


def test_a_case_decided_not_long_ago_keeps_what_it_is_about_and_then_lets_it_go(database, house):
    case_id = house.take(payload(action=Action.REVIEW), MONDAY - 90 * DAY).case_id
    note(database, did(at=MONDAY - 100 * DAY))
    house.decide(case_id, now=MONDAY + HOUR)
    assert forget(database, MONDAY).rows == 0
    assert forget(database, MONDAY + 2 * HOUR).rows == 1


def test_an_appeal_that_nobody_has_answered_keeps_what_it_is_about(database, house):
    case_id = house.take(payload(action=Action.REVIEW), MONDAY - 90 * DAY).case_id
    note(database, did(at=MONDAY - 100 * DAY))
    house.decide(case_id, Choice.UPHOLD, now=MONDAY - 80 * DAY)
    with database.writers.begin() as session:
        case = locked_case(session, case_id, MONDAY - 70 * DAY)
        append_event(case, CaseEventKind.APPEALED, MONDAY - 70 * DAY, "the customer")
    assert forget(database, MONDAY).rows == 0


def test_much_that_is_old_goes_a_bounded_part_at_a_time(database, monkeypatch):
    monkeypatch.setattr(activity_age, "ROWS_AT_ONCE", 4)
    monkeypatch.setattr(activity_age, "ACCOUNTS_AT_ONCE", 1)
    for account in ("acc_1", "acc_2"):
        note(database, *every(60, 5, end=MONDAY - DAY, account=account))
    seen, after = [], ""
    for _ in range(6):
        step = forget(database, after=after)
        seen.append((step.rows, step.after))
        after = step.after
    assert seen == [(4, ""), (1, "acc_1"), (4, "acc_1"), (1, "acc_2"), (0, ""), (0, "")]


def test_an_account_that_is_erased_leaves_nothing_here(database):
    note(database, did(), did("acc_2"))
    with database.writers.begin() as session:
        forget_activity(session, "acc_1")
    assert rows(database, ActivityEvent) == rows(database, AccountNetwork) == []
    assert len(rows(database, ActivityEvent, "acc_2")) == 1
