"""Looks an archive over: what is in it, what is missing between, and what is damaged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from streams.archive import archive_files, open_each, read_rows
from streams.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from streams.archive import ArchiveFile, Opened
    from streams.raw import Partition


@dataclass(slots=True)
class Looked:
    """What is kept of one partition. A gap is (first, next): offsets that no file covers.

    Gaps are no fault by themselves: a broker's own marks, and stretches without any event, leave
    them too.
    """

    partition: Partition
    files: int = 0
    rows: int = 0
    first: int = 0
    next_offset: int = 0
    days: tuple[date, ...] = ()
    gaps: list[tuple[int, int]] = field(default_factory=list)
    damage: list[InputError] = field(default_factory=list)


def look_over(folder: Path) -> list[Looked]:
    """Read every file and check every page of it; gives a line for each partition."""
    found: dict[Partition, list[ArchiveFile]] = {}
    for file in archive_files(folder):
        found.setdefault(file.partition, []).append(file)
    return [_look(folder, partition, files) for partition, files in sorted(found.items())]


def _look(folder: Path, partition: Partition, files: Sequence[ArchiveFile]) -> Looked:
    days = sorted({file.day for file in files if file.day is not None})
    looked = Looked(
        partition, len(files), first=files[0].first, next_offset=files[0].first, days=tuple(days)
    )
    for file in files:
        if file.first > looked.next_offset:
            looked.gaps.append((looked.next_offset, file.first))
        try:
            for opened, _ in open_each(folder, [file]):
                looked.rows += _count(opened, looked.next_offset)
        except InputError as error:
            looked.damage.append(error)
        looked.next_offset = max(looked.next_offset, file.last + 1)
    return looked


def _count(file: Opened, start: int) -> int:
    """Read a whole file; gives how many rows of it lie at or past `start`."""
    rows, place = 0, file.place
    for table in read_rows(file):
        offsets = table.column("_offset")
        span = pc.min_max(offsets).as_py()
        if len(table) and not place.first <= span["min"] <= span["max"] <= place.last:
            raise InputError("this archive file holds other offsets than its name says",
                             file=str(place.path))  # fmt: skip
        rows += int(pc.sum(pc.greater_equal(offsets, start)).as_py() or 0)
    return rows
