"""`fairuse activity`: what accounts did, from usage events into the review database for a time.

It reads the log as a group of its own. Its place is committed after the rows, so a crash in between
brings events again that are there already. Unreadable records are the scoring worker's to report.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from access.database import writers
from fairuse.metrics import Metric
from fairuse.wiring import open_database, open_topics
from fairuse.work.following import Goal, Held, repeat
from review_api.activity_age import forget_old_activity
from review_api.activity_intake import note_activity
from review_api.addresses import AddressSeal
from streams.named import read_named
from streams.transport import FencedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from fairuse.work.run import Run
    from streams.raw import RawBatch
    from streams.transport import Source

GROUP_SUFFIX: Final = "-activity"
NOTED_AT_ONCE: Final = 2_000
"""Events in one transaction: on SQLite a reviewer's decision waits until it ends."""
FORGET_SECONDS: Final = 10.0
"""Between two looks for what is too old: a few accounts each time, round and round."""


@dataclass(slots=True)
class Chronicler:
    """One member of the group that keeps what accounts did."""

    run: Run
    source: Source
    sessions: sessionmaker[Session]
    seal: AddressSeal
    looked_at: float
    looked_after: str = ""
    held: Held = field(default_factory=Held)

    def step(self) -> int:
        """Keep what has come, commit its place, and forget what is due; give the records."""
        settings = self.run.settings
        batches = self.source.poll(settings.poll_seconds, settings.batch_events)
        for raw in batches:
            self._keep(raw)
            try:
                self.source.commit({raw.partition: raw.next_offset})
            except FencedError:
                # Another worker reads the partition now, and finds these rows there.
                self.run.metrics.count(Metric.FENCED)
        self._forget_when_due()
        return sum(len(raw) for raw in batches)

    def _keep(self, raw: RawBatch) -> None:
        for named in read_named(raw, self.run.settings.hash_key):
            for start in range(0, len(named), NOTED_AT_ONCE):
                part = named[start : start + NOTED_AT_ONCE]
                with self.sessions.begin() as session:
                    kept = note_activity(session, part, self.seal)
                self.run.metrics.count(Metric.ACTIVITY_KEPT, kept)

    def _forget_when_due(self) -> None:
        now = self.run.clock.monotonic()
        if now - self.looked_at < FORGET_SECONDS:
            return
        self.looked_at = now
        before = self.run.clock.now() - timedelta(days=self.run.settings.activity_days)
        with self.sessions.begin() as session:
            forgotten = forget_old_activity(session, before, self.looked_after)
        self.looked_after = forgotten.after
        self.run.metrics.count(Metric.ACTIVITY_FORGOTTEN, forgotten.rows)


def activity(run: Run) -> int:
    """Keep what accounts did as events come; give the number of records."""
    topics = open_topics(run.settings, run.clock)
    engine = open_database(run.settings)
    seal = AddressSeal(run.settings.session_key.get_secret_value().encode())
    group = run.settings.group + GROUP_SUFFIX
    with closing(topics.source(group, run.settings, run.clock)) as source:
        worker = Chronicler(run, source, writers(engine), seal, run.clock.monotonic())
        source.subscribe([topics.events], worker.held)
        goal = Goal(source)

        def done() -> bool:
            return goal.reached(worker.held.partitions)

        try:
            return repeat(worker.step, run.stop, run.meter, done if run.until_end else None)
        finally:
            engine.dispose()
