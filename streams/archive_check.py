"""Looks an archive over: what is in it, missing between, damaged, or another log's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyarrow.compute as pc

from streams.archive import archive_files, open_each, read_rows
from streams.errors import ArchiveError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from streams.archive import ArchiveFile, Opened
    from streams.raw import Partition


COMPARED: Final = 1000
"""Rows that are compared before a partition is written: of two logs already the first differ."""

_PLACE: Final = ["_offset", "_index"]


def require_same_log(folder: Path, partition: Partition, table: pa.Table) -> None:
    """Raise `ArchiveError` if other events are kept at the places of `table`'s first rows.

    The topic was made anew then, and reading by offset would take a mixture of two logs. Rows that
    only one of the two has (erased ones, say) tell nothing; nor does a file that is damaged.
    """
    rows = table.select([*_PLACE, "event_id"])[:COMPARED]
    if not len(rows):
        return
    first, last = (rows.column("_offset")[at].as_py() for at in (0, -1))
    files = [file for file in archive_files(folder) if file.partition == partition]
    files = [file for file in files if file.last >= first and file.first <= last]
    with suppress(InputError):
        for file, start in open_each(folder, files, {partition: first}):
            for kept in read_rows(file, start):
                both = rows.join(kept.select(rows.column_names), _PLACE, join_type="inner",
                                 right_suffix="_kept")  # fmt: skip
                same = pc.equal(both.column("event_id"), both.column("event_id_kept"))
                if not pc.all(same, min_count=0).as_py():
                    raise ArchiveError(
                        f"{folder}: other events of {partition.topic}/{partition.number} are kept "
                        f"from offset {first} on: the topic was made anew. Archive it into another "
                        "folder"
                    )


@dataclass(slots=True)
class Looked:
    """What is kept of one partition. A gap is (first, next): offsets that no file covers.

    A short gap is no fault by itself: where a worker began anew, a broker's own marks and stretches
    without any event leave one too.
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


def gaps_between(files: Sequence[ArchiveFile]) -> dict[Partition, list[tuple[int, int]]]:
    """Find the offsets between files, in reading order, that none covers: (first, next)."""
    found: dict[Partition, list[tuple[int, int]]] = {}
    ends: dict[Partition, int] = {}
    for file in files:
        end = ends.get(file.partition, file.first)
        if file.first > end:
            found.setdefault(file.partition, []).append((end, file.first))
        ends[file.partition] = max(end, file.last + 1)
    return found


def _look(folder: Path, partition: Partition, files: Sequence[ArchiveFile]) -> Looked:
    days = sorted({file.day for file in files if file.day is not None})
    looked = Looked(
        partition, len(files), first=files[0].first, next_offset=files[0].first, days=tuple(days),
        gaps=gaps_between(files).get(partition, []),
    )  # fmt: skip
    for file in files:
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
