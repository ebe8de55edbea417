from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from review_api.app import create_app
from review_api.records import AuditEntry
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.verdicts import MONDAY, payload

MINUTE = 60


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def speak(database, clock):
    """Give a client that speaks as a person."""
    app = create_app(database.engine, clock)

    def speak_as(name, role=Role.REVIEWER):
        with database.writers.begin() as session:
            token = issue_token(session, name, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return speak_as


@pytest.fixture
def url(house):
    return f"/v1/cases/{house.take(payload()).case_id}/claim"


def test_a_claim_is_taken_kept_handed_over_and_let_go(speak, url, clock):
    ana, bo = speak("ana"), speak("bo")
    taken = ana.post(url)
    token = taken.json()["token"]
    assert (taken.json()["holder"], taken.json()["until"]) == ("ana", "2026-11-23T09:10:00Z")
    clock.advance(MINUTE)
    kept = ana.post(f"{url}/heartbeat", json={"token": token}).json()
    assert (kept["until"], kept["token"]) == ("2026-11-23T09:11:00Z", token)
    longer = ana.post(f"{url}/extend", json={"token": token})
    assert longer.json()["until"] == "2026-11-23T09:31:00Z"
    theirs = ana.post(f"{url}/hand-over", json={"token": token, "to": "bo"}).json()
    assert theirs["holder"] == "bo"
    assert "token" not in theirs
    token = bo.post(url).json()["token"]
    assert bo.post(f"{url}/release", json={"token": token}).status_code == 204
    assert ana.get(url).json() == {"claim": None}


def test_whoever_reads_the_claim_of_another_does_not_learn_its_token(speak, url):
    speak("ana").post(url)
    shown = speak("vera", Role.VIEWER).get(url).json()["claim"]
    assert shown["holder"] == "ana"
    assert "token" not in shown


def test_a_case_that_is_held_is_a_conflict_that_names_the_holder(speak, url):
    speak("ana").post(url)
    answer = speak("bo").post(url)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["held_by"] == "ana"
    assert answer.json()["until"] == "2026-11-23T09:10:00Z"


def test_a_lost_heartbeat_is_a_conflict_that_says_whether_the_case_is_free(speak, url, clock):
    ana = speak("ana")
    body = {"token": ana.post(url).json()["token"]}
    clock.advance(10 * MINUTE)
    answer = ana.post(f"{url}/heartbeat", json=body)
    assert (answer.status_code, "held_by" in answer.json()) == (409, False)
    speak("bo").post(url)
    answer = ana.post(f"{url}/heartbeat", json=body)
    assert (answer.status_code, answer.json()["held_by"]) == (409, "bo")


def test_a_decision_on_a_stale_version_is_told_what_was_missed(speak, url, house):
    house.take(payload(offset=8))
    ruling = {
        "choice": "restore",
        "outcome": "false_positive",
        "reason_code": "shared_network",
        "rationale": "A family of four behind one address.",
        "version": 2,
    }
    answer = speak("ana").post(f"{url.removesuffix('/claim')}/decisions", json=ruling)
    assert answer.status_code == 409
    missed = answer.json()["missed"]
    assert missed[0] == {
        "kind": "verdict_added",
        "actor": "intake",
        "at": "2026-11-23T09:00:00Z",
    }


def test_a_lead_takes_a_case_away_and_all_of_it_is_in_the_audit_log(speak, url, database):
    ana, eve = speak("ana"), speak("eve", Role.LEAD)
    ana.post(url)
    assert ana.post(f"{url}/force-release").status_code == 403
    assert eve.post(f"{url}/force-release").status_code == 204
    assert eve.post(f"{url}/force-release").status_code == 404
    with database.readers.begin() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.actor, entry.action, entry.detail) for entry in entries] == [
        ("ana", "case_claimed", ""),
        ("eve", "claim_forced", "ana"),
    ]
