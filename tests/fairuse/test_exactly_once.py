"""A worker killed with SIGKILL at ten random moments loses no event and repeats no verdict.

On a real broker: what a reader of committed records sees is compared with an undisturbed run.
"""

from __future__ import annotations

import multiprocessing
import time
import uuid
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fairuse.topics import Topics
from fairuse.work.stream import stream
from streams.raw import Partition
from tests.fairuse.world import CLOCK, busy_tables, fill, run_of, settings_in, verdicts_in

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from fairuse.settings import Settings

KILLS = 10
PATIENCE = 90.0
# Children are forked from a server that has imported everything once.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["fairuse.work.stream", "tests.fairuse.world"])

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(900)]


def work(settings: Settings) -> None:
    stream(run_of(settings))


def settings_on(kafka: str, folder: Path, registry: Path, name: str, **changes) -> Settings:
    folder.mkdir()
    url = f"kafka://{kafka}/{name}"
    return settings_in(folder, registry, events_url=url, group=name, session_seconds=1.5, **changes)


def what_was_said(settings: Settings) -> Counter[tuple]:
    """Everything a verdict says but the name of its topic, with how often it was said."""
    topic = Topics.at(settings.events_url).events
    return Counter(
        (one.account_id, one.kind, one.action, one.occurred_at, one.events, one.abuse)
        for one in verdicts_in(settings)
        if one.topic == topic
    )


def handled(settings: Settings) -> int:
    """How many records the group has committed."""
    topics = Topics.at(settings.events_url)
    with closing(topics.source(settings.group, settings, CLOCK)) as source:
        parts = [Partition(topics.events, number) for number in range(settings.partitions)]
        return sum(source.committed(part) or 0 for part in parts)


def wait_until_handled(settings: Settings, target: int, worker: BaseProcess) -> None:
    deadline = time.monotonic() + PATIENCE
    while handled(settings) < target:
        assert worker.is_alive(), "the worker ended before it was killed"
        assert time.monotonic() < deadline, "the worker makes no progress"
        time.sleep(0.02)


def test_ten_kills_lose_nothing_and_repeat_nothing(kafka, tmp_path, registry):
    tables = busy_tables(accounts=60, days=1.5)
    total = sum(map(len, tables))
    run = uuid.uuid4().hex[:8]
    calm = settings_on(kafka, tmp_path / "calm", registry, f"calm-{run}")
    fill(calm, tables)
    stream(run_of(calm))
    expected = what_was_said(calm)
    assert sum(expected.values()) >= 10

    harried = settings_on(
        kafka, tmp_path / "harried", registry, f"harried-{run}",
        batch_events=25, snapshot_seconds=0.5,
    )  # fmt: skip
    fill(harried, tables)
    chance = np.random.default_rng(20)
    for target in np.sort(chance.integers(1, int(total * 0.9), KILLS)):
        worker = CHILDREN.Process(target=work, args=(harried,))
        worker.start()
        try:
            wait_until_handled(harried, int(target), worker)
            time.sleep(float(chance.uniform(0, 0.05)))
        finally:  # also where the wait fails: nobody else would ever end it
            worker.kill()
            worker.join(10)
        assert worker.exitcode == -9
    stream(run_of(harried))
    assert what_was_said(harried) == expected
