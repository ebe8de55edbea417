"""The bookkeeper: events from the log into the books, once, and dead letters for what is wrong."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from access.catalogue import load_catalogue
from access.database import open_engine, readers
from access.standings import read_standings
from fairuse import database
from fairuse.metrics import Metric
from fairuse.wiring import make_room, open_topics
from fairuse.work.book import book
from streams.dead_letters import decode as read_letter
from streams.encode import encode_json
from streams.simulator.year import END, year_of
from streams.transport import Record
from tests.fairuse.world import CLOCK, read_all, run_of, settings_in

YEAR = year_of("subscriber", 7)
CATALOGUE = load_catalogue()


@pytest.fixture
def settings(tmp_path):
    settings = settings_in(tmp_path, Path("unused"), poll_seconds=0.05)
    database.migrate(settings.database_url)
    return settings


def publish(settings, rows):
    topics = open_topics(settings, CLOCK)
    with closing(topics.sink(CLOCK)) as sink:
        sink.send(
            [
                Record(topics.events, row["account_id"].encode(), payload)
                for row, payload in zip(rows, encode_json(rows), strict=True)
            ]
        )
    return topics


def standing(settings, now=END, account="subscriber"):
    engine = open_engine(settings.database_url)
    try:
        with readers(engine).begin() as session:
            return read_standings(session, [account], CATALOGUE, now)[account]
    finally:
        engine.dispose()


def test_a_year_of_events_becomes_subscriptions_credits_and_quota(settings):
    publish(settings, YEAR)
    run = run_of(settings)
    assert book(run) == len(YEAR)
    found = standing(settings)
    assert found.subscription.plan.name == "basic"
    assert found.subscription.since.date().isoformat() == "2026-09-04"
    assert found.usage.of("reel-3").units > 0
    assert run.metrics.value(Metric.BOOKED, outcome="granted") == 1
    assert run.metrics.value(Metric.BOOKED, outcome="noted") == 16
    assert run.metrics.value(Metric.BOOKED, outcome="refunded") > 0
    assert run.metrics.value(Metric.BOOKED, outcome="short") == 0


def test_a_crash_before_the_commit_brings_events_again_and_changes_nothing(settings, monkeypatch):
    publish(settings, YEAR)

    def crash(*_):
        raise ConnectionError("the log went away")

    with monkeypatch.context() as broken:
        broken.setattr("streams.embedded.EmbeddedSink.send_and_commit", crash)
        with pytest.raises(ConnectionError):
            book(run_of(settings))
    before = standing(settings)
    run = run_of(settings)
    assert book(run) == len(YEAR)
    assert standing(settings) == before
    assert run.metrics.value(Metric.BOOKED, outcome="noted") == 0
    assert run.metrics.value(Metric.BOOKED, outcome="charged") == 0


def test_jobs_may_be_left_to_the_platform(settings):
    publish(settings, YEAR)
    run = run_of(settings.model_copy(update={"book_jobs": False}))
    assert book(run) == len(YEAR)
    assert run.metrics.value(Metric.BOOKED, outcome="noted") == 16
    assert run.metrics.value(Metric.BOOKED, outcome="charged") == 0
    assert standing(settings).usage.by_model == {}


def test_what_the_books_refuse_is_a_dead_letter_that_says_why_and_the_rest_goes_on(settings):
    start, *_ = YEAR
    wrong = start | {"event_id": "wrong", "plan": "gold"}
    long = start | {
        "event_id": "long",
        "type": "generation.requested",
        "job_id": "j" * 200,
        "plan": None,
    }
    unreadable = {"event_id": "odd", "account_id": "subscriber", "type": 7}
    topics = publish(settings, [wrong, long, unreadable, start])
    run = run_of(settings)
    assert book(run) == 4
    assert standing(settings, now=start["occurred_at"]).subscription.plan.name == "basic"
    batches = read_all(settings, topics.dead_letters(topics.events))
    letters = [read_letter(value) for raw in batches for value in raw.values]
    # The unreadable record is the scoring worker's to report.
    assert [(letter.field, letter.sentence[:30]) for letter in letters] == [
        ("plan", "there is no plan 'gold'; there"),
        ("", "job_id must be at most 128 cha"),
    ]
    assert b'"event_id":"wrong"' in letters[0].payload
    assert run.metrics.value(Metric.DEAD_LETTERS, reason="out_of_range") == 2


def test_the_order_within_a_day_and_the_size_of_batches_do_not_matter(tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    shuffled = sorted(YEAR, key=lambda row: (row["occurred_at"].date(), rng.random()))
    found = []
    for name, rows in (("ordered", YEAR), ("shuffled", shuffled)):
        settings = settings_in(tmp_path / name, Path("unused"), poll_seconds=0.05, batch_events=31)
        make_room(settings.database_url)
        database.migrate(settings.database_url)
        publish(settings, rows)
        book(run_of(settings))
        monkeypatch.setattr("fairuse.work.book.BOOKED_AT_ONCE", 7)
        found.append(standing(settings))
    ordered, shuffled = found
    assert sums(ordered) == sums(shuffled)


def sums(standing):
    left = {grant.id: grant.left for grant in standing.purse.grants}
    used = {model: used.units for model, used in standing.usage.by_model.items()}
    return left, used, standing.subscription
