"""`fairuse archive`: usage events from their topic become Parquet files.

A file is written and synced before its place is committed; after a crash in between the same
records are written again, under the same name or one that overlaps, and read only once. On a full
disk the worker ends with nothing lost. Now and then it carries out erasures, compacts and applies
the retention.
"""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from access.errors import AccessError
from fairuse.archiving.erasing import erasing
from fairuse.archiving.tidying import Tidied, tidy
from fairuse.errors import ProgramError, WrongInputError
from fairuse.metrics import Metric
from fairuse.wiring import open_topics
from fairuse.work.following import Goal, Held, repeat
from streams.archive import ArchiveWriter
from streams.archive_check import require_same_log
from streams.archive_erase import load_erasures, sift
from streams.archive_locks import listing
from streams.errors import StreamsError
from streams.transport import FencedError
from streams.urls import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pyarrow as pa

    from fairuse.work.run import Run
    from streams.raw import Partition
    from streams.transport import Source

GROUP_SUFFIX: Final = "-archive"
FLUSH_ROWS: Final = 200_000
FLUSH_SECONDS: Final = 60.0
TIDY_SECONDS: Final = 3600.0
"""Between two looks for erasures to carry out, files to merge and days to let go."""

_FAULTS: Final = (StreamsError, ProgramError, AccessError, SQLAlchemyError, OSError)
"""What a chore may fail of. Archiving goes on: all stays readable, and is tried again."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Archivist:
    """One member of the group that archives usage events."""

    run: Run
    source: Source
    writer: ArchiveWriter
    flushed_at: float
    tidied_at: float
    held: Held = field(default_factory=Held)
    proven: dict[Partition, int] = field(default_factory=dict)
    chores: list[Iterator[None]] = field(default_factory=list)
    done: Tidied = field(default_factory=Tidied)

    def assigned(self, partitions: Collection[Partition]) -> None:
        """Hear which partitions came."""
        self.held.assigned(partitions)

    def revoked(self, partitions: Collection[Partition]) -> None:
        """Let go of what was gathered of partitions that went: their new owner reads it again."""
        self.held.revoked(partitions)
        self.writer.forget(partitions)
        for partition in partitions:
            self.proven.pop(partition, None)

    def step(self) -> int:
        """Gather what has come; write and commit when enough is gathered or time has passed."""
        batches = self.source.poll(self.run.settings.poll_seconds)
        for raw in batches:
            # Unreadable records are the scoring worker's to report; here they are left out.
            self.writer.add(raw)
        waited = self.run.clock.monotonic() - self.flushed_at
        if self.writer.rows >= FLUSH_ROWS or waited >= FLUSH_SECONDS:
            self.flush()
        self.tidy_a_step()
        return sum(len(raw) for raw in batches)

    def flush(self) -> None:
        """Write what is gathered, then commit its place."""
        before = self.writer.rows
        folder = self.run.settings.archive_dir
        for partition, first, table in self.writer.gathered():
            # Also within a run: a reader of a topic that was made anew begins again at its first.
            if first < self.proven.get(partition, first + 1):
                require_same_log(folder, partition, table)
        with listing(folder, change=False):
            positions = self.writer.flush(self.run.clock.now().date())
        try:
            self.source.commit(positions)
        except FencedError:
            # Another worker reads a partition now, and writes these rows again: read once all same.
            self.run.metrics.count(Metric.FENCED)
        self.proven |= positions
        self.run.metrics.count(Metric.ARCHIVED, before)
        self.flushed_at = self.run.clock.monotonic()

    def tidy_a_step(self) -> bool:
        """Do one step of what is to be tidied, if it is time; False when nothing is left to do."""
        run, now = self.run, self.run.clock.monotonic()
        if not self.chores and now - self.tidied_at >= TIDY_SECONDS:
            self.tidied_at, tell = now, partial(run.metrics.show, Metric.ERASURE_WAITING)
            self.chores.append(erasing(run.settings, run.clock.now(), tell))
            self.chores.append(tidy(run.settings, run.clock.now(), self.done))
        before = replace(self.done)
        while self.chores and not self._stepped(self.chores[0]):
            del self.chores[0]
        run.metrics.count(Metric.ARCHIVE_MERGED, self.done.merged - before.merged)
        run.metrics.count(Metric.ARCHIVE_DROPPED, self.done.dropped - before.dropped)
        return bool(self.chores)

    def _stepped(self, chore: Iterator[None]) -> bool:
        """Do a step; False if the chore is over, or failed."""
        try:
            return next(chore, self) is not self
        except _FAULTS as error:
            log.warning("the archive was not tidied: %s", error)
            self.run.metrics.count(Metric.ARCHIVE_UNTIDIED)
            return False


def refuse_itself(url: str, folder: Path) -> None:
    """Raise `WrongInputError` for an archive that is to be copied into itself.

    Its rows would be dated anew and outlive the retention.
    """
    at = parse(url)
    if at.scheme == "archive" and Path(at.place).resolve() == folder.resolve():
        raise WrongInputError(
            f"FAIRUSE_EVENTS_URL {url} is the archive itself: name the log that it is to copy"
        )


def archive(run: Run) -> int:
    """Archive usage events as they come; give the number of records."""
    folder, key = run.settings.archive_dir, run.settings.hash_key
    refuse_itself(run.settings.events_url, folder)
    topics = open_topics(run.settings, run.clock)

    def allowed(table: pa.Table) -> pa.Table:
        return sift(table, load_erasures(folder, key), key)

    group = run.settings.group + GROUP_SUFFIX
    with closing(topics.source(group, run.settings, run.clock)) as source:
        writer, now = ArchiveWriter(folder, allowed), run.clock.monotonic()
        worker = Archivist(run, source, writer, flushed_at=now, tidied_at=now - TIDY_SECONDS)
        source.subscribe([topics.events], worker)
        goal = Goal(source)

        def done() -> bool:
            return goal.reached(worker.held.partitions)

        total = repeat(worker.step, run.stop, run.meter, done if run.until_end else None)
        worker.flush()
        while run.until_end and worker.tidy_a_step():
            pass
        return total
