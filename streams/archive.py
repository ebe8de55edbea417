"""The archive: events kept as Parquet, each with its partition, offset and place in its record.

Files lie in one folder a day of ingest and carry topic, partition, first and last offset in their
names, so that writing again after a crash replaces or overlaps but never repeats: reading goes
by offset and takes each record once. Replay follows the log, never the events' own times.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from streams.archive_rows import REPEATING, keep
from streams.decode import Decoded, decode_table
from streams.decode_arrow import sound
from streams.decode_places import Places
from streams.errors import InputError
from streams.hashing import DEFAULT_KEY
from streams.raw import Partition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from streams.dead_letters import DeadLetter
    from streams.raw import RawBatch

_NAME: Final = re.compile(
    r"(?P<topic>.+)-(?P<number>\d{5})-(?P<first>\d{20})-(?P<last>\d{20})\.parquet"
)
_ROWS: Final = 1 << 16


class ArchiveFile(NamedTuple):
    """One file of the archive, in the order in which files are read."""

    topic: str
    number: int
    first: int
    last: int
    path: Path


@dataclass(slots=True)
class _Pending:
    """What is gathered for the next file of one partition."""

    first: int
    next_offset: int
    tables: list[pa.Table] = field(default_factory=list)


class ArchiveWriter:
    """Gathers batches and writes one file a partition at each `flush`.

    Nothing is safe before `flush` returns; commit the positions it gives, not earlier ones.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = 0
        self._pending: dict[Partition, _Pending] = {}

    def add(self, batch: RawBatch) -> list[DeadLetter]:
        """Take a batch; gives back what in it is not an event."""
        kept, dead = keep(batch)
        first = int(batch.offsets[0]) if len(batch) else batch.next_offset
        pending = self._pending.setdefault(batch.partition, _Pending(first, first))
        pending.tables.append(kept)
        pending.next_offset = batch.next_offset
        self.rows += len(kept)
        return dead

    def flush(self, day: date) -> dict[Partition, int]:
        """Write what was gathered under `day`; gives each partition's next offset, now safe."""
        positions = {}
        for partition, pending in self._pending.items():
            table = pa.concat_tables(pending.tables)
            if len(table):
                place = pending.first, pending.next_offset - 1
                _write(self.folder / f"date={day.isoformat()}", partition, *place, table)
            positions[partition] = pending.next_offset
        self._pending = {}
        self.rows = 0
        return positions


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


def archived_to(folder: Path, partition: Partition) -> int:
    """Give the offset at which archiving a partition goes on; 0 if nothing is kept of it yet."""
    files = archive_files(folder)
    mine = [file.last + 1 for file in files if Partition(file.topic, file.number) == partition]
    return max(mine, default=0)


def read_archive(
    folder: Path,
    *,
    key: bytes = DEFAULT_KEY,
    progress: Callable[[int, int], None] | None = None,
    only: Partition | None = None,
) -> Iterator[Decoded]:
    """Yield everything kept, in (topic, partition, offset, index) order, each record once.

    `only` leaves out every other partition.
    """
    files = archive_files(folder)
    if only is not None:
        files = [file for file in files if Partition(file.topic, file.number) == only]
    sizes = [file.path.stat().st_size for file in files]
    reached: dict[Partition, int] = {}
    for count, file in enumerate(files, start=1):
        partition = Partition(file.topic, file.number)
        start = reached.get(partition, 0)
        if file.last >= start:
            yield from read_file(file, start, key)
            reached[partition] = file.last + 1
        if progress is not None:
            progress(sum(sizes[:count]), sum(sizes))


def read_file(
    file: ArchiveFile, start: int, key: bytes, content: pa.Buffer | None = None
) -> Iterator[Decoded]:
    """Yield what a file keeps from the offset `start` on; `content` if somebody else opened it."""
    partition = Partition(file.topic, file.number)
    try:
        opened = file.path if content is None else pa.BufferReader(content)
        with pq.ParquetFile(opened, read_dictionary=REPEATING) as parquet:
            for batch in parquet.iter_batches(_ROWS):
                table = sound(pa.Table.from_batches([batch]))
                offsets, index = (
                    table.column(name).combine_chunks().to_numpy() for name in ("_offset", "_index")
                )
                fresh = offsets >= start
                places = Places(partition, offsets, index)
                if not fresh.all():
                    table, places = table.filter(pa.array(fresh)), places.part(fresh)
                yield decode_table(table, places, key)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        problem = str(error).partition("\n")[0]
        raise InputError(f"this archive file is damaged: {problem}", file=str(file.path)) from error


def _write(folder: Path, partition: Partition, first: int, last: int, table: pa.Table) -> None:
    """Write a file under another name, make it durable, then give it its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{partition.topic}-{partition.number:05d}-{first:020d}-{last:020d}.parquet"
    begun = path.with_suffix(".begun")
    with begun.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    begun.replace(path)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
