"""From events to a pause to a restore to access again, over the program's own workers."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from access.database import open_engine, readers
from access.reading import access_of
from detectors.verdict import Action, Kind, encode
from fairuse import database
from fairuse.demo import run_demo
from fairuse.metrics import Metric
from fairuse.topics import VERDICTS
from fairuse.wiring import open_topics
from fairuse.work.archive import archive
from fairuse.work.intake import intake
from fairuse.work.relay import relay
from fairuse.work.stream import stream
from review_api.models import Case
from streams.archive import read_archive
from streams.transport import Record
from tests.fairuse.world import CLOCK, busy_tables, fill, read_all, run_of, settings_in
from tests.verdicts import verdict

if TYPE_CHECKING:
    from fairuse.settings import Settings


@pytest.fixture
def settings(tmp_path, registry) -> Settings:
    made = settings_in(tmp_path, registry)
    database.migrate(made.database_url)
    return made


def publish_verdicts(settings: Settings, *payloads: bytes) -> None:
    topics = open_topics(settings, CLOCK)
    with closing(topics.sink(CLOCK)) as sink:
        sink.send([Record(VERDICTS, b"acc", payload) for payload in payloads])


def cases(settings: Settings) -> int:
    engine = open_engine(settings.database_url)
    with readers(engine).begin() as session:
        count = len(session.scalars(select(Case)).all())
    engine.dispose()
    return count


def test_a_verdict_becomes_a_case_a_pause_and_an_announcement(settings):
    one = verdict("acc", action=Action.PAUSE, kind=Kind.AUTOMATION)
    publish_verdicts(settings, encode(one))
    assert intake(run_of(settings)) == 1
    assert relay(run_of(settings)) == 1
    engine = open_engine(settings.database_url)
    with readers(engine).begin() as session:
        assert access_of(session, "acc", CLOCK.now()).paused
    engine.dispose()
    (raw,) = read_all(settings, "access-changes")
    assert json.loads(raw.values[0])["paused"] is True


def test_a_verdict_that_comes_again_changes_nothing(settings):
    payload = encode(verdict("acc", action=Action.PAUSE))
    publish_verdicts(settings, payload, payload)
    run = run_of(settings)
    intake(run)
    assert run.metrics.value(Metric.INTAKE, outcome="repeated") == 1
    assert relay(run_of(settings)) == 1


def test_an_unreadable_verdict_is_a_dead_letter_alone(settings):
    publish_verdicts(settings, b"not json", encode(verdict("acc", action=Action.REVIEW)))
    intake(run_of(settings))
    assert cases(settings) == 1
    (raw,) = read_all(settings, "verdicts.dead-letters")
    assert json.loads(raw.values[0])["sentence"]


def test_intake_goes_on_where_it_had_committed(settings):
    publish_verdicts(settings, encode(verdict("a", action=Action.REVIEW)))
    assert intake(run_of(settings)) == 1
    assert intake(run_of(settings)) == 0


def test_the_relay_sends_each_message_once(settings):
    publish_verdicts(settings, encode(verdict("acc", action=Action.PAUSE)))
    intake(run_of(settings))
    assert relay(run_of(settings)) == 1
    assert relay(run_of(settings)) == 0


def test_the_archive_holds_every_event_with_its_place_and_once(settings):
    tables = busy_tables(accounts=10, days=0.5)
    fill(settings, tables)
    archive(run_of(settings))
    assert archive(run_of(settings)) == 0
    decoded = list(read_archive(settings.archive_dir, key=settings.hash_key))
    assert sum(len(part.events) for part in decoded) == sum(map(len, tables))
    assert {int(p) for part in decoded for p in part.events.events["partition"]} == {0, 1}


def test_scoring_alone_pauses_nobody(settings):
    fill(settings, busy_tables(accounts=40, days=1.5))
    stream(run_of(settings))
    assert cases(settings) == 0


def test_the_demo_runs_the_whole_loop_and_is_at_its_end_the_second_time(tmp_path, registry, capsys):
    settings = settings_in(tmp_path / "demo", registry)
    run_demo(settings, once=True, as_json=True)
    first = json.loads(capsys.readouterr().out)
    assert first["paused_accounts"] >= 1
    assert first["open_cases"] >= first["paused_accounts"]
    assert first["unsent_messages"] == 0
    run_demo(settings, once=True, as_json=True)
    assert json.loads(capsys.readouterr().out) == first
