from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from review_api.app import create_app
from review_api.records import AuditEntry
from review_api.sealing import seal_due
from review_api.tokens import issue_token
from review_api.vocabulary import AuditAction, Role
from streams.clock import ManualClock
from tests.verdicts import MONDAY, payload

RESTORE = {
    "choice": "restore",
    "outcome": "false_positive",
    "reason_code": "shared_network",
    "rationale": "A family of four behind one address.",
    "version": 2,
}


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def call(database, clock):
    app = create_app(database.engine, clock)

    def as_person(name, role):
        with database.writers.begin() as session:
            token = issue_token(session, name, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return as_person


@pytest.fixture
def decided(house, call, clock):
    """Give a case that ana opened, looked at for two minutes, and restored."""
    case_id = house.take(payload()).case_id
    ana = call("ana", Role.REVIEWER)
    ana.get(f"/v1/cases/{case_id}")
    clock.advance(120)
    assert ana.post(f"/v1/cases/{case_id}/decisions", json=RESTORE).status_code == 201
    return case_id


def test_the_log_shows_that_a_person_looked_before_deciding(decided, call, database):
    seal_due(database.writers)
    body = call("leo", Role.LEAD).get(f"/v1/cases/{decided}/audit").json()
    assert body["case"]["decisions"][0]["rationale"] == RESTORE["rationale"]
    (look,) = body["looks"]
    assert (look["reviewer"], look["seconds"]) == ("ana", 120.0)
    assert look["actions"] == ["case_read"]
    assert look["evidence"] == [body["case"]["evidence"][0]["verdict_id"]]
    assert [entry["action"] for entry in body["entries"]] == ["case_read", "case_decided"]
    assert {entry["actor"] for entry in body["entries"]} == {"ana"}
    places = [entry["link"]["n"] for entry in body["entries"]]
    assert places == sorted(places)
    assert body["head"]["n"] >= places[-1]


def test_a_decision_that_nobody_looked_at_shows_so(house, call):
    case_id = house.take(payload()).case_id
    house.decide(case_id)
    (look,) = call("leo", Role.LEAD).get(f"/v1/cases/{case_id}/audit").json()["looks"]
    assert (look["entries"], look["evidence"], look["first_at"]) == (0, [], None)


def test_reading_the_log_is_in_the_log(decided, call, database):
    call("leo", Role.LEAD).get(f"/v1/cases/{decided}/audit")
    with database.readers.begin() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.actor, entry.action, entry.case_id) == ("leo", AuditAction.AUDIT_READ, decided)


def test_entries_come_in_pages_and_unsealed_ones_say_so(decided, call):
    lead = call("leo", Role.LEAD)
    seen, cursor = [], None
    while True:
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        body = lead.get(f"/v1/cases/{decided}/audit", params=query).json()
        seen += body["entries"]
        cursor = body["next_cursor"]
        if cursor is None or len(seen) > 10:
            break
    assert [entry["action"] for entry in seen[:2]] == ["case_read", "case_decided"]
    assert all(entry["link"] is None for entry in seen)


def test_an_erasure_over_http_is_in_the_log_and_says_when_it_was_done(decided, call, clock):
    admin = call("ada", Role.ADMIN)
    first = admin.post("/v1/accounts/acc_1/erasure")
    assert (first.status_code, first.json()["first_at"]) == (201, None)
    assert first.json()["rows"]["evidence"] == 1
    clock.advance(timedelta(hours=1).total_seconds())
    again = admin.post("/v1/accounts/acc_1/erasure").json()
    assert again["first_at"] == first.json()["at"]
    assert sum(again["rows"].values()) == 0


def test_an_erasure_waits_for_the_person_a_case_waits_for(house, call):
    house.take(payload())
    answer = call("ada", Role.ADMIN).post("/v1/accounts/acc_1/erasure")
    assert answer.status_code == 409
    assert "waits for a person" in answer.json()["detail"]
