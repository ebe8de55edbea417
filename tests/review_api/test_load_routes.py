"""The load of the basic queue over HTTP: reports, the level, the metrics, nonsense."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from review_api.app import create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.verdicts import MONDAY

CROWDED = {
    "queue": "basic",
    "waiting": 50,
    "running": 10,
    "workers": 10,
    "longest_wait_seconds": 12.5,
}


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def platform(database, clock):
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    app = create_app(database.engine, clock)
    return TestClient(app, headers={"Authorization": f"Bearer {token}"})


def test_before_the_first_report_everything_is_at_full_speed(platform):
    assert platform.get("/v1/load").json() == {
        "queue": "basic",
        "level": 0,
        "speed": 1.0,
        "concurrency": 1.0,
        "silent": True,
        "report": None,
    }
    assert "fairuse_load_silent 1.0" in platform.get("/metrics").text


def test_a_report_is_answered_with_the_level_it_leads_to(platform):
    answer = platform.post("/v1/load", json=CROWDED)
    assert answer.status_code == 200
    said = answer.json()
    assert (said["level"], said["speed"], said["concurrency"]) == (2, 0.7, 0.5)
    assert said["report"]["level_since"] == "2026-11-23T09:00:00Z"
    assert platform.get("/v1/load").json() == said
    text = platform.get("/metrics").text
    assert "fairuse_load_level 2.0" in text
    assert "fairuse_load_silent 0.0" in text
    assert "fairuse_basic_queue_waiting 50.0" in text


def test_two_minutes_of_silence_are_full_speed_and_the_last_report_stays_readable(platform, clock):
    platform.post("/v1/load", json=CROWDED)
    clock.advance(120)
    said = platform.get("/v1/load").json()
    assert (said["level"], said["silent"], said["report"]["waiting"]) == (0, True, 50)
    text = platform.get("/metrics").text
    assert "fairuse_load_level 0.0" in text
    assert "fairuse_load_silent 1.0" in text


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("queue", "priority"),
        ("waiting", -1),
        ("waiting", 1.5),
        ("running", 10**10),
        ("workers", None),
        ("workers", True),
        ("longest_wait_seconds", -0.1),
        ("longest_wait_seconds", "long"),
        ("speed", 0.1),
    ],
)
def test_nonsense_is_refused_by_field_and_changes_nothing(platform, field, wrong):
    answer = platform.post("/v1/load", json=CROWDED | {field: wrong})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["field"] for fault in answer.json()["faults"]] == [f"body.{field}"]
    assert platform.get("/v1/load").json()["report"] is None


def test_numbers_that_are_none_are_refused(platform):
    body = '{"queue":"basic","waiting":1,"running":1,"workers":1,"longest_wait_seconds":NaN}'
    answer = platform.post("/v1/load", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert platform.get("/v1/load").json()["report"] is None
