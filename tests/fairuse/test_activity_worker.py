"""The worker that keeps what accounts did: all of it, once, and a bounded time."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from access.database import open_engine, readers, writers
from fairuse import database
from fairuse.metrics import Metric
from fairuse.wiring import open_topics
from fairuse.work.activity import FORGET_SECONDS, Chronicler, activity
from review_api.activity_records import AccountNetwork, ActivityEvent
from review_api.addresses import AddressSeal
from streams.transport import FencedError
from tests.fairuse.world import CLOCK, busy_tables, fill, run_of, settings_in


@pytest.fixture(scope="module")
def tables():
    return busy_tables(12, 1)


@pytest.fixture
def settings(tmp_path, tables):
    settings = settings_in(tmp_path, Path("unused"), poll_seconds=0.05, batch_events=500)
    database.migrate(settings.database_url)
    fill(settings, tables)
    return settings


def kept(settings, table=ActivityEvent):
    engine = open_engine(settings.database_url)
    try:
        with readers(engine).begin() as session:
            return session.scalar(select(func.count()).select_from(table))
    finally:
        engine.dispose()


def test_all_that_accounts_did_is_kept(settings, tables):
    total = sum(map(len, tables))
    run = run_of(settings)
    assert activity(run) == total
    assert kept(settings) == total == run.metrics.value(Metric.ACTIVITY_KEPT)
    assert kept(settings, AccountNetwork) >= 12


def test_a_crash_before_the_commit_brings_events_again_and_keeps_none_twice(
    settings, tables, monkeypatch
):
    def crash(*_):
        raise ConnectionError("the log went away")

    with monkeypatch.context() as broken:
        broken.setattr("streams.embedded.EmbeddedSource.commit", crash)
        with pytest.raises(ConnectionError):
            activity(run_of(settings))
    assert kept(settings)
    assert activity(run_of(settings)) == sum(map(len, tables))
    assert kept(settings) == sum(map(len, tables))


def test_it_reads_as_a_group_of_its_own_and_goes_on_where_it_was(settings):
    activity(run_of(settings))
    assert activity(run_of(settings)) == 0


def test_a_partition_that_was_lost_meanwhile_is_counted_and_costs_nothing(
    settings, tables, monkeypatch
):
    def fenced(*_):
        raise FencedError("another member reads it now")

    monkeypatch.setattr("streams.embedded.EmbeddedSource.commit", fenced)
    run = run_of(settings)
    activity(run)
    assert run.metrics.value(Metric.FENCED) > 0
    assert kept(settings) == sum(map(len, tables))


def test_what_is_too_old_is_forgotten_a_little_at_a_time(settings, tables):
    activity(run_of(settings))
    run = run_of(settings)
    engine = open_engine(settings.database_url)
    topics = open_topics(settings, CLOCK)
    long_ago = CLOCK.monotonic() - FORGET_SECONDS
    with closing(topics.source("again", settings, CLOCK)) as source:
        worker = Chronicler(run, source, writers(engine), AddressSeal(b""), long_ago)
        source.subscribe([topics.events], worker.held)
        # Simulated traffic is of last spring.
        assert run.clock.now() - tables[0]["occurred_at"][0].as_py() > timedelta(days=36)
        worker._forget_when_due()
    engine.dispose()
    assert kept(settings) == kept(settings, AccountNetwork) == 0
    assert run.metrics.value(Metric.ACTIVITY_FORGOTTEN) == sum(map(len, tables))
