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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from fairuse.settings import Settings


DAYS_A_LOOK: Final = 2
"""So many days go at a look: one is due daily, and what is behind is soon made up for."""


@dataclass(slots=True)
class Tidied:
    """What was done: files merged, files they became, files that were too old, and leftovers."""

    merged: int = 0
    became: int = 0
    dropped: int = 0
    swept: int = 0


def tidy(settings: Settings, now: datetime, done: Tidied) -> Iterator[None]:
    """Sweep, compact and drop, writing down in `done` what was; may be left after any step.

    Raises `ArchiveError` while another process does it, or on a full disk.
    """
    folder = settings.archive_dir
    with tidying(folder):
        done.swept += sweep(folder, now)
        for _ in merging(folder, now.date(), done):
            yield
        for _ in dropping(folder, _carefully(settings, now), settings.hash_key, done):
            yield


def first_day(settings: Settings, now: datetime) -> date:
    """Give the first day that is kept."""
    return now.date() - timedelta(days=settings.archive_days)


def _carefully(settings: Settings, now: datetime) -> date:
    """Give the first day kept after a look: a clock gone wrong must not empty an archive."""
    first = first_day(settings, now)
    days = [one.day for one in outdated(settings.archive_dir, first) if one.day is not None]
    return min([first, *(day + timedelta(days=DAYS_A_LOOK) for day in days)])


def merging(folder: Path, before: date, done: Tidied) -> Iterator[None]:
    """Compact the days before `before`; a step is one file."""
    for merged in compact(folder, before):
        done.merged += merged.files
        done.became += 1
        yield


def dropping(folder: Path, before: date, key: bytes, done: Tidied) -> Iterator[None]:
    """Fold the days before `before` into the base and delete them; a step is a partition's day.

    Call it inside `tidying`. Raises `ArchiveError` while a night reads, or waits to.
    """
    files = outdated(folder, before)
    if not files:
        return
    with taking_out(folder):
        for (partition, _), several in itertools.groupby(files, lambda it: (it.partition, it.day)):
            gone = list(several)
            fold(folder, partition, max(file.last for file in gone) + 1, key)
            drop(gone)
            done.dropped += len(gone)
            yield
            give_way(folder)
