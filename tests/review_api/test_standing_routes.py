from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from access.accounts import lock_account
from access.vocabulary import Wish
from review_api.app import create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.access.platform import Platform
from tests.house import House
from tests.verdicts import DAY, MONDAY, payload

MODE = "/v1/accounts/acc_1/quota-mode"
STANDING = "/v1/accounts/acc_1/standing"


@pytest.fixture
def client(database):
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    app = create_app(database.engine, ManualClock(MONDAY))
    return TestClient(app, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def platform(database):
    made = Platform(database)
    made.say("started", "pro", at=MONDAY - 3 * DAY)
    return made


def test_the_switch_is_turned_and_read(client):
    assert client.get(MODE).json() == {"account_id": "acc_1", "on": True, "since": None}
    off = {"account_id": "acc_1", "on": False, "since": "2026-11-23T09:00:00Z"}
    for answer in (client.put(MODE, json={"on": False}), client.get(MODE)):
        assert (answer.status_code, answer.json()) == (200, off)
    assert client.put(MODE, json={"on": True}).json()["on"] is True


@pytest.mark.parametrize("body", [{}, {"on": "no"}, {"on": 0}, {"on": None}, {"on": True, "x": 1}])
def test_a_switch_that_is_neither_on_nor_off_is_refused(client, body):
    answer = client.put(MODE, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["faults"]
    assert client.get(MODE).json()["since"] is None


def test_the_standing_shows_a_subscriber_everything_they_pay_for(client, platform):
    platform.ask("j1", seconds=8)
    platform.ask("j2", wish=Wish.CREDITS)
    body = client.get(STANDING).json()
    plan = platform.terms.catalogue.plan("pro")
    assert (body["plan"]["name"], body["plan"]["active"]) == ("pro", True)
    assert body["plan"]["cycle_end"] == "2026-12-20T09:00:00Z"
    assert body["credits"]["total"] == float(plan.credits) - 1
    assert [grant["kind"] for grant in body["credits"]["grants"]] == ["cycle"]
    (pool,) = [each for each in body["quota"] if "reel-3" in each["models"]]
    assert (pool["used"], pool["left"]) == (2, float(plan.pool_of("reel-3").units) - 2)
    assert body["consumed"] == [{"model": "reel-3", "feature": None, "units": 2, "jobs": 1}]
    assert body["speed"]["now"] == body["speed"]["factor"]
    queues = {job["job_id"]: job["queue"] for job in body["open_jobs"]}
    assert queues == {"j1": "basic", "j2": "priority"}
    assert (body["quota_mode"], body["pause"]) == (True, None)


def test_the_standing_of_a_paused_account_says_what_is_paused_and_that_credits_are_there(
    client, platform, database
):
    with database.writers.begin() as session:
        lock_account(session, "acc_1", MONDAY)
    before = client.get(STANDING).json()
    House(database).take(payload())
    body = client.get(STANDING).json()
    assert body["pause"]["until"] == "2026-11-26T09:00:00Z"
    assert body["still_works"] == ["credits"]
    assert body["speed"]["held"] is True
    for part in ("plan", "credits", "quota", "quota_mode"):
        assert body[part] == before[part]


def test_a_cancelled_subscription_is_promised_no_step_that_it_will_not_see(client, platform):
    assert client.get(STANDING).json()["speed"]["next_step_at"] == "2026-12-20T09:00:00Z"
    platform.say("cancelled", "pro", at=MONDAY)
    speed = client.get(STANDING).json()["speed"]
    assert (speed["held"], speed["next_step_at"]) == (True, None)


def test_an_account_never_heard_of_is_shown_the_default_plan(client):
    body = client.get("/v1/accounts/nobody/standing").json()
    assert (body["plan"]["name"], body["plan"]["active"]) == ("free", False)
    assert body["open_jobs"] == body["consumed"] == []
