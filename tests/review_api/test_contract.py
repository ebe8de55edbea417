"""The API keeps what its OpenAPI document promises: every route, with generated input."""

from __future__ import annotations

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from access.database import open_engine
from review_api.app import create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.house import House
from tests.verdicts import MONDAY, payload

UNGUESSABLE = {
    "/v1/billing-events",
    "/v1/admissions",
    "/v1/enforcement",
    "/v1/cases",
    "/v1/views",
    "/v1/queues/rules",
}

# The engine it is built with never opens anything: each test puts a real database behind it.
app = create_app(open_engine("sqlite:///unused.db"), ManualClock(MONDAY))
api = schemathesis.openapi.from_dict(app.openapi())
api.app = app


@pytest.fixture(autouse=True)
def behind_it(database):
    House(database).take(payload())
    app.state.parts = create_app(database.engine, ManualClock(MONDAY)).state.parts
    app.state.parts.feed.close()  # whoever listens is let go at once


@pytest.fixture
def header(database):
    with database.writers.begin() as session:
        return {"Authorization": f"Bearer {issue_token(session, 'ana', Role.ADMIN, MONDAY)}"}


@api.parametrize()
@settings(
    max_examples=8,
    deadline=None,  # two shared cores
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_asked_the_answer_is_one_of_those_promised(case, header):
    # No generator can guess a cursor, a plan or a model, say each account once, or know which
    # filters go together: what it invents is well formed and still refused.
    guessed = bool((case.query or {}).get("cursor")) or case.path in UNGUESSABLE
    case.call_and_validate(
        headers=header, excluded_checks=[positive_data_acceptance] if guessed else None
    )


def test_the_answers_of_a_whole_review_are_as_promised(header):
    client = TestClient(app, headers=header)
    (item,) = client.get("/v1/cases").json()["items"]
    place = f"/v1/cases/{item['case_id']}"
    decision = {
        "choice": "restore",
        "outcome": "benign",
        "reason_code": "own_devices",
        "rationale": "Two phones and a desktop.",
        "version": item["version"],
    }
    decide, show = "/v1/cases/{case_id}/decisions", "/v1/cases/{case_id}"
    stand = "/v1/detectors/{name}/standing"
    word = {"standing": "detect_only", "why": "Night shifts look like it."}
    enforced = {"accounts": [{"account_id": "acc_2", "paused": True}]}
    crowded = {"queue": "basic", "waiting": 9, "running": 4, "workers": 4}
    crowded["longest_wait_seconds"] = 2.5
    answers = [
        ("/v1/access/{account_id}", "GET", client.get("/v1/access/acc_1"), 200),
        ("/v1/cases", "GET", client.get("/v1/cases"), 200),
        (show, "GET", client.get(place), 200),
        (decide, "POST", client.post(f"{place}/decisions", json=decision), 201),
        (decide, "POST", client.post(f"{place}/decisions", json=decision), 409),
        (show, "GET", client.get(place), 200),
        (show, "GET", client.get("/v1/cases/none"), 404),
        ("/v1/detectors", "GET", client.get("/v1/detectors"), 200),
        (stand, "POST", client.post("/v1/detectors/no_rest/standing", json=word), 201),
        (stand, "POST", client.post("/v1/detectors/no_rest/standing", json=word), 409),
        (stand, "POST", client.post("/v1/detectors/none/standing", json=word), 404),
        ("/v1/detectors", "GET", client.get("/v1/detectors"), 200),
        ("/v1/enforcement", "POST", client.post("/v1/enforcement", json=enforced), 200),
        ("/v1/load", "GET", client.get("/v1/load"), 200),
        ("/v1/load", "POST", client.post("/v1/load", json=crowded), 200),
        ("/v1/load", "GET", client.get("/v1/load"), 200),
        ("/metrics", "GET", client.get("/metrics"), 200),
    ]
    for path, verb, answer, status in answers:
        assert answer.status_code == status
        api[path][verb].validate_response(answer)


def test_the_answers_about_a_jobs_life_are_as_promised(header):
    client = TestClient(app, headers=header)
    asked = {"account_id": "acc_9", "job_id": "j1", "model": "reel-3", "seconds": 4}
    ask, settle = "/v1/admissions", "/v1/admissions/{admission_id}/settle"
    release = "/v1/admissions/{admission_id}/release"
    mode, standing = "/v1/accounts/{account_id}/quota-mode", "/v1/accounts/{account_id}/standing"

    def post(path, body=None):
        return client.post(path, json=body)

    first = post(ask, asked | {"mode": "credits"})
    place = f"{ask}/{first.json()['admission_id']}"
    answers = [
        (ask, "POST", first, 200),
        (ask, "POST", post(ask, asked | {"mode": "credits"}), 200),
        (ask, "POST", post(ask, asked | {"job_id": "j2", "mode": "quota"}), 200),
        (ask, "POST", post(ask, asked | {"job_id": "j3", "model": "none"}), 422),
        (settle, "POST", post(f"{place}/settle", {"units": 9}), 409),
        (settle, "POST", post(f"{place}/settle", {"units": 0.5}), 200),
        (settle, "POST", post(f"{place}/settle", {"units": 0.5}), 200),
        (release, "POST", post(f"{place}/release"), 409),
        (release, "POST", post(f"{ask}/none/release"), 404),
        (ask, "POST", post(ask, asked), 409),
        (mode, "PUT", client.put("/v1/accounts/acc_9/quota-mode", json={"on": False}), 200),
        (mode, "GET", client.get("/v1/accounts/acc_9/quota-mode"), 200),
        (standing, "GET", client.get("/v1/accounts/acc_9/standing"), 200),
    ]
    for path, verb, answer, status in answers:
        assert answer.status_code == status, (path, answer.text)
        api[path][verb].validate_response(answer)
