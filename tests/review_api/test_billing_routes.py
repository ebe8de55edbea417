from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from access.booking import Booked
from review_api.app import create_app
from review_api.records import AuditEntry
from review_api.tokens import issue_token
from review_api.vocabulary import AuditAction, Role
from streams.clock import ManualClock
from tests.access.platform import Platform
from tests.access.test_booking import Shop, told
from tests.verdicts import DAY, MONDAY

START = {
    "event_id": "e1",
    "type": "subscription.started",
    "occurred_at": "2026-11-23T09:00:00Z",
    "account_id": "acc_1",
    "plan": "basic",
    "period_end": "2026-12-20T09:00:00+01:00",
    "client": "web",
}
PACK = {
    "event_id": "e2",
    "type": "credits.purchased",
    "occurred_at": "2026-11-23T08:00:00.250Z",
    "account_id": "acc_1",
    "units": 60,
}


@pytest.fixture
def client(database):
    return client_of(database, Role.SERVICE)


def client_of(database, role):
    app = create_app(database.engine, ManualClock(MONDAY))
    with database.writers.begin() as session:
        token = issue_token(session, role.value, role, MONDAY)
    return TestClient(app, headers={"Authorization": f"Bearer {token}"})


def post(client, event):
    return client.post("/v1/billing-events", json=event)


def test_a_plan_and_a_pack_are_there_when_the_answer_leaves(client, database):
    platform = Platform(database)
    assert post(client, START).json() == {"outcome": "noted"}
    subscription = platform.standing().subscription
    assert subscription.plan.name == "basic"
    assert subscription.cycle.end.isoformat() == "2026-12-20T08:00:00+00:00"
    assert post(client, PACK).json() == {"outcome": "granted"}
    assert platform.balance() == 80 + 60


def test_a_second_call_and_the_same_event_on_the_topic_change_nothing(client, database):
    post(client, PACK)
    assert post(client, PACK).json() == {"outcome": "known"}
    later = told("credits.purchased", MONDAY, event_id="e2", units=60)
    assert Shop(database).book(later) == [Booked.KNOWN]
    assert Platform(database).balance(MONDAY + DAY) == 20 + 60


def test_who_booked_what_is_in_the_audit_log(client, database):
    post(client, START)
    with database.readers.begin() as session:
        (entry,) = session.scalars(select(AuditEntry))
    assert (entry.actor, entry.action) == ("service", AuditAction.EVENT_BOOKED)
    assert entry.detail == "acc_1 subscription.started e1: noted"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.LEAD])
def test_people_who_review_sell_nothing(database, role):
    assert post(client_of(database, role), PACK).status_code == 403
    assert Platform(database).balance() == 20


@pytest.mark.parametrize(
    "wrong",
    [
        START | {"plan": "gold"},
        START | {"plan": None},
        START | {"type": "subscription.paused"},
        START | {"occurred_at": "2026-11-23T09:00:00"},
        START | {"occurred_at": "1999-12-31T23:59:59Z"},
        START | {"occurred_at": 1763888400},
        START | {"event_id": ""},
        START | {"event_id": "e" * 65},
        START | {"account_id": "a\x00b"},
        PACK | {"units": 0},
        PACK | {"units": -5},
        PACK | {"units": 1e12},
        PACK | {"units": "60"},
        PACK | {"type": "generation.requested"},
    ],
)
def test_what_is_wrong_is_said_as_a_problem_and_changes_nothing(client, database, wrong):
    answer = post(client, wrong)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert Platform(database).balance() == 20
    assert Platform(database).standing().subscription.plan.name == "free"
