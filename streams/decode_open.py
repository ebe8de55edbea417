"""Opens raw records, JSON or Arrow, as columns that still wait for the rules on values.

Records that cannot be opened are refused here, alone. Both decoding and archiving start from this.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import pyarrow as pa

from streams import decode_arrow, decode_json
from streams.decode_faults import Fault, Faults
from streams.decode_places import Places
from streams.event import DeadReason
from streams.raw import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streams.dead_letters import DeadLetter
    from streams.raw import RawBatch

BLOCK: Final = 8192
"""JSON records opened at a time."""

_ROW_WRITER: Final = msgspec.json.Encoder(enc_hook=str)


@dataclass(frozen=True, slots=True)
class Opened:
    """Columns of the right types, where their rows stand, and what was refused already."""

    columns: Mapping[str, pa.Array]
    faults: Faults
    places: Places
    payload: Callable[[int], bytes]  # of a row, for its dead letter
    refused: list[DeadLetter] = field(default_factory=list)

    def dead(self) -> list[DeadLetter]:
        """Give all dead letters in log order; complete once the rules have been applied."""
        late = [self.places.letter(row, fault, self.payload(row)) for row, fault in self.faults]
        return sorted([*self.refused, *late], key=lambda letter: (letter.offset, letter.index))


def open_batch(batch: RawBatch) -> Iterator[Opened]:
    """Open a batch from a source piece by piece, in log order."""
    turns = np.flatnonzero(np.diff(batch.encodings)) + 1
    edges = [0, *turns.tolist(), len(batch)] if len(batch) else []
    for start, stop in itertools.pairwise(edges):
        records = batch.values[start:stop]
        places = Places.of_records(batch.partition, batch.offsets[start:stop])
        match int(batch.encodings[start]):
            case Encoding.JSON:
                yield from open_json(records, places)
            case Encoding.ARROW:
                yield from open_arrow(records, places)
            case _:
                yield _refuse(records, places, [_UNKNOWN_ENCODING] * len(records))


def open_json(records: Sequence[bytes], places: Places) -> Iterator[Opened]:
    """Open records that each hold one JSON event, a block at a time."""
    for at in range(0, len(records), BLOCK):
        block, part = records[at : at + BLOCK], places.part(slice(at, at + BLOCK))
        yield _open_json_block(block, part)


def open_arrow(records: Sequence[bytes], places: Places) -> Iterator[Opened]:
    """Open Arrow records; neighbours of one schema become one table: small tables are dear."""
    opened = [decode_arrow.read_record(record) for record in records]
    numbered = zip(opened, range(len(opened)), strict=True)
    for schema, alike in itertools.groupby(numbered, lambda pair: getattr(pair[0], "schema", None)):
        found, rows = zip(*alike, strict=True)
        if schema is None:
            yield _refuse([records[row] for row in rows], places.part(list(rows)), found)
        else:
            yield open_table(pa.concat_tables(found), places.within(rows, found))


def open_table(table: pa.Table, places: Places) -> Opened:
    """Open a table of which every buffer is known to be sound."""
    faults = Faults(len(table))
    columns = decode_arrow.to_columns(table, faults)
    return Opened(columns, faults, places, lambda row: _row_as_json(table, row))


def _open_json_block(records: Sequence[bytes], places: Places) -> Opened:
    columns, kept, faults = decode_json.read_records(records)
    refused = [places.letter(row, fault, records[row]) for row, fault in faults.items()]
    return Opened(
        columns,
        Faults(len(kept)),
        places.part(kept) if refused else places,
        lambda row: records[kept[row]],
        refused,
    )


def _refuse(records: Sequence[bytes], places: Places, faults: Sequence[Fault]) -> Opened:
    letters = [
        places.letter(row, fault, record)
        for row, (record, fault) in enumerate(zip(records, faults, strict=True))
    ]
    return Opened({}, Faults(0), places.part(slice(0)), lambda _: b"", letters)


def _row_as_json(table: pa.Table, row: int) -> bytes:
    """Write a row for its dead letter; a value Python cannot hold is left out."""
    values = {}
    # By place, not by name: a hostile table may hold a name twice.
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            values[name] = column[row].as_py()
        except (ValueError, OverflowError, pa.ArrowException):
            values[name] = None
    return _ROW_WRITER.encode(values)


_UNKNOWN_ENCODING: Final = Fault(
    DeadReason.UNKNOWN_ENCODING, "", "the content type is neither JSON nor Arrow"
)
