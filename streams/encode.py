"""Events to bytes, for producers: JSON records, NDJSON lines, Arrow IPC records.

The other direction is `streams.decode`. Nothing is checked here beyond the types of `EVENTS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from streams.schema import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WRITER = msgspec.json.Encoder()


def encode_json(rows: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Give each event as a JSON record; what is None is left out, times are written in UTC."""
    return [
        _WRITER.encode({name: value for name, value in row.items() if value is not None})
        for row in rows
    ]


def encode_table(table: pa.Table) -> list[bytes]:
    """Give each row of a table of events as a JSON record, much faster than row by row."""
    said = [name for name in table.column_names if table.column(name).null_count < len(table)]
    columns = [_values(table.column(name)) for name in said]
    return [
        _WRITER.encode(
            {name: value for name, value in zip(said, row, strict=True) if value is not None}
        )
        for row in zip(*columns, strict=True)
    ]


def encode_arrow(table: pa.Table) -> bytes:
    """Give a table of events as one Arrow IPC stream: the value of a record of many events."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    buffer: bytes = sink.getvalue().to_pybytes()
    return buffer


def conform(table: pa.Table) -> pa.Table:
    """Bring a table to the schema `EVENTS`: its columns in order, absent ones as nulls."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in EVENTS
    ]
    return pa.Table.from_arrays(columns, schema=EVENTS)


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = pc.strftime(column.cast(pa.timestamp("us", tz="UTC")), "%Y-%m-%dT%H:%M:%SZ")
    values: list[Any] = column.to_pylist()
    return values
