"""Raw records to rows of the archive: the events as they came, each with its place in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from streams.decode_columns import fill_rows
from streams.decode_open import open_batch
from streams.decode_special import read_times
from streams.hashing import DEFAULT_KEY
from streams.schema import EVENTS, TIME

if TYPE_CHECKING:
    from streams.dead_letters import DeadLetter
    from streams.decode_open import Opened
    from streams.raw import RawBatch

PLACES: Final = (
    pa.field("_partition", pa.int32(), nullable=False),
    pa.field("_offset", pa.int64(), nullable=False),
    pa.field("_index", pa.int32(), nullable=False),
)
ARCHIVE: Final = pa.schema([*EVENTS, *PLACES], metadata=EVENTS.metadata)

REPEATING: Final = [field.name for field in EVENTS if field.type == pa.string()][1:]
"""Texts that one event has from another, all but the event's own id: read as dictionaries."""


def keep(batch: RawBatch) -> tuple[pa.Table, list[DeadLetter]]:
    """Give the events of a batch as rows of the archive, and its dead letters."""
    tables, dead = [ARCHIVE.empty_table()], []
    for opened in open_batch(batch):
        tables.append(_rows(opened))
        dead.extend(opened.dead())
    return pa.concat_tables(tables), dead


def _rows(opened: Opened) -> pa.Table:
    count = len(opened.places.offsets)
    # Filled for the verdict on each row alone: the archive keeps what came, not its hashes.
    fill_rows(opened.columns, count, opened.faults, DEFAULT_KEY)
    good = pa.array(opened.faults.good(), pa.bool_())
    columns = []
    for field in EVENTS:
        column = opened.columns.get(field.name, pa.nulls(count, field.type))
        if field.type == TIME and column.type != TIME:
            times, present, _ = read_times(column)
            column = pa.array(times, pa.int64(), mask=~present)
        columns.append(column.filter(good).cast(field.type))
    places = opened.places
    columns.append(pa.repeat(places.partition.number, count).cast(pa.int32()).filter(good))
    columns += [pa.array(places.offsets).filter(good), pa.array(places.index).filter(good)]
    return pa.Table.from_arrays(columns, schema=ARCHIVE)
