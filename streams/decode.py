"""Raw records to columns: a pure function with a verdict on every record.

A record or row that is not an event becomes a dead letter, alone; the rest of its batch goes on,
in log order. Which values are allowed is `streams.event`; the encodings are read by
`streams.decode_json` and `streams.decode_arrow`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pyarrow as pa

from streams import decode_arrow, decode_json
from streams.columns import EventBatch
from streams.decode_columns import fill_rows
from streams.decode_faults import Fault, Faults
from streams.decode_places import Places
from streams.event import DeadReason
from streams.hashing import DEFAULT_KEY
from streams.raw import Encoding
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streams.dead_letters import DeadLetter
    from streams.raw import RawBatch

BLOCK: Final = 4096
"""JSON records decoded at a time: what their Python objects take still fits the cache."""

_ROW_WRITER: Final = msgspec.json.Encoder(enc_hook=str)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came of a batch: its events and its dead letters, both in log order.

    `unknown_types` counts events of a type this release does not know: accepted, without effect.
    """

    events: EventBatch
    dead: list[DeadLetter]
    unknown_types: int

    @staticmethod
    def join(parts: Sequence[Decoded]) -> Decoded:
        """Put the results of one partition together; the events stay in the order given."""
        if len(parts) == 1:
            return parts[0]
        dead = [letter for part in parts for letter in part.dead]
        return Decoded(
            EventBatch.join([part.events for part in parts]),
            sorted(dead, key=lambda letter: (letter.offset, letter.index)),
            sum(part.unknown_types for part in parts),
        )


def decode(batch: RawBatch, key: bytes = DEFAULT_KEY) -> Decoded:
    """Decode a batch from a source; never raises for what a record holds."""
    parts = [
        _decode_run(batch, start, stop, Encoding(code), key)
        if code in tuple(Encoding)
        else _unknown_encoding(batch, start, stop)
        for start, stop, code in _runs(batch)
    ]
    return Decoded.join(parts)


def decode_table(table: pa.Table, places: Places, key: bytes = DEFAULT_KEY) -> Decoded:
    """Decode a table of events of which every buffer is known to be sound."""
    faults = Faults(len(table))
    columns = decode_arrow.to_columns(table, faults)
    return _finish(columns, faults, places, lambda row: _row_as_json(table, row), key)


def decode_json_records(
    records: Sequence[bytes], places: Places, key: bytes = DEFAULT_KEY
) -> Decoded:
    """Decode records that each hold one JSON event."""
    parts = [
        _decode_block(records[at : at + BLOCK], places.part(slice(at, at + BLOCK)), key)
        for at in range(0, len(records), BLOCK)
    ]
    return Decoded.join(parts)


def _runs(batch: RawBatch) -> list[tuple[int, int, int]]:
    """Cut a batch where the encoding changes: start, stop, encoding."""
    turns = np.flatnonzero(np.diff(batch.encodings)) + 1
    edges = [0, *turns.tolist(), len(batch.values)] if len(batch.values) else []
    return [(a, b, int(batch.encodings[a])) for a, b in itertools.pairwise(edges)]


def _decode_run(batch: RawBatch, start: int, stop: int, encoding: Encoding, key: bytes) -> Decoded:
    records = batch.values[start:stop]
    places = Places.of_records(batch.partition, batch.offsets[start:stop])
    if encoding is Encoding.JSON:
        return decode_json_records(records, places, key)
    return _decode_arrow(records, places, key)


def _unknown_encoding(batch: RawBatch, start: int, stop: int) -> Decoded:
    fault = Fault(DeadReason.UNKNOWN_ENCODING, "", "the content type is neither JSON nor Arrow")
    places = Places.of_records(batch.partition, batch.offsets[start:stop])
    dead = [places.letter(row, fault, batch.values[start + row]) for row in range(stop - start)]
    return Decoded(EventBatch.join([]), dead, 0)


def _decode_arrow(records: Sequence[bytes], places: Places, key: bytes) -> Decoded:
    """Decode Arrow records; neighbours of one schema become one table: small ones are dear."""
    parts, opened = [], []
    for row, record in enumerate(records):
        table = decode_arrow.read_record(record)
        if isinstance(table, Fault):
            parts.append(Decoded(EventBatch.join([]), [places.letter(row, table, record)], 0))
        else:
            opened.append((row, table))
    for _, alike in itertools.groupby(opened, lambda pair: pair[1].schema):
        rows, tables = zip(*alike, strict=True)
        parts.append(decode_table(pa.concat_tables(tables), places.within(rows, tables), key))
    return Decoded.join(parts)


def _decode_block(records: Sequence[bytes], places: Places, key: bytes) -> Decoded:
    rows, kept, refused = decode_json.read_values(records)
    faults = Faults(len(rows))
    columns = decode_json.to_columns(rows)
    done = _finish(columns, faults, places.part(kept), lambda row: records[kept[row]], key)
    if not refused:
        return done
    early = [places.letter(row, fault, records[row]) for row, fault in refused.items()]
    return Decoded.join([done, Decoded(EventBatch.join([]), early, 0)])


def _finish(
    columns: Mapping[str, pa.Array],
    faults: Faults,
    places: Places,
    payload: Callable[[int], bytes],
    key: bytes,
) -> Decoded:
    """Apply the rules, write the places, and part the events from the dead."""
    count = len(places.offsets)
    if not count:
        return Decoded(EventBatch.join([]), [], 0)
    rows = fill_rows(columns, count, faults, key)
    rows["partition"] = places.partition.number
    rows["offset"] = places.offsets
    rows["index"] = places.index
    names = columns.get("account_id", pa.nulls(count)).to_numpy(zero_copy_only=False)
    dead = [places.letter(row, fault, payload(row)) for row, fault in faults]
    if dead:
        good = faults.good()
        rows, names = rows[good], names[good]
    unknown = int(np.count_nonzero(rows["type"] == EventType.OTHER))
    return Decoded(EventBatch(rows, names.astype(object)), dead, unknown)


def _row_as_json(table: pa.Table, row: int) -> bytes:
    """Write a row for its dead letter; a value Python cannot hold is left out."""
    values = {}
    for name in table.column_names:
        try:
            values[name] = table.column(name)[row].as_py()
        except (ValueError, OverflowError, pa.ArrowException):
            values[name] = None
    return _ROW_WRITER.encode(values)
