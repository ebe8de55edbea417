"""What the platform promises of quota and credits, as it is answered in front of a job."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from access.catalogue import load_catalogue
from access.load import LEVELS
from review_api.app import create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.access.platform import Platform
from tests.house import House
from tests.verdicts import DAY, MONDAY, payload

CATALOGUE = load_catalogue()
PRO = CATALOGUE.plan("pro")
FILM = PRO.pool_of("reel-3").units
CROWDED = {"queue": "basic", "waiting": 400, "running": 9, "workers": 9, "longest_wait_seconds": 60}


@dataclass
class Gateway:
    """What the platform calls, for one subscriber of the plan Pro."""

    client: TestClient
    clock: ManualClock
    jobs: int = 0

    def ask(self, mode=None, model="reel-3", **more):
        self.jobs += 1
        body = {"account_id": "acc_1", "job_id": f"j{self.jobs}", "model": model, "mode": mode}
        if "units" not in more and CATALOGUE.model(model).media in {"video", "lipsync"}:
            body["seconds"] = 4
        return self.call("POST", "/v1/admissions", body | more)

    def run(self, mode=None, **more):
        """Ask, and let the job run to its end."""
        answer = self.ask(mode, **more)
        if answer["admitted"]:
            self.call("POST", f"/v1/admissions/{answer['admission_id']}/settle", {})
        return answer

    def standing(self):
        return self.call("GET", "/v1/accounts/acc_1/standing")

    def film(self):
        return next(pool for pool in self.standing()["quota"] if "reel-3" in pool["models"])

    def credits(self):
        return self.standing()["credits"]["total"]

    def call(self, verb, path, body=None):
        answer = self.client.request(verb, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
def gateway(database):
    Platform(database).say("started", "pro", at=MONDAY - 3 * DAY)
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    clock = ManualClock(MONDAY)
    app = create_app(database.engine, clock)
    return Gateway(TestClient(app, headers={"Authorization": f"Bearer {token}"}), clock)


@pytest.fixture
def house(database):
    return House(database)


def how(answer):
    return answer["admitted"], answer["mode"], answer["queue"]


ON_QUOTA = (True, "quota", "basic")
ON_CREDITS = (True, "credits", "priority")


def test_p04_a_pack_is_added_at_once_works_on_every_model_and_changes_no_subscription(gateway):
    plan, before = gateway.standing()["plan"], gateway.credits()
    purchase = {
        "event_id": "e1",
        "type": "credits.purchased",
        "occurred_at": MONDAY.isoformat(),
        "account_id": "acc_1",
        "units": 400,
    }
    for _ in range(2):
        gateway.call("POST", "/v1/billing-events", purchase)
    assert gateway.credits() == before + 400
    assert gateway.standing()["plan"] == plan
    gateway.run("credits", units=before)
    spent = sum(gateway.run("credits", model=model)["units"] for model in CATALOGUE.models)
    # Only the pack is left, and the end of the cycle takes nothing of it.
    assert gateway.credits() == 400 - spent
    gateway.clock.advance(60 * DAY.total_seconds())
    kinds = {grant["kind"]: grant["left"] for grant in gateway.standing()["credits"]["grants"]}
    assert kinds == {"cycle": float(PRO.credits), "pack": 400 - spent}


def test_p10_the_quota_generates_without_credits_until_it_is_used_up(gateway):
    before = gateway.credits()
    for _ in range(4):
        assert how(gateway.run(units=float(FILM) / 4)) == ON_QUOTA
    assert gateway.film()["left"] == 0
    assert gateway.credits() == before
    assert gateway.ask()["reason"] == "quota_used_up"


def test_p12_consumption_varies_by_model_and_feature_and_what_was_used_counts(gateway):
    plain = gateway.run()
    sharp = gateway.run(resolution="1080p")
    longer = gateway.run(feature="extend")
    assert plain["units"] < longer["units"] < sharp["units"]
    asked = gateway.ask(units=8)
    gateway.call("POST", f"/v1/admissions/{asked['admission_id']}/settle", {"units": 3})
    failed = gateway.ask(units=8)
    gateway.call("POST", f"/v1/admissions/{failed['admission_id']}/release")
    used = plain["units"] + sharp["units"] + longer["units"] + 3
    assert gateway.film()["used"] == used
    told = {(each["model"], each["feature"]): each for each in gateway.standing()["consumed"]}
    assert told["reel-3", "extend"]["units"] == longer["units"]
    assert told["reel-3", None]["jobs"] == 3
    assert sum(each["units"] for each in told.values()) == used


def test_p13_when_it_is_used_up_the_customer_waits_for_the_month_or_uses_credits(gateway):
    gateway.run(units=float(FILM))
    denied = gateway.ask("quota")
    assert (denied["admitted"], denied["reason"]) == (False, "quota_used_up")
    assert denied["still_works"] == ["credits"]
    assert denied["retry_at"] == gateway.film()["refreshes_at"] == "2026-12-01T00:00:00Z"
    assert how(gateway.run("credits")) == ON_CREDITS
    assert how(gateway.run("either")) == ON_CREDITS
    gateway.clock.advance(8 * DAY.total_seconds())
    assert how(gateway.run("quota")) == ON_QUOTA


def test_p15_quota_jobs_wait_in_the_basic_queue_and_credit_jobs_run_first_at_full_speed(gateway):
    for _ in range(2):
        assert how(gateway.run("quota")) == ON_QUOTA
        on_credits = gateway.run("credits")
        assert how(on_credits) == ON_CREDITS
        assert on_credits["speed"] == CATALOGUE.full_speed
        gateway.call("POST", "/v1/load", CROWDED)


def test_p16_quota_mode_can_be_switched_off_at_any_time_to_generate_with_credits(gateway):
    assert how(gateway.run()) == ON_QUOTA
    gateway.call("PUT", "/v1/accounts/acc_1/quota-mode", {"on": False})
    used = gateway.film()["used"]
    assert how(gateway.run()) == ON_CREDITS
    assert gateway.ask("quota")["reason"] == "quota_mode_off"
    assert gateway.film()["used"] == used
    gateway.call("PUT", "/v1/accounts/acc_1/quota-mode", {"on": True})
    assert how(gateway.run()) == ON_QUOTA


def test_p18_a_crowded_queue_slows_quota_jobs_for_a_time_and_credit_jobs_never(gateway):
    calm = {mode: gateway.run(mode) for mode in ("quota", "credits")}
    gateway.call("POST", "/v1/load", CROWDED)
    full = {mode: gateway.run(mode) for mode in ("quota", "credits")}
    assert full["quota"]["speed"] == calm["quota"]["speed"] * LEVELS[-1].speed
    assert 1 <= full["quota"]["concurrency"] < calm["quota"]["concurrency"]
    for part in ("mode", "queue", "units", "speed", "concurrency", "turn"):
        assert full["credits"][part] == calm["credits"][part]
    gateway.clock.advance(3600)
    assert gateway.run("quota")["speed"] == calm["quota"]["speed"]


def test_p20_the_quota_is_for_personal_human_use_and_only_the_quota_can_be_stopped_for_it(
    gateway, house
):
    rules = gateway.client.get("/plans").text
    for said in ("personal, human use", "Automation", "scripting", "sharing", "reselling access"):
        assert said in rules
    calm, before = gateway.run("credits"), gateway.credits()
    house.take(payload())
    denied = gateway.ask("quota")
    assert (denied["admitted"], denied["reason"]) == (False, "quota_paused")
    assert "review by a person" in denied["sentence"]
    assert denied["still_works"] == ["credits"]
    assert gateway.credits() == before
    paused = gateway.run("credits")
    for part in ("admitted", "mode", "queue", "units", "speed", "concurrency"):
        assert paused[part] == calm[part]


def test_p21_abnormal_activity_pauses_the_quota_for_a_time_and_a_person_restores_it(gateway, house):
    case_id = house.take(payload()).case_id
    denied = gateway.ask()
    assert denied["reason"] == "quota_paused"
    assert denied["retry_at"] == "2026-11-26T09:00:00Z"
    house.decide(case_id, now=MONDAY)
    assert how(gateway.run()) == ON_QUOTA


def test_p21_a_pause_that_nobody_confirms_is_over_when_it_was_said_to_be(gateway, house):
    house.take(payload())
    assert not gateway.ask()["admitted"]
    gateway.clock.advance(3 * DAY.total_seconds())
    assert how(gateway.run()) == ON_QUOTA
