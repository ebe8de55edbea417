"""Compaction and retention of an archive, in steps short enough for a worker to do between polls.

Retention folds what goes into the base first (`fairuse.archiving.base`), so that a replay of what
is left gives the bits that a replay of everything gave.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from fairuse.archiving.base import fold
from streams.archive_compact import compact
from streams.archive_keep import drop, outdated
from streams.archive_locks import give_way, taking_out, tidying
from streams.archive_write import sweep
from streams.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from fairuse.settings import Settings


DAYS_A_LOOK: Final = 2
"""So many days of a partition go at a look: one is due daily, and what is behind is soon made up
for. A clock that has gone wrong must not empty an archive."""


@dataclass(slots=True)
class Tidied:
    """What was done: files merged, files they became, files that were too old, and leftovers."""

    merged: int = 0
    became: int = 0
    dropped: int = 0
    swept: int = 0


def tidy(settings: Settings, now: datetime, done: Tidied) -> Iterator[None]:
    """Sweep, compact and drop, writing down in `done` what was; may be left after any step.

    Raises `ArchiveError` while another process does it, or on a full disk; at the end `InputError`
    for a damaged file, which stops nothing but itself.
    """
    folder, key, damage = settings.archive_dir, settings.hash_key, None
    with tidying(folder):
        done.swept += sweep(folder, now)
        try:
            yield from merging(folder, now.date(), done)
        except InputError as error:
            damage = error
        yield from dropping(folder, first_day(settings, now), key, done, DAYS_A_LOOK)
        if damage is not None:
            raise damage


def first_day(settings: Settings, now: datetime) -> date:
    """Give the first day that is kept."""
    return now.date() - timedelta(days=settings.archive_days)


def merging(folder: Path, before: date, done: Tidied) -> Iterator[None]:
    """Compact the days before `before`; a step is one file."""
    for merged in compact(folder, before):
        done.merged += merged.files
        done.became += 1
        yield


def dropping(
    folder: Path, before: date, key: bytes, done: Tidied, at_most: int | None = None
) -> Iterator[None]:
    """Fold the days before `before` into the base and delete them; a step is a partition's day.

    Of each partition `at_most` so many days. Call it inside `tidying`. Raises `ArchiveError` while
    a night reads, or waits to; at the end `InputError` for a damaged file, whose partition keeps
    it and what comes after.
    """
    files = outdated(folder, before)
    if not files:
        return
    damage: list[InputError] = []
    with taking_out(folder):
        for partition, days in itertools.groupby(files, lambda file: file.partition):
            by_day = itertools.groupby(days, lambda file: file.day)
            for _, several in itertools.islice(by_day, at_most):
                gone = list(several)
                try:
                    fold(folder, partition, max(file.last for file in gone) + 1, key)
                except InputError as error:
                    damage.append(error)
                    break
                drop(gone)
                done.dropped += len(gone)
                yield
                give_way(folder)
    if damage:
        raise damage[0]
