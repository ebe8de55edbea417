"""The archive: events kept as Parquet, each with its partition, offset and place in its record.

Files lie in one folder a day of ingest and carry topic, partition, first and last offset in their
names, so that writing again after a crash replaces or overlaps but never repeats: reading goes
by offset and takes each record once. Replay follows the log, never the events' own times.
"""

from __future__ import annotations

import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from streams.archive_rows import REPEATING, keep
from streams.archive_write import GROUP_ROWS, write_file
from streams.decode import Decoded, decode_table
from streams.decode_arrow import sound
from streams.decode_places import Places
from streams.errors import ArchiveError, InputError
from streams.hashing import DEFAULT_KEY
from streams.raw import Partition

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from streams.dead_letters import DeadLetter
    from streams.raw import RawBatch

DAY: Final = "date="
"""What a day's folder is called, before the day."""

_NAME: Final = re.compile(
    r"(?P<topic>.+)-(?P<number>\d{5})-(?P<first>\d{20})-(?P<last>\d{20})\.parquet"
)


class ArchiveFile(NamedTuple):
    """One file of the archive, in the order in which files are read."""

    topic: str
    number: int
    first: int
    last: int
    path: Path

    @property
    def partition(self) -> Partition:
        return Partition(self.topic, self.number)

    @property
    def day(self) -> date | None:
        """The day of ingest, which its folder names; None for a file that was moved out of one."""
        with suppress(ValueError):
            return date.fromisoformat(self.path.parent.name.removeprefix(DAY))
        return None


@dataclass(slots=True)
class _Pending:
    """What is gathered for the next file of one partition."""

    first: int
    next_offset: int
    tables: list[pa.Table] = field(default_factory=list)


class ArchiveWriter:
    """Gathers batches and writes one file a partition at each `flush`.

    Nothing is safe before `flush` returns; commit the positions it gives, not earlier ones.
    `sift` leaves out, at the last moment, rows that must not be kept.
    """

    def __init__(
        self, folder: Path, sift: Callable[[pa.Table], pa.Table] = lambda table: table
    ) -> None:
        self.folder = folder
        self._sift = sift
        self._pending: dict[Partition, _Pending] = {}
        self._ends: dict[Partition, int] = {}

    @property
    def rows(self) -> int:
        """How many rows are gathered."""
        return sum(len(table) for each in self._pending.values() for table in each.tables)

    def gathered(self) -> Iterator[tuple[Partition, int, pa.Table]]:
        """Give what is gathered of each partition, and from which offset on."""
        for partition, pending in self._pending.items():
            yield partition, pending.first, pa.concat_tables(pending.tables)

    def add(self, batch: RawBatch) -> list[DeadLetter]:
        """Take a batch; gives back what in it is not an event.

        Raises `ArchiveError` for one from before what is gathered: it is of another log.
        """
        kept, dead = keep(batch)
        first = int(batch.offsets[0]) if len(batch) else batch.next_offset
        # What lies between holds no event: with it in a name, a gap between files is a lost one.
        after = min(first, self._ends.get(batch.partition, first))
        pending = self._pending.setdefault(batch.partition, _Pending(after, first))
        if first < pending.next_offset:
            name, number = batch.partition.topic, batch.partition.number
            raise ArchiveError(
                f"{name}/{number}: offset {first} came after {pending.next_offset - 1}: the topic "
                "was made anew. Archive it into another folder"
            )
        pending.tables.append(kept)
        pending.next_offset = batch.next_offset
        return dead

    def forget(self, partitions: Collection[Partition]) -> None:
        """Drop what is gathered of partitions that others read now: they read it again."""
        for partition in partitions:
            self._pending.pop(partition, None)
            self._ends.pop(partition, None)

    def flush(self, day: date) -> dict[Partition, int]:
        """Write what was gathered under `day`; gives each partition's next offset, now safe.

        Raises `ArchiveError` if that fails; everything is still gathered then.
        """
        positions = {}
        for partition, pending in self._pending.items():
            table = self._sift(pa.concat_tables(pending.tables))
            if len(table):
                place = pending.first, pending.next_offset - 1
                write_file(file_name(self.folder, day, partition, *place), [table])
            self._ends[partition] = pending.next_offset if len(table) else pending.first
            positions[partition] = pending.next_offset
        self._pending = {}
        return positions


def file_name(folder: Path, day: date, partition: Partition, first: int, last: int) -> Path:
    """Name the file that holds a partition's events from one offset to another."""
    name = f"{partition.topic}-{partition.number:05d}-{first:020d}-{last:020d}.parquet"
    return folder / f"{DAY}{day.isoformat()}" / name


def archive_files(folder: Path) -> list[ArchiveFile]:
    """List the files of an archive by topic, partition and first offset, those begun left out."""
    return sorted(filter(None, map(archive_file, folder.rglob("*.parquet"))))


def archive_file(path: Path) -> ArchiveFile | None:
    """Tell what a file keeps by its name; None if it is none of an archive's."""
    name = _NAME.fullmatch(path.name)
    if name is None:
        return None
    number, first, last = (int(name[part]) for part in ("number", "first", "last"))
    return ArchiveFile(name["topic"], number, first, last, path)


def read_archive(  # noqa: PLR0913 - all but the folder by name, and seldom two together
    folder: Path,
    *,
    key: bytes = DEFAULT_KEY,
    progress: Callable[[int, int], None] | None = None,
    only: Partition | None = None,
    since: Mapping[Partition, int] | None = None,
    upto: int | None = None,
) -> Iterator[Decoded]:
    """Yield everything kept, in (topic, partition, offset, index) order, each record once.

    `only` leaves out every other partition; a partition in `since` begins at that offset. Files
    that begin at `upto` or later are not opened.
    """
    files = [file for file in archive_files(folder) if only in {None, file.partition}]
    files = [file for file in files if upto is None or file.first < upto]
    sizes = {file.path: _size(file) for file in files}
    done = 0
    for file, start in open_each(folder, files, since, coded=True):
        yield from _decoded(file, start, key)
        done += sizes.get(file.place.path, 0)
        if progress is not None:
            progress(done, sum(sizes.values()))


def read_file(
    file: ArchiveFile, start: int, key: bytes, content: pa.Buffer | None = None
) -> Iterator[Decoded]:
    """Yield what a file keeps from the offset `start` on; `content` if somebody else opened it."""
    with _open(file, coded=True, content=content) as parquet:
        yield from _decoded(Opened(file, parquet), start, key)


class Opened(NamedTuple):
    """A file of the archive, opened."""

    place: ArchiveFile
    parquet: pq.ParquetFile


def open_each(
    folder: Path,
    files: Sequence[ArchiveFile],
    since: Mapping[Partition, int] | None = None,
    *,
    coded: bool = False,
) -> Iterator[tuple[Opened, int]]:
    """Open the files that hold anything new, each with the offset from which it does.

    A file that compaction replaced meanwhile is found again in the one that holds its rows.
    """
    waiting, reached = deque(files), dict(since or {})
    while waiting:
        file = waiting.popleft()
        start = reached.get(file.partition, 0)
        if file.last < start:
            continue
        try:
            parquet = _open(file, coded=coded)
        except FileNotFoundError:
            waiting = _instead(folder, file, start, waiting)
            continue
        with parquet:
            yield Opened(file, parquet), start
        reached[file.partition] = file.last + 1


def _decoded(file: Opened, start: int, key: bytes) -> Iterator[Decoded]:
    for table in read_rows(file, start):
        offsets, index = (
            table.column(name).combine_chunks().to_numpy() for name in ("_offset", "_index")
        )
        yield decode_table(table, Places(file.place.partition, offsets, index), key)


def read_rows(file: Opened, start: int = 0) -> Iterator[pa.Table]:
    """Give a file's rows from offset `start` on, every buffer of them sound."""
    try:
        for batch in file.parquet.iter_batches(GROUP_ROWS):
            table = sound(pa.Table.from_batches([batch]))
            fresh = pc.greater_equal(table.column("_offset"), start)
            yield table if pc.all(fresh).as_py() else table.filter(fresh)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise damaged(file.place, error) from error


def damaged(file: ArchiveFile, error: Exception) -> InputError:
    """Say which file cannot be read, and why."""
    problem = str(error).partition("\n")[0]
    return InputError(f"this archive file is damaged: {problem}", file=str(file.path))


def _open(file: ArchiveFile, *, coded: bool, content: pa.Buffer | None = None) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(
            file.path if content is None else pa.BufferReader(content),
            read_dictionary=REPEATING if coded else None,
            page_checksum_verification=True,
        )
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(file, error) from error


def _instead(
    folder: Path, gone: ArchiveFile, start: int, waiting: Collection[ArchiveFile]
) -> deque[ArchiveFile]:
    """List again what is still to be read, after a file went."""
    found = [
        file
        for file in archive_files(folder)
        # The same again is a link that leads nowhere.
        if file.partition == gone.partition and file.path != gone.path
    ]
    since = max(start, gone.first)
    if not any(file.first <= since and file.last >= gone.last for file in found):
        raise InputError("this archive file went away while it was to be read", file=str(gone.path))
    return deque([*found, *(file for file in waiting if file.partition != gone.partition)])


def _size(file: ArchiveFile) -> int:
    with suppress(FileNotFoundError):
        return file.path.stat().st_size
    return 0
