"""An archive read as a topic: the same `Source` as live, for catching up on what the log forgot.

Groups, positions and whatever is written meanwhile (verdicts, dead letters) are an embedded log in
the archive's own folder, so outputs and positions commit together. Records are written anew from
their rows, under their offsets: one event as JSON, several as Arrow.
"""

from __future__ import annotations

from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from streams.archive import archive_files, open_each, read_rows
from streams.archive_rows import PLACES
from streams.embedded import EmbeddedSink, EmbeddedSource
from streams.embedded_group import EXPIRY_SECONDS
from streams.encode import encode_arrow, encode_table
from streams.transport import (
    ARROW_STREAM,
    CONTENT_TYPE,
    POLL_LIMIT,
    Stored,
    TopicMissingError,
    TopicSpec,
    TransportError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from streams.clock import Clock
    from streams.raw import Partition, RawBatch
    from streams.transport import RebalanceListener, Record

REPLAYS: Final = "replays"
"""The folder, in the archive's, of the embedded log beside it."""

_ARROW: Final = ((CONTENT_TYPE, ARROW_STREAM.encode()),)
_ROWS: Final = 4096


class ArchiveSource(EmbeddedSource):
    """A `Source` on an archive; topics that are not archived are read from the log beside it."""

    def __init__(
        self, archive: Path, group: str, clock: Clock, expiry: float = EXPIRY_SECONDS
    ) -> None:
        super().__init__(archive / REPLAYS, group, clock, expiry)
        self.archive = archive
        self._readings: dict[Partition, tuple[int, Iterator[Stored]]] = {}

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """See `Source.subscribe`."""
        for topic in topics:
            numbers = [file.number for file in archive_files(self.archive) if file.topic == topic]
            if numbers:
                self.store.widen(TopicSpec(topic, max(numbers) + 1))
        try:
            super().subscribe(topics, listener)
        except TopicMissingError as error:
            raise TopicMissingError(f"{error}, nor in the archive at {self.archive}") from error

    def beginning(self, partition: Partition) -> int:
        """See `Source.beginning`."""
        bounds = self._bounds(partition)
        return super().beginning(partition) if bounds is None else bounds[0]

    def end(self, partition: Partition) -> int:
        """See `Source.end`."""
        bounds = self._bounds(partition)
        return super().end(partition) if bounds is None else bounds[1]

    def _bounds(self, partition: Partition) -> tuple[int, int] | None:
        files = [file for file in archive_files(self.archive) if file.partition == partition]
        return (files[0].first, max(file.last for file in files) + 1) if files else None

    def _read(self, limit: int = POLL_LIMIT) -> list[RawBatch]:
        batches = super()._read(limit)
        if not batches:
            self._pass_gaps()
        return batches

    def _pass_gaps(self) -> None:
        """Stand at the end where nothing was left to read, though its last offsets hold no row."""
        for partition, position in self._positions.items():
            end = self.end(partition)
            # Asked again: a file may have come since the poll that found nothing.
            if position < end and not self._records(partition, position, 1, 1):
                self._positions[partition] = end
            self._readings.pop(partition, None)

    def _records(self, part: Partition, position: int, limit: int, budget: int) -> list[Stored]:
        at, rest = self._readings.pop(part, (-1, iter(())))
        if at != position:
            if self._bounds(part) is None:
                return super()._records(part, position, limit, budget)
            rest = stored(self.archive, part, position)
        found = []
        for record in islice(rest, limit):
            found.append(record)
            budget -= len(record.value)
            if budget <= 0:
                break
        if found:
            self._readings[part] = (found[-1].offset + 1, rest)
        return found


class ArchiveSink(EmbeddedSink):
    """A `Sink` on the log beside an archive; the archive itself is written by `ArchiveWriter`."""

    def __init__(self, archive: Path, clock: Clock) -> None:
        super().__init__(archive / REPLAYS, clock)
        self.archive = archive

    def send(self, records: Sequence[Record], timeout: float = 30.0) -> None:
        """See `Sink.send`; `TransportError` for a topic that is archived here."""
        archived = {file.topic for file in archive_files(self.archive)}
        for topic in sorted({record.topic for record in records} & archived):
            raise TransportError(f"the archive at {self.archive} can only be read: {topic}")
        super().send(records, timeout)


def stored(archive: Path, partition: Partition, since: int) -> Iterator[Stored]:
    """Give the records of a partition from an offset on, written anew."""
    files = [file for file in archive_files(archive) if file.partition == partition]
    for file, start in open_each(archive, files, {partition: since}):
        held: pa.Table | None = None
        for group in read_rows(file, start):
            for at in range(0, len(group), _ROWS):
                rows = group.slice(at, _ROWS)
                table = rows if held is None else pa.concat_tables([held, rows])
                # The last record may go on in the next rows.
                whole = _whole(table)
                yield from _written(table.slice(0, whole))
                held = table.slice(whole)
        if held is not None:
            yield from _written(held)


def _whole(table: pa.Table) -> int:
    """Count the rows before those of the last offset."""
    offsets = table.column("_offset").to_numpy()
    return int(offsets.searchsorted(offsets[-1])) if len(offsets) else 0


def _written(table: pa.Table) -> Iterator[Stored]:
    if not len(table):
        return
    offsets = table.column("_offset").to_pylist()
    keys = table.column("account_id").to_pylist()
    events = table.drop_columns([field.name for field in PLACES])
    lines = encode_table(events)
    for offset, rows in groupby(enumerate(offsets), itemgetter(1)):
        places = [row for row, _ in rows]
        first, key = places[0], keys[places[0]].encode()
        if len(places) == 1:
            yield Stored(offset, key, lines[first], ())
        else:
            value = encode_arrow(events.slice(first, len(places)).combine_chunks())
            yield Stored(offset, key, value, _ARROW)
