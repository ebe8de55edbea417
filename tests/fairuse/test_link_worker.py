"""The worker of linked accounts: one table over all partitions, and nothing lost or doubled."""

from __future__ import annotations

import uuid
from contextlib import closing
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import event, func, select

from access.database import open_engine, readers, writers
from access.models import PauseLease
from detectors.association import DETECTOR
from detectors.verdict import decode
from fairuse import database
from fairuse.metrics import Metric
from fairuse.work.link import GROUP_SUFFIX, Linker, link
from fairuse.work.link_memory import LinkMemory
from features.snapshots import SnapshotStore
from review_api.link_models import AttributeMember
from review_api.models import Evidence
from review_api.policy import ReviewPolicy
from streams.simulator import Mix, simulate
from streams.simulator.simulation import START
from tests.fairuse.world import CLOCK, fill, run_of, settings_in

PEOPLE = Mix({"casual": 0.6, "family_member": 0.2, "office_worker": 0.2})
FARM = simulate(10, 4, seed=9, start=START + timedelta(days=9), mix=Mix({"account_farm": 1.0}))


@pytest.fixture(scope="module")
def tables():
    """Thirteen days of honest people, and from the ninth on a farm of ten."""
    honest = simulate(70, 13, seed=4, mix=PEOPLE)
    whole = pa.concat_tables([*honest.tables(), *FARM.tables()])
    return [whole.sort_by("occurred_at")]


@pytest.fixture
def settings(tmp_path, registry):
    settings = settings_in(tmp_path, registry, batch_events=2000)
    database.migrate(settings.database_url)
    return settings


def noted(settings):
    """Give who was noted with a device or a prompt: few enough to be kept exactly."""
    engine = open_engine(settings.database_url)
    with readers(engine).begin() as session:
        found = session.query(AttributeMember.attribute_id, AttributeMember.account_id)
        members = {tuple(row) for row in found if row[0].startswith(("device:", "prompt:"))}
    engine.dispose()
    assert members
    return members


def evidence_in(settings):
    engine = open_engine(settings.database_url)
    with readers(engine).begin() as session:
        found = [decode(row.encode()) for row in session.scalars(select(Evidence.payload))]
        leases = session.scalar(select(func.count()).select_from(PauseLease))
    engine.dispose()
    return found, leases


def test_a_farm_is_put_to_review_and_nobody_else_and_nobody_is_paused(settings, tables):
    fill(settings, tables)
    run = run_of(settings)
    assert link(run) == len(tables[0])
    found, leases = evidence_in(settings)
    assert {verdict.account_id for verdict in found} <= set(FARM.personas)
    assert len(found) >= 8
    assert {verdict.detector for verdict in found} == {DETECTOR}
    assert leases == 0
    assert run.metrics.value(Metric.LINK_REVIEWS, reason="first_seen_together") == len(found)
    assert run.metrics.value(Metric.SIGHTINGS, shared="device") > 0


def test_a_worker_that_crashes_notes_the_same_in_the_end(tmp_path, settings, registry, tables):
    fill(settings, tables)
    for seed in range(3):
        crash_after(settings, steps=int(np.random.default_rng(seed).integers(1, 9)))
    link(run_of(settings))
    (tmp_path / "calm").mkdir()
    calm = settings_in(tmp_path / "calm", registry, batch_events=2000)
    database.migrate(calm.database_url)
    fill(calm, tables)
    link(run_of(calm))
    assert noted(settings) == noted(calm)


def test_no_transaction_of_a_backlog_is_long(settings, tables, monkeypatch):
    monkeypatch.setattr("fairuse.work.link.NOTED_AT_ONCE", 20)
    fill(settings, tables)
    engine, written = open_engine(settings.database_url), [0]

    def count(_connection, _cursor, statement, values, _context, many):
        if statement.startswith("INSERT INTO attribute_members"):
            written[-1] += len(values) if many else 1

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", lambda _: written.append(0))
    monkeypatch.setattr("fairuse.work.link.open_database", lambda _: engine)
    link(run_of(settings))
    assert sum(written) > 100
    assert max(written) <= 20


def crash_after(settings, steps):
    """Work for some steps, save, work on and vanish."""
    run = run_of(settings)
    engine = open_engine(settings.database_url)
    topics = fill(settings, [])
    with closing(topics.source(settings.group + GROUP_SUFFIX, settings, CLOCK)) as source:
        memory = LinkMemory(source, SnapshotStore(settings.snapshot_dir), topics.events, 1 << 18)
        worker = Linker(run, memory, writers(engine), readers(engine), ReviewPolicy(), 0.0)
        source.subscribe([topics.events], memory)
        for step in range(steps):
            worker.step()
            if step == steps // 2:
                memory.save()
    engine.dispose()


def test_a_finished_worker_reads_nothing_again(settings, tables):
    fill(settings, tables)
    link(run_of(settings))
    assert link(run_of(settings)) == 0


def test_a_snapshot_of_another_log_is_not_believed(settings, tables, tmp_path):
    fill(settings, tables)
    link(run_of(settings))
    other = settings.model_copy(update={"events_url": f"log:{tmp_path}/other/usage-events"})
    fill(other, [tables[0][:3000]])
    assert link(run_of(other)) == 3000


@pytest.mark.kafka
def test_links_are_noted_from_kafka(kafka, settings, tables):
    real = settings.model_copy(
        update={
            "events_url": f"kafka://{kafka}/usage-{uuid.uuid4().hex[:8]}",
            "group": f"links-{uuid.uuid4().hex[:8]}",
        }
    )
    fill(real, tables)
    assert link(run_of(real)) == len(tables[0])
    found, _ = evidence_in(real)
    assert {verdict.account_id for verdict in found} <= set(FARM.personas)
    assert found
