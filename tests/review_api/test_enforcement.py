"""Reconciling: what the platform enforces against what stands here, repaired through the outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from access.mirror import PauseMirror
from access.reconciling import GRACE, LastPause, compare, held_accounts
from access.vocabulary import Mismatch
from review_api.app import create_app
from review_api.enforcement import reconcile
from review_api.records import AuditEntry, OutboxMessage
from review_api.tokens import Caller, issue_token
from review_api.vocabulary import AuditAction, Choice, Role
from streams.clock import ManualClock
from tests.verdicts import DAY, HOUR, MONDAY, payload

CALLER = Caller("platform", Role.SERVICE)
MINUTE = timedelta(minutes=1)
LATER = MONDAY + HOUR
WRONG, MISSING = Mismatch.WRONGLY_ENFORCED, Mismatch.NOT_ENFORCED


def run(house, enforced, now=LATER):
    with house.database.writers.begin() as session:
        repairs = reconcile(session, enforced, CALLER, now)
    return [
        (each.difference.account_id, each.difference.mismatch, each.announced) for each in repairs
    ]


def ids(house):
    with house.database.readers.begin() as session:
        return list(session.scalars(select(OutboxMessage.message_id).order_by(OutboxMessage.id)))


@pytest.fixture
def paused(house):
    """Give the case by which acc_1 is paused from Monday on; its message has left."""
    case_id = house.take(payload()).case_id
    house.relay()
    return case_id


def test_where_both_agree_nothing_happens(house, paused):
    before = ids(house)
    assert run(house, {"acc_1": True, "acc_2": False}) == []
    assert ids(house) == before
    assert house.count(AuditEntry) == 0


def test_a_lapsed_pause_that_is_still_enforced_is_repaired(house, paused):
    over = house.access().pause.until + GRACE
    assert run(house, {"acc_1": True}, over) == [("acc_1", WRONG, True)]
    topic, key, said = house.outbox()[-1]
    assert (topic, key, said["paused"]) == ("access-changes", "acc_1", False)
    assert said["still_works"] == ["monthly_quota", "credits"]
    assert said["case_id"] == paused


def test_a_restored_pause_that_is_still_enforced_is_repaired(house, paused):
    house.decide(paused, now=MONDAY + HOUR)
    house.relay()
    assert run(house, {"acc_1": True}, MONDAY + 2 * HOUR) == [("acc_1", WRONG, True)]
    assert not house.outbox()[-1][2]["paused"]


def test_a_pause_that_is_not_enforced_is_said_again_with_its_end_and_reason(house, paused):
    assert run(house, {"acc_1": False}) == [("acc_1", MISSING, True)]
    first, again = (message[2] for message in house.outbox())
    assert again == first | {"at": "2026-11-23T10:00:00Z"}


def test_an_account_nobody_ever_paused_is_let_go(house):
    assert run(house, {"acc_9": True}) == [("acc_9", WRONG, True)]
    said = house.outbox()[-1][2]
    assert (said["paused"], said["case_id"]) == (False, "")


def test_pauses_wrongly_enforced_come_first_and_leave_first(house, paused):
    found = run(house, {"acc_1": False, "z": True, "b": True})
    assert found == [("b", WRONG, True), ("z", WRONG, True), ("acc_1", MISSING, True)]
    assert [message.key for message in house.relay()] == [b"b", b"z", b"acc_1"]


@pytest.mark.parametrize("enforced", [True, False])
def test_what_changed_a_moment_ago_is_on_its_way_and_no_difference(house, paused, enforced):
    now = MONDAY + HOUR
    if enforced:
        house.decide(paused, now=now)
    else:
        house.decide(paused, Choice.UPHOLD, now=now)
    house.relay()
    assert run(house, {"acc_1": enforced}, now + GRACE - MINUTE) == []
    assert len(run(house, {"acc_1": enforced}, now + GRACE)) == 1


def test_an_announcement_that_still_waits_is_not_doubled(house):
    house.take(payload())
    assert run(house, {"acc_1": False}) == [("acc_1", MISSING, False)]
    assert len(ids(house)) == 1


def test_each_reconciling_says_it_once_with_a_name_of_its_own(house, paused):
    run(house, {"acc_1": False})
    assert run(house, {"acc_1": False}) == [("acc_1", MISSING, False)]
    house.relay()
    run(house, {"acc_1": False}, LATER + MINUTE)
    assert len(ids(house)) == len(set(ids(house))) == 3


def test_reconciling_pauses_extends_and_lifts_nothing(house, paused):
    before = house.access()
    run(house, {"acc_1": False, "acc_9": True})
    assert house.access() == before
    assert not house.access(account="acc_9").paused
    assert house.view(paused).version == 2


def test_every_difference_is_written_down(house, paused):
    run(house, {"acc_1": False, "acc_9": True})
    with house.database.readers.begin() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(row.action, row.detail, row.case_id) for row in rows] == [
        (AuditAction.WRONGLY_ENFORCED, "acc_9", None),
        (AuditAction.NOT_ENFORCED, "acc_1", paused),
    ]


def test_replaying_verdicts_and_messages_pauses_nobody_twice(house, paused):
    mirror = PauseMirror(clock := ManualClock(MONDAY))
    house.decide(paused, now=MONDAY + HOUR)
    run(house, {"acc_1": True}, MONDAY + 2 * HOUR)
    for _ in range(3):
        house.take(payload(), MONDAY + DAY)
        house.relay()
    clock.advance(2 * 3600.0)
    with house.database.readers.begin() as session:
        messages = list(session.scalars(select(OutboxMessage.payload).order_by(OutboxMessage.id)))
    for message in [*messages, *messages, messages[0]]:
        mirror.hear(message)
    assert not mirror.paused("acc_1")
    assert not house.access(MONDAY + DAY).paused


def test_the_newest_pause_of_an_account_is_the_one_that_counts(house, paused):
    lapsed = house.access().pause.until
    second = house.take(payload(kind="reselling", offset=9), lapsed + HOUR)
    house.relay()
    assert house.access(lapsed + HOUR).pause.case_id == second.case_id
    assert run(house, {"acc_1": True}, lapsed + DAY) == []
    assert run(house, {"acc_1": False}, lapsed + DAY) == [("acc_1", MISSING, True)]


def test_held_accounts_are_those_paused_now(house, paused):
    house.take(payload("acc_2", offset=8))
    house.decide(house.access(account="acc_2").pause.case_id)
    with house.database.readers.begin() as session:
        assert list(held_accounts(session, LATER)) == ["acc_1"]
        assert list(held_accounts(session, MONDAY + 90 * DAY)) == []


pauses = st.builds(
    LastPause, st.booleans(), st.integers(0, 20).map(lambda ago: LATER - ago * MINUTE), st.just("c")
)
names = st.sampled_from("abcdefgh")


@given(st.dictionaries(names, st.booleans()), st.dictionaries(names, pauses))
def test_only_accounts_that_differ_and_have_settled_are_named(enforced, ours):
    found = compare(enforced, ours, LATER)
    for each in found:
        last = ours.get(each.account_id)
        assert enforced[each.account_id] != (last is not None and last.paused)
        assert last is None or LATER - last.changed_at >= GRACE
    wrong = [each.mismatch is WRONG for each in found]
    assert wrong == sorted(wrong, reverse=True)
    agreed = {name: name in ours and ours[name].paused for name in enforced}
    assert compare(agreed, ours, LATER) == []


@pytest.fixture
def platform(database):
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    app = create_app(database.engine, ManualClock(LATER))
    return TestClient(app, headers={"Authorization": f"Bearer {token}"})


def say(*accounts):
    return {"accounts": [{"account_id": name, "paused": paused} for name, paused in accounts]}


def test_the_platform_is_told_what_differs_and_an_operator_sees_it(platform, house, paused):
    answer = platform.post("/v1/enforcement", json=say(("acc_1", False), ("acc_9", True)))
    assert answer.json() == {
        "compared": 2,
        "wrongly_enforced": 1,
        "not_enforced": 1,
        "differences": [
            {
                "account_id": "acc_9",
                "mismatch": "wrongly_enforced",
                "since": None,
                "case_id": None,
                "announced": True,
            },
            {
                "account_id": "acc_1",
                "mismatch": "not_enforced",
                "since": "2026-11-23T09:00:00Z",
                "case_id": paused,
                "announced": True,
            },
        ],
    }
    platform.post("/v1/enforcement", json=say(("acc_9", True)))
    text = platform.get("/metrics").text
    assert "fairuse_wrongly_enforced_pauses 1.0" in text
    assert "fairuse_unenforced_pauses 1.0" in text


@pytest.mark.parametrize(
    "body",
    [
        {},
        say(),
        say(("", True)),
        say(("x" * 129, True)),
        say(("a\x00", True)),
        say(("a", "yes")),
        say(("a", 1)),
        say(*((f"a{number}", True) for number in range(1001))),
        say(("a", True), ("a", False)),
        say(("a", True)) | {"all": True},
    ],
)
def test_nonsense_is_refused_and_announces_nothing(platform, house, body):
    answer = platform.post("/v1/enforcement", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert house.count(OutboxMessage) == 0
