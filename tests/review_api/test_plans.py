"""What is offered, as JSON."""

from __future__ import annotations

from fastapi.testclient import TestClient

from access.catalogue import load_catalogue
from review_api.app import create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.verdicts import MONDAY


def test_the_platform_reads_plans_models_and_packs_as_numbers(database):
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    client = TestClient(create_app(database.engine, ManualClock(MONDAY)))
    shown = client.get("/v1/plans", headers={"Authorization": f"Bearer {token}"}).json()
    catalogue = load_catalogue()
    assert (shown["version"], shown["unit_seconds"], shown["zone"]) == (1, 4, "UTC")
    assert [plan["plan"] for plan in shown["plans"]] == list(catalogue.plans)
    assert [model["model"] for model in shown["models"]] == list(catalogue.models)
    basic = shown["plans"][1]
    assert (basic["price"], basic["credits"]) == (12, 80)
    assert basic["quota"][0]["units"] == 400
    assert basic["speed"][-1] == {"after_days": 180, "factor": 1.3}
    reel_4 = {"model": "reel-4", "by_credits": 32, "by_quota": None}
    assert reel_4 in basic["capacity"]
    assert shown["models"][0]["rates"][0] == {"resolution": "1k", "credits": 0.25, "quota": 0.25}
    assert shown["packs"][0] == {"pack": "small", "credits": 20, "price": 5}
    assert {"feature": "draft", "factor": 0.5} in shown["features"]
