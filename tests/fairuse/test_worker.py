"""The scoring worker publishes each verdict once, whatever happens to it on the way."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from prometheus_client import generate_latest

from detectors.registry import Registry
from fairuse.metrics import Metric
from fairuse.topics import VERDICTS, Topics
from fairuse.work.stream import open_worker, stream
from streams.dead_letters import decode as decode_letter
from streams.errors import TooManyDeadLetters
from streams.transport import Record
from tests.fairuse.world import (
    CLOCK,
    busy_tables,
    fill,
    read_all,
    run_of,
    settings_in,
    verdicts_in,
)

if TYPE_CHECKING:
    from pathlib import Path

    from fairuse.settings import Settings

TABLES = busy_tables(accounts=60, days=1.5)


def ids(settings: Settings) -> Counter[str]:
    return Counter(verdict.verdict_id for verdict in verdicts_in(settings))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, registry: Path) -> Counter[str]:
    """The verdict ids of a run that nothing happened to."""
    settings = settings_in(tmp_path_factory.mktemp("undisturbed"), registry)
    fill(settings, TABLES)
    stream(run_of(settings))
    found = ids(settings)
    assert sum(found.values()) >= 10
    return found


def crash_after(settings: Settings, steps: int) -> None:
    """Work for some steps and vanish: no snapshot, no farewell."""
    run = run_of(settings)
    worker = open_worker(run, Topics.at(settings.events_url))
    with closing(worker.source), closing(worker.sink):
        worker.source.subscribe(["usage-events"], worker.lanes)
        for _ in range(steps):
            worker.step()


def test_verdicts_name_their_place_in_the_log(tmp_path, registry):
    settings = settings_in(tmp_path, registry)
    fill(settings, TABLES)
    stream(run_of(settings))
    for verdict in verdicts_in(settings):
        assert verdict.topic == "usage-events"
        assert verdict.partition in {0, 1}
        assert verdict.reasons


@pytest.mark.parametrize("snapshot_seconds", [0.001, 3600])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_worker_that_crashes_at_random_repeats_and_loses_nothing(
    tmp_path, registry, undisturbed, snapshot_seconds, seed
):
    chance = np.random.default_rng(seed)
    settings = settings_in(tmp_path, registry, batch_events=700, snapshot_seconds=snapshot_seconds)
    fill(settings, TABLES)
    for _ in range(4):
        crash_after(settings, steps=int(chance.integers(2, 9)))
    stream(run_of(settings))
    assert ids(settings) == undisturbed


def test_a_restart_replays_in_silence_what_no_snapshot_holds(tmp_path, registry, undisturbed):
    settings = settings_in(tmp_path, registry, batch_events=500, snapshot_seconds=3600)
    fill(settings, TABLES)
    crash_after(settings, steps=6)
    before = ids(settings)
    run = run_of(settings)
    stream(run)
    assert run.metrics.value(Metric.REPLAYED) > 0
    assert before <= ids(settings) == undisturbed


def test_a_finished_worker_leaves_snapshots_and_its_successor_replays_nothing(tmp_path, registry):
    settings = settings_in(tmp_path, registry)
    fill(settings, TABLES)
    stream(run_of(settings))
    run = run_of(settings)
    assert stream(run) == 0
    assert run.metrics.value(Metric.REPLAYED) == 0


def test_a_snapshot_ahead_of_the_committed_place_is_not_believed(tmp_path, registry, undisturbed):
    settings = settings_in(tmp_path, registry)
    fill(settings, TABLES)
    stream(run_of(settings))
    again = settings.model_copy(update={"group": "again"})
    stream(run_of(again))
    assert ids(settings) == undisturbed + undisturbed


def test_a_bad_record_is_a_dead_letter_alone(tmp_path, registry, undisturbed):
    settings = settings_in(tmp_path, registry)
    topics = fill(settings, TABLES[:1])
    with closing(topics.sink(CLOCK)) as sink:
        sink.send([Record(topics.events, b"acc_1", b'{"event_id": 7}')])
        sink.send([Record(topics.events, b"acc_1", b"\xff\xfe")])
    fill(settings, TABLES[1:])
    run = run_of(settings)
    stream(run)
    letters = [
        decode_letter(value)
        for raw in read_all(settings, "usage-events.dead-letters")
        for value in raw.values
    ]
    assert sorted(letter.reason for letter in letters) == ["invalid_utf8", "wrong_type"]
    assert run.metrics.value(Metric.EVENTS) == sum(map(len, TABLES))


def test_past_the_limit_the_worker_stops_and_leaves_the_rest_in_its_topic(tmp_path, registry):
    settings = settings_in(
        tmp_path, registry, batch_events=100, dead_letter_count=10, dead_letter_window=100
    )
    topics = fill(settings, [])
    with closing(topics.sink(CLOCK)) as sink:
        sink.send([Record(topics.events, b"a", b"{}") for _ in range(1000)])
    with pytest.raises(TooManyDeadLetters):
        stream(run_of(settings))
    letters = sum(len(raw) for raw in read_all(settings, "usage-events.dead-letters"))
    assert letters < 100


def test_a_new_model_forgets_the_running_maxima_of_the_old_one(tmp_path, registry):
    settings = settings_in(tmp_path, registry)
    fill(settings, TABLES)
    stream(run_of(settings))
    champion = Registry(registry).champion()
    other_folder = tmp_path / "other"
    manifest = msgspec.structs.replace(champion.manifest, created_at="later")
    other = Registry(other_folder).install(
        champion.bank, champion.calibration, manifest, actor="a test", why="it is needed"
    )
    assert other.manifest.version == champion.manifest.version
    run = run_of(settings)
    worker = open_worker(run, Topics.at(settings.events_url))
    worker.lanes.models.champion = type(champion)(
        champion.bank, champion.calibration, msgspec.structs.replace(manifest, version="other")
    )
    with closing(worker.source), closing(worker.sink):
        worker.source.subscribe(["usage-events"], worker.lanes)
        worker.step()
        lanes = list(worker.lanes.held.values())
        assert lanes
        assert all(lane.state.accounts > 0 for lane in lanes)
        assert all(not lane.scorer.records["maximum"].any() for lane in lanes)


def test_what_only_watches_is_published_as_a_shadow_and_counted_apart(tmp_path, registry):
    settings = settings_in(tmp_path, registry, detect_only="all")
    fill(settings, TABLES)
    run = run_of(settings)
    stream(run)
    verdicts = verdicts_in(settings)
    assert verdicts
    assert {(v.action, v.response, v.asked) for v in verdicts} == {("allow", "none", "none")}
    for (detector, shadow), count in Counter((v.detector, v.shadow) for v in verdicts).items():
        labels = {"detector": detector, "response": shadow}
        assert run.metrics.value(Metric.SHADOWS, **labels, overlap="no") == count
        assert run.metrics.value(Metric.SHADOWS, **labels, overlap="yes") == 0


def test_without_watching_detectors_no_shadow_is_counted(tmp_path, registry):
    settings = settings_in(tmp_path, registry)
    fill(settings, TABLES)
    run = run_of(settings)
    stream(run)
    assert {v.shadow for v in verdicts_in(settings)} == {"none"}
    assert "fairuse_shadow_verdicts_total{" not in generate_latest(run.metrics.registry).decode()


def test_verdicts_travel_as_json_keyed_by_account(tmp_path, registry):
    settings = settings_in(tmp_path, registry)
    fill(settings, TABLES)
    stream(run_of(settings))
    for raw in read_all(settings, VERDICTS):
        for key, value in zip(raw.keys, raw.values, strict=True):
            assert json.loads(value)["account_id"].encode() == key
