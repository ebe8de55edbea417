"""`fairuse archive`: usage events from their topic become Parquet files.

A file is written and synced before its place is committed; after a crash in between the same
records are written again, under the same name or one that overlaps, and read only once.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fairuse.metrics import Metric
from fairuse.wiring import open_topics
from fairuse.work.following import Goal, Held, repeat
from streams.archive import ArchiveWriter

if TYPE_CHECKING:
    from fairuse.work.run import Run
    from streams.transport import Source

GROUP_SUFFIX: Final = "-archive"
FLUSH_ROWS: Final = 200_000
FLUSH_SECONDS: Final = 60.0


@dataclass(slots=True)
class Archivist:
    """One member of the group that archives usage events."""

    run: Run
    source: Source
    writer: ArchiveWriter
    held: Held = field(default_factory=Held)
    flushed_at: float = 0.0

    def step(self) -> int:
        """Gather what has come; write and commit when enough is gathered or time has passed."""
        batches = self.source.poll(self.run.settings.poll_seconds)
        for raw in batches:
            # Unreadable records are the scoring worker's to report; here they are left out.
            self.writer.add(raw)
        waited = self.run.clock.monotonic() - self.flushed_at
        if self.writer.rows >= FLUSH_ROWS or waited >= FLUSH_SECONDS:
            self.flush()
        return sum(len(raw) for raw in batches)

    def flush(self) -> None:
        """Write what is gathered, then commit its place."""
        before = self.writer.rows
        positions = self.writer.flush(self.run.clock.now().date())
        ours = {part: offset for part, offset in positions.items() if part in self.held.partitions}
        self.source.commit(ours)
        self.run.metrics.count(Metric.ARCHIVED, before)
        self.flushed_at = self.run.clock.monotonic()


def archive(run: Run) -> int:
    """Archive usage events as they come; give the number of records."""
    topics = open_topics(run.settings, run.clock)
    group = run.settings.group + GROUP_SUFFIX
    with closing(topics.source(group, run.settings, run.clock)) as source:
        writer = ArchiveWriter(run.settings.archive_dir)
        worker = Archivist(run, source, writer, flushed_at=run.clock.monotonic())
        source.subscribe([topics.events], worker.held)
        goal = Goal(source)

        def done() -> bool:
            return goal.reached(worker.held.partitions)

        total = repeat(worker.step, run.stop, run.meter, done if run.until_end else None)
        worker.flush()
        return total
