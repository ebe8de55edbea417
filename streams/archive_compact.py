"""Compaction: the many small files of a day become few, each partition by itself.

The new file is there before the old ones go, and its name covers theirs; a crash in between leaves
an overlap, which reading by offset takes once and the next compaction clears. Only files that
follow one another in the log, with none of another day between, become one.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

from streams.archive import archive_files, file_name, open_each, read_rows
from streams.archive_write import write_file
from streams.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from streams.archive import ArchiveFile

LARGE_ROWS: Final = 4_000_000
"""Rows after which a file is large enough; about 120 MB."""


class Merged(NamedTuple):
    """What compaction made of some files."""

    files: int
    rows: int
    into: Path


def compact(folder: Path, before: date, large: int = LARGE_ROWS) -> Iterator[Merged]:
    """Merge the small files of the days before `before`; each step makes one file.

    Call it inside `archive_locks.tidying`. It may be left after any step. Raises `ArchiveError` for
    a full disk, and at the end `InputError` for a damaged file: what is there stays readable.
    """
    damage: list[InputError] = []
    for run in runs(archive_files(folder), before, large):
        try:
            merged = _merge(folder, run)
        except InputError as error:
            damage.append(error)
        else:
            yield merged
    if damage:
        raise damage[0]


def runs(files: Sequence[ArchiveFile], before: date, large: int) -> list[list[ArchiveFile]]:
    """Give the files, in reading order, that may become one: at least two, few past `large` rows.

    `files` are in reading order, too.
    """
    found = []
    for (_, day), several in itertools.groupby(files, lambda file: (file.partition, file.day)):
        if day is not None and day < before:
            found += [run for run in _cut(list(several), large) if len(run) > 1]
    return found


def _cut(files: Sequence[ArchiveFile], large: int) -> list[list[ArchiveFile]]:
    """Part files so that none but the last of a part passes `large`."""
    parts: list[list[ArchiveFile]] = [[]]
    rows = 0
    for file in files:
        if rows >= large:
            parts.append([])
            rows = 0
        parts[-1].append(file)
        # What the name says, which is at least the records: opening each file would be slower.
        rows += file.last - file.first + 1
    return parts


def _merge(folder: Path, run: Sequence[ArchiveFile]) -> Merged:
    first, day = run[0], run[0].day
    if day is None:
        raise ValueError("files without a day are never merged")
    last = max(file.last for file in run)
    into = file_name(folder, day, first.partition, first.first, last)
    rows = write_file(into, _rows(folder, run))
    for file in run:
        if file.path != into:
            file.path.unlink(missing_ok=True)
    return Merged(len(run), rows, into)


def _rows(folder: Path, run: Sequence[ArchiveFile]) -> Iterator[pa.Table]:
    for file, start in open_each(folder, run):
        yield from read_rows(file, start)
