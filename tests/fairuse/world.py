"""A small world for the workers: a model, simulated events, topics, and settings in a folder."""

from __future__ import annotations

import uuid
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

from detectors.verdict import Verdict, decode
from fairuse.progress import Lines
from fairuse.settings import Settings
from fairuse.simulating import publish
from fairuse.topics import VERDICTS, Topics
from fairuse.wiring import open_topics
from fairuse.work.following import Goal, Held
from fairuse.work.run import Run
from streams.clock import SystemClock
from streams.simulator import Mix, simulate

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from streams.raw import RawBatch

CLOCK = SystemClock()
BUSY = Mix(
    {
        "casual": 0.5,
        "power_user": 0.2,
        "fixed_interval_bot": 0.1,
        "closed_loop_bot": 0.1,
        "copied_cookie": 0.1,
    }
)
"""Enough abuse that a small population gives a good number of verdicts."""


def settings_in(folder: Path, registry: Path, **changes: object) -> Settings:
    """Settings that keep everything in one folder, on the embedded log and SQLite."""
    given = {
        "database_url": f"sqlite:///{folder}/fairuse.db",
        "events_url": f"log:{folder}/log/usage-events",
        "snapshot_dir": folder / "snapshots",
        "archive_dir": folder / "archive",
        "registry_dir": registry,
        "poll_seconds": 0.2,
        "partitions": 2,
    }
    return Settings(**(given | changes))


def run_of(settings: Settings, *, until_end: bool = True) -> Run:
    return Run(settings, Event(), Lines("work", None, CLOCK), until_end, CLOCK)


def busy_tables(accounts: int, days: float, seed: int = 3) -> list[pa.Table]:
    return list(simulate(accounts, days, seed, mix=BUSY).tables())


def fill(settings: Settings, tables: list[pa.Table]) -> Topics:
    """Create the topics and publish the events."""
    topics = open_topics(settings, CLOCK)
    with closing(topics.sink(CLOCK)) as sink:
        for table in tables:
            publish(sink, topics.events, table)
    return topics


def read_all(settings: Settings, topic: str) -> list[RawBatch]:
    """Read a topic from its beginning to its end, as a group nobody else is in."""
    topics = Topics.at(settings.events_url)
    held, found = Held(), []
    with closing(topics.source(f"reader-{uuid.uuid4()}", settings, CLOCK)) as source:
        source.subscribe([topic], held)
        goal = Goal(source)
        deadline = CLOCK.monotonic() + 30
        while not goal.reached(held.partitions):
            assert CLOCK.monotonic() < deadline, f"{topic} could not be read to its end"
            found += source.poll(0.5)
    return found


def verdicts_in(settings: Settings) -> list[Verdict]:
    return [decode(value) for raw in read_all(settings, VERDICTS) for value in raw.values]
