"""The whole loop on real parts: a Kafka broker, a migrated database, HTTP, a person's decision."""

from __future__ import annotations

import json
import uuid

import pytest
from fastapi.testclient import TestClient

from access.database import open_engine, writers
from fairuse import database
from fairuse.wiring import review_policy
from fairuse.work.intake import intake
from fairuse.work.relay import relay
from fairuse.work.stream import stream
from review_api.app import ApiSettings, create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.simulator import Mix, simulate
from tests.fairuse.world import CLOCK, fill, read_all, run_of, settings_in

TIRELESS = Mix({"casual": 0.8, "cron_batch": 0.2})


@pytest.mark.kafka
def test_from_events_on_kafka_to_access_given_back(kafka, empty_database_url, tmp_path, registry):
    settings = settings_in(
        tmp_path,
        registry,
        database_url=empty_database_url,
        events_url=f"kafka://{kafka}/usage-{uuid.uuid4().hex[:8]}",
        group=f"loop-{uuid.uuid4().hex[:8]}",
        grace_seconds=0,
    )
    database.migrate(settings.database_url)
    fill(settings, list(simulate(30, 6, seed=5, mix=TIRELESS).tables()))

    assert stream(run_of(settings)) > 0
    assert intake(run_of(settings)) > 0
    assert relay(run_of(settings)) > 0

    engine = open_engine(settings.database_url)
    with writers(engine).begin() as session:
        token = issue_token(session, "ann", Role.REVIEWER, CLOCK.now())
        gate = issue_token(session, "platform", Role.SERVICE, CLOCK.now())
    app = create_app(engine, CLOCK, ApiSettings(policy=review_policy(settings), version="test"))
    with TestClient(app) as client:
        reviewer = {"authorization": f"Bearer {token}"}
        platform = {"authorization": f"Bearer {gate}"}
        top = client.get("/v1/cases", headers=reviewer).json()["items"][0]
        account = top["account_id"]
        assert client.get(f"/v1/access/{account}", headers=platform).json()["paused"]

        decided = client.post(
            f"/v1/cases/{top['case_id']}/decisions",
            headers=reviewer,
            json={
                "choice": "restore",
                "outcome": "false_positive",
                "reason_code": "signals_misread",
                "rationale": "spoke to the customer",
                "version": top["version"],
            },
        )
        assert decided.status_code == 201, decided.text
        access = client.get(f"/v1/access/{account}", headers=platform).json()
        assert not access["paused"]
        assert "monthly_quota" in access["still_works"]
    engine.dispose()

    assert relay(run_of(settings)) == 1
    told = [
        json.loads(value)
        for raw in read_all(settings, "access-changes")
        for value in raw.values
        if json.loads(value)["account_id"] == account
    ]
    # The broker outlives a test: what an earlier run said of the account stands before.
    assert [change["paused"] for change in told[-2:]] == [True, False]
