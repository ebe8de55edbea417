"""The archive as a log that tasks pass over: a partition at a time, in as many processes as given.

Processes are started once and kept for all passes, because each loads the compiled kernels. They
read their files themselves; only tasks go in and arrays come out. They end with the night,
however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self, TypeVar

from detectors.passes import Continued
from fairuse.archiving.base import base_of
from fairuse.errors import ProgramError, WrongInputError
from streams.archive import archive_files, read_archive
from streams.archive_check import gaps_between
from streams.hashing import DEFAULT_KEY
from streams.raw import Partition
from streams.workers import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path
    from types import TracebackType

    from detectors.passes import Task
    from features.state import FeatureState
    from streams.columns import EventBatch

T = TypeVar("T")

PATIENCE: Final = 6 * 3600.0
"""Seconds that one partition may take: a hundred million events, with room to spare."""


@dataclass
class ArchiveLog:
    """An archive up to the offsets `upto`, all partitions in it; at most `processes` at once.

    With `processes` of 1 everything happens in this one. `told` hears each partition that is done.
    """

    folder: Path
    key: bytes = DEFAULT_KEY
    upto: Mapping[Partition, int] = field(default_factory=dict)
    processes: int = field(default_factory=lambda: os.cpu_count() or 1)
    told: Callable[[Partition], None] = lambda _: None
    _pool: ProcessPoolExecutor | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.upto = dict(self.upto) or positions_of(self.folder)

    def partitions(self) -> tuple[Partition, ...]:
        """Name the partitions, in rising order."""
        return tuple(sorted(self.upto))

    def each(self, task: Task[T]) -> list[T]:
        """Run the task over every partition; raises what reading or the task raises.

        `ProgramError` if a process was ended from without, or takes longer than `PATIENCE`.
        """
        pieces = [_Piece(self.folder, self.key, one, self.upto[one]) for one in self.partitions()]
        if self.processes == 1 or len(pieces) == 1:
            return [self._heard(piece, piece.run(task)) for piece in pieces]
        pool = self._workers()
        try:
            waiting = [(piece, pool.submit(piece.run, task)) for piece in pieces]
            return [self._heard(piece, future.result(PATIENCE)) for piece, future in waiting]
        except BrokenProcessPool as error:
            raise ProgramError(
                "a process that read the archive was ended from without: was memory short?"
            ) from error
        except TimeoutError as error:
            raise ProgramError(f"{self.folder}: a partition took {PATIENCE / 3600:g} h") from error

    def close(self, *, at_once: bool = False) -> None:
        """End the processes; `at_once` they are not waited for."""
        if self._pool is None:
            return
        if at_once:
            for child in multiprocessing.active_children():
                child.terminate()
        self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close(at_once=error is not None)

    def _heard(self, piece: _Piece, result: T) -> T:
        self.told(piece.partition)
        return result

    def _workers(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not fork: compiled code and Arrow keep threads, and a child may inherit their locks.
            context = multiprocessing.get_context("spawn")
            count = min(self.processes, len(self.upto))
            self._pool = ProcessPoolExecutor(count, context, end_with_parent)
        return self._pool


@dataclass(frozen=True, slots=True)
class _Piece:
    """One partition of an archive, up to an offset."""

    folder: Path
    key: bytes
    partition: Partition
    upto: int

    def run(self, task: Task[T]) -> T:
        base = base_of(self.folder, self.partition)
        return task(self.partition, from_base(base, self.batches, self.partition, self.upto))

    def batches(self, since: int) -> Iterator[EventBatch]:
        begin = {self.partition: since}
        for decoded in read_archive(
            self.folder, key=self.key, only=self.partition, since=begin, upto=self.upto
        ):
            events = decoded.events
            early = events.events["offset"] < self.upto
            yield events if early.all() else events.where(early)
            if not early.all():
                return


def from_base(
    base: tuple[FeatureState, int] | None,
    batches: Callable[[int], Iterator[EventBatch]],
    partition: Partition,
    upto: int,
) -> Iterable[EventBatch]:
    """Give the batches of a partition, those since an offset, behind its base if it has one.

    `WrongInputError` if the base knows of more than is asked for.
    """
    if base is None:
        return batches(0)
    state, since = base
    if since > upto:
        raise WrongInputError(
            f"{partition.topic}/{partition.number} is asked for up to offset {upto}, and the "
            f"archive's base has learnt up to {since}: those days are gone"
        )
    return Continued(lambda: state, batches(since))


def positions_of(folder: Path, day: date | None = None) -> dict[Partition, int]:
    """Give each partition of an archive with the offset after its last; never nothing.

    With a `day` only what had been archived by its end counts.
    """
    found: dict[Partition, int] = {}
    for file in archive_files(folder):
        if day is not None and file.path.parent.name > f"date={day.isoformat()}":
            continue
        partition = Partition(file.topic, file.number)
        found[partition] = max(found.get(partition, 0), file.last + 1)
    if not found and day is not None and archive_files(folder):
        raise WrongInputError(f"{folder}: nothing had been archived by the end of {day}")
    if not found:
        raise WrongInputError(f"{folder}: there is no archive here; `fairuse archive` writes one")
    return dict(sorted(found.items()))


def lost(folder: Path) -> list[str]:
    """Say of which partitions files seem to be missing, a line each."""
    return [
        f"{partition.topic}/{partition.number}: {sum(end - first for first, end in gaps)} offsets "
        f"between its files are in none, first {gaps[0][0]} to {gaps[0][1] - 1}: a file is "
        "missing, or the archive's worker was away for longer than the topic keeps"
        for partition, gaps in gaps_between(archive_files(folder)).items()
    ]


def beheaded(folder: Path) -> frozenset[Partition]:
    """Name the partitions whose beginning is neither in the archive nor folded into its base."""
    first: dict[Partition, int] = {}
    for file in archive_files(folder):
        partition = Partition(file.topic, file.number)
        first[partition] = min(first.get(partition, file.first), file.first)
    later = (partition for partition, offset in first.items() if offset > 0)
    return frozenset(one for one in later if base_of(folder, one) is None)
