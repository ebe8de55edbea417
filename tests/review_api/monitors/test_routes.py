"""What the API and the metrics say of models and of the promise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from detectors.drift import Drift
from detectors.latency import LatencyDay
from detectors.stages import Stage
from review_api.app import ApiSettings, create_app
from review_api.monitors.nights import record_night
from review_api.monitors.overview import models_now
from review_api.monitors.reports import NightReport
from review_api.monitors.shelf import Shelf
from review_api.records import AuditEntry
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.shelves import A, B, C, fill, move, two
from tests.verdicts import DAY, HOUR, MONDAY

LATENCY = tuple(
    LatencyDay(f"2026-10-{day:02}", 500, (30.0 if day > 28 else 10.0) + day / 10, 100.0)
    for day in range(1, 32)
)
DRIFT = (Drift("gap_entropy", 0.4, 0.3, 1e-9, 900, 800, drifted=True),)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(two(tmp_path / "models"))


@pytest.fixture
def call(house, shelf):
    """Give a client that speaks for a role."""
    settings = ApiSettings(policy=house.policy, shelf=shelf)
    app = create_app(house.database.engine, ManualClock(MONDAY + 2 * HOUR), settings)

    def as_role(role):
        with house.database.writers.begin() as session:
            token = issue_token(session, role.value, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return as_role


def report(house, version=A, night="2026-11-23", **more):
    with house.database.writers.begin() as session:
        record_night(session, NightReport(night=night, model_version=version, **more), MONDAY)


def metrics(call):
    return call(Role.SERVICE).get("/metrics").text.splitlines()


def test_a_new_house_has_no_models_and_nothing_is_in_doubt(call, shelf):
    shelf.directory.rename(shelf.directory.with_name("elsewhere"))
    models = call(Role.VIEWER).get("/v1/models").json()
    assert (models["visible"], models["champion"], models["models"]) == (False, None, [])
    assert (models["latest_night"], models["happenings"]) == (None, [])
    promise = call(Role.VIEWER).get("/v1/promise").json()
    assert (promise["standing"], promise["change"], promise["judged"]) == ("trusted", None, 0)
    shown = metrics(call)
    assert "fairuse_promise_in_doubt 0.0" in shown
    assert not any(line.startswith("fairuse_model") for line in shown)


def test_the_models_are_told_with_their_stages_checks_and_history(call, house):
    report(house, drift=DRIFT, latency=LATENCY, labels={"automation": 3}, why="still champion")
    models = call(Role.VIEWER).get("/v1/models").json()
    assert (models["champion"], models["challenger"]) == (A, B)
    champion, challenger = models["models"]
    assert (champion["stage"], champion["why"], champion["checks"]) == ("champion", "said so", [])
    assert challenger["checks"] == [
        {"name": "precision", "passed": True, "waits": False, "sentence": "It holds."}
    ]
    night = models["latest_night"]
    assert (night["drifted"], night["labels"]) == (["gap_entropy"], {"automation": 3})
    assert "slower" in night["latency"][0]
    assert [each["what"] for each in models["happenings"]][:2] == ["challenger", "promoted"]


def test_a_promise_in_doubt_is_told_with_its_reason(call, house):
    for number in (1, 2):
        house.audit(number, paused=True)
    promise = call(Role.VIEWER).get("/v1/promise").json()
    assert (promise["standing"], promise["judged"], promise["wrongful"]) == ("in_doubt", 2, 2)
    assert promise["e_value"] > promise["alarm"]
    assert promise["change"]["actor"] == "guarantee monitor"
    assert "fairuse_promise_in_doubt 1.0" in metrics(call)
    assert "fairuse_promise_audits_wrongful 2.0" in metrics(call)
    happened = call(Role.VIEWER).get("/v1/models").json()["happenings"]
    assert "fell_back" in {each["what"] for each in happened}


def test_who_reads_models_or_the_promise_is_in_the_audit_log(call, house):
    viewer = call(Role.VIEWER)
    viewer.get("/v1/models")
    viewer.get("/v1/promise")
    assert house.count(AuditEntry) == 2


def test_the_metrics_are_those_of_the_champions_newest_night(call, house):
    house.audit(1, paused=True, honest=False, model_version=A)
    report(house, drift=DRIFT, latency=LATENCY, labels={"honest": 40}, months={"all": 900},
           calibrated_at=MONDAY - DAY)  # fmt: skip
    report(house, B, latency=LATENCY[:1], labels={"honest": 7})
    shown = metrics(call)
    for line in (
        f'fairuse_model{{stage="champion",version="{A}"}} 1.0',
        f'fairuse_model{{stage="challenger",version="{B}"}} 1.0',
        "fairuse_night_age_seconds 7200.0",
        'fairuse_model_precision{figure="value",kind="all"} 1.0',
        'fairuse_model_recall{figure="value",kind="automation"} 1.0',
        "fairuse_features_drifted 1.0",
        "fairuse_scores_drifted 0.0",
        "fairuse_latency_shifted 1.0",
        'fairuse_latency_seconds{figure="median"} 33.1',
        f"fairuse_calibration_age_seconds {(DAY + 2 * HOUR).total_seconds()}",
        'fairuse_calibration_months{stratum="all"} 900.0',
        'fairuse_labels{kind="honest"} 40.0',
    ):
        assert line in shown
    assert not any('kind="scripting"' in line for line in shown)


def test_a_challenger_has_so_long_to_wait_and_a_follower_says_who_took_its_place(house, tmp_path):
    moves = [
        move(1, A, Stage.CHAMPION), move(2, B, Stage.CHAMPION, day=1),
        move(3, C, Stage.CHALLENGER, day=2),
    ]  # fmt: skip
    shelf = Shelf(fill(tmp_path / "other", moves), timedelta(days=5))
    with house.database.readers.begin() as session:
        found = models_now(session, shelf, house.policy, MONDAY + 3 * DAY)
    assert found.waits == 4 * DAY
    assert [(one.version, one.stage) for one in found.models] == [
        (B, Stage.CHAMPION), (C, Stage.CHALLENGER), (A, Stage.RETIRED),
    ]  # fmt: skip
    assert (found.models[2].why, found.models[2].since) == (f"{B} took its place", MONDAY + DAY)


def test_each_night_is_told_by_the_model_that_was_champion_then(house, tmp_path):
    moves = [
        move(1, A, Stage.CHAMPION, day=-9), move(2, B, Stage.CHAMPION, day=-2),
        move(3, A, Stage.CHAMPION, day=-1, back=True),
    ]  # fmt: skip
    shelf = Shelf(fill(tmp_path / "other", moves))
    for day in range(-4, 1):
        for version in (A, B):
            with house.database.writers.begin() as session:
                night = NightReport(night=f"night {day}", model_version=version)
                record_night(session, night, MONDAY + day * DAY)
    with house.database.readers.begin() as session:
        found = models_now(session, shelf, house.policy, MONDAY).nights
        alone = models_now(session, Shelf(), house.policy, MONDAY).nights
    assert [one.model_version for one in found] == [A, A, B, A, A]
    assert {one.model_version for one in alone} == {A}


def test_a_damaged_registry_is_named_and_nothing_else_fails(call, shelf):
    (shelf.directory / "moves" / "000002.json").write_text("{")
    models = call(Role.VIEWER).get("/v1/models").json()
    assert "damaged" in models["fault"]
    assert models["champion"] is None
    assert "fairuse_promise_in_doubt 0.0" in metrics(call)
