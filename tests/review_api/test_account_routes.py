"""Challenges and suppressions over HTTP: who may do what, and what is written down of it."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from detectors.verdict import Response
from review_api.app import create_app
from review_api.intake import Intake
from review_api.records import AuditEntry
from review_api.tokens import issue_token
from review_api.vocabulary import AuditAction, Role
from streams.clock import ManualClock
from tests.verdicts import DAY, HOUR, MONDAY, payload

PLACE = "/v1/accounts/acc_1/suppressions"
CONTEST = {"days": 7, "reason": "A contest of the platform's own."}


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def call(database, clock):
    """Give a client that speaks for a role."""
    app = create_app(database.engine, clock)

    def as_role(role):
        with database.writers.begin() as session:
            token = issue_token(session, role.value, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return as_role


@pytest.fixture
def challenge(house):
    """Give the place where the answer to an open challenge goes."""
    asked = payload(action=Response.CHALLENGE.action, response=Response.CHALLENGE)
    house.take(asked)
    return f"/v1/accounts/acc_1/challenges/{house.access().challenge.measure_id}/answer"


def audit(database, action):
    with database.readers.begin() as session:
        return session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()


def test_access_says_what_is_held_and_asked_and_why(call, house, challenge):
    house.take(payload(action=Response.HOLD.action, response=Response.HOLD, offset=9))
    said = call(Role.SERVICE).get("/v1/access/acc_1").json()
    assert (said["paused"], said["still_works"]) == (False, ["monthly_quota", "credits"])
    assert said["challenge"]["measure_id"] in challenge
    assert said["challenge"]["until"] == "2026-11-26T09:00:00Z"
    assert said["speed_hold"]["until"] == "2026-12-23T09:00:00Z"
    assert "as if a program started them" in said["speed_hold"]["reason"]


def test_the_platform_answers_and_stops_asking(call, challenge, database):
    service = call(Role.SERVICE)
    answer = service.post(challenge, json={"result": "failed"})
    assert (answer.status_code, answer.json()["ended_as"]) == (200, "failed")
    assert service.get("/v1/access/acc_1").json()["challenge"] is None
    (entry,) = audit(database, AuditAction.CHALLENGE_ANSWERED)
    assert (entry.actor, entry.detail.split()[1]) == ("service", "failed")


def test_a_second_answer_is_told_that_the_first_stands(call, challenge):
    service = call(Role.SERVICE)
    service.post(challenge, json={"result": "failed"})
    again = service.post(challenge, json={"result": "passed"}).json()
    assert (again["open"], again["ended_as"]) == (False, "failed")


def test_an_answer_after_the_end_is_told_that_it_came_too_late(call, challenge, clock):
    clock.advance((4 * DAY).total_seconds())
    late = call(Role.SERVICE).post(challenge, json={"result": "failed"}).json()
    assert (late["open"], late["ended_as"]) == (False, None)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.LEAD])
def test_only_the_platform_and_an_admin_answer_challenges(call, challenge, house, role):
    assert call(role).post(challenge, json={"result": "passed"}).status_code == 403
    assert house.access().challenge


def test_an_answer_to_what_was_never_asked_is_not_found(call, challenge):
    for place in (challenge.replace("acc_1", "acc_2"), "/v1/accounts/acc_1/challenges/x/answer"):
        assert call(Role.SERVICE).post(place, json={"result": "passed"}).status_code == 404


def test_an_answer_is_passed_or_failed(call, challenge, house):
    assert call(Role.SERVICE).post(challenge, json={"result": "maybe"}).status_code == 422
    assert house.access().challenge


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMIN])
def test_a_lead_opens_lists_and_ends_a_suppression(call, house, database, clock, role):
    lead = call(role)
    opened = lead.post(PLACE, json=CONTEST)
    assert opened.status_code == 201
    one = opened.json()
    assert (one["in_force"], one["until"], one["actor"]) == (True, "2026-11-30T09:00:00Z", role)
    assert house.take(payload()).intake is Intake.SUPPRESSED
    clock.advance(HOUR.total_seconds())
    ended = lead.delete(f"{PLACE}/{one['suppression_id']}").json()
    assert (ended["in_force"], ended["ended_by"]) == (False, role)
    assert lead.get(PLACE).json()["items"] == [ended]
    for action in (AuditAction.SUPPRESSION_OPENED, AuditAction.SUPPRESSION_ENDED):
        (entry,) = audit(database, action)
        assert entry.actor == role
        assert one["suppression_id"] in entry.detail
        assert "acc_1" in entry.detail
    assert len(audit(database, AuditAction.SUPPRESSIONS_LISTED)) == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.SERVICE])
def test_nobody_else_opens_or_ends_one(call, house, role):
    one = call(Role.LEAD).post(PLACE, json=CONTEST).json()["suppression_id"]
    assert call(role).post(PLACE, json=CONTEST).status_code == 403
    assert call(role).delete(f"{PLACE}/{one}").status_code == 403
    assert house.take(payload()).intake is Intake.SUPPRESSED


def test_whoever_reads_cases_sees_suppressions_and_the_platform_does_not(call):
    assert call(Role.VIEWER).get(PLACE).json() == {"items": []}
    assert call(Role.SERVICE).get(PLACE).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "no end"},
        {"days": 7},
        {"days": 0, "reason": "none"},
        {"days": 367, "reason": "too long"},
        {"days": 7, "reason": "  "},
        {"days": 7, "reason": "why", "kind": "gossip"},
        {"days": 7, "reason": "why", "until": "2030-01-01"},
    ],
)
def test_a_suppression_without_an_end_or_a_reason_is_refused(call, house, wrong):
    assert call(Role.LEAD).post(PLACE, json=wrong).status_code == 422
    assert house.take(payload()).intake is Intake.PAUSED


def test_ending_what_is_not_there_is_not_found(call):
    assert call(Role.LEAD).delete(f"{PLACE}/none").status_code == 404


def test_a_method_that_is_not_there_names_all_that_are(call):
    answer = call(Role.LEAD).put(PLACE, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


def test_what_is_held_asked_and_suppressed_is_among_the_figures(call, house, challenge):
    house.take(payload(action=Response.HOLD.action, response=Response.HOLD, offset=9))
    admin = call(Role.ADMIN)
    admin.post(PLACE, json=CONTEST)
    shown = admin.get("/metrics").text
    for name in ("fairuse_speed_holds", "fairuse_open_challenges", "fairuse_suppressions"):
        assert f"{name} 1.0" in shown
    admin.post(challenge, json={"result": "passed"})
    assert "fairuse_open_challenges 0.0" in admin.get("/metrics").text
