"""`fairuse stream`: the scoring worker, put together from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairuse.archived import dead_letter_policy
from fairuse.models import champion_or_first
from fairuse.trusting import open_registry
from fairuse.watching import policy_of
from fairuse.wiring import open_topics
from fairuse.work.following import Goal, repeat
from fairuse.work.lanes import Lanes
from fairuse.work.models import Models
from fairuse.work.worker import Pace, Worker
from features.snapshots import SnapshotStore
from streams.dead_letters import DeadLetterLimit

if TYPE_CHECKING:
    from fairuse.topics import Topics
    from fairuse.work.run import Run


def stream(run: Run) -> int:
    """Score usage events as they come; give the number of records."""
    topics = open_topics(run.settings, run.clock)
    worker = open_worker(run, topics)
    goal = Goal(worker.source)
    worker.source.subscribe([topics.events], worker.lanes)

    def done() -> bool:
        return goal.reached(worker.lanes.held)

    try:
        return repeat(worker.step, run.stop, run.meter, done if run.until_end else None)
    finally:
        worker.close()


def open_worker(run: Run, topics: Topics) -> Worker:
    """Open everything that a scoring worker needs."""
    settings, clock = run.settings, run.clock
    source = topics.source(settings.group, settings, clock)
    sink = topics.sink(clock)
    lanes = Lanes(
        source=source,
        sink=sink,
        store=SnapshotStore(settings.snapshot_dir),
        models=Models(
            registry=open_registry(settings),
            champion=champion_or_first(open_registry(settings), clock),
            clock=clock,
            metrics=run.metrics,
            every=settings.model_seconds,
        ),
        clock=clock,
        metrics=run.metrics,
        snapshot_seconds=settings.snapshot_seconds,
        policy=policy_of(settings),
    )
    return Worker(
        source=source,
        sink=sink,
        lanes=lanes,
        metrics=run.metrics,
        dead_letter_topic=topics.dead_letters(topics.events),
        key=settings.hash_key,
        pace=Pace(settings.poll_seconds, settings.batch_events),
        limit=DeadLetterLimit(dead_letter_policy(settings)),
    )
