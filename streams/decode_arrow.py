"""Arrow records and tables to Arrow columns of the right types.

The twin of `streams.decode_json`. Lenient where writers differ without meaning to: pandas turns
a column of whole numbers with gaps into floats and an empty one into nulls, NaN says *absent*,
text may be dictionary-encoded, a timestamp may have any unit, and without a zone is in UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streams.decode_faults import Fault, too_large
from streams.decode_spans import is_utf8, mask
from streams.event import (
    INT64,
    LATEST,
    MAX_RECORD_BYTES,
    RULES,
    Choice,
    DeadReason,
    Real,
    Special,
    Text,
    Whole,
)
from streams.schema import EVENT_FIELDS, TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from streams.decode_faults import Faults

MAX_TABLE_BYTES: Final = 1 << 26
MAX_TABLE_ROWS: Final = 1 << 17
"""A record that unfolds to more than this is refused, however small it was on the wire."""

_UNITS: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_FAR: Final = 2 * int(LATEST.timestamp())  # past any allowed time, short of overflow


def read_record(record: bytes) -> pa.Table | Fault:
    """Open one Arrow IPC stream of unknown origin, every buffer checked."""
    if len(record) > MAX_RECORD_BYTES:
        return too_large(record)
    try:
        batches, size, rows = [], 0, 0
        with pa.ipc.open_stream(record) as reader:
            for batch in reader:
                size, rows = size + batch.nbytes, rows + len(batch)
                if size > MAX_TABLE_BYTES or rows > MAX_TABLE_ROWS:
                    sentence = f"the record unfolds to {size} bytes and {rows} rows, or more"
                    return Fault(DeadReason.TOO_LARGE, "", sentence)
                batches.append(batch)
            table = sound(pa.Table.from_batches(batches, reader.schema))
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        problem = str(error).partition("\n")[0]
        sentence = f"the record is not a sound Arrow IPC stream: {problem}"
        return Fault(DeadReason.BAD_ARROW, "", sentence)
    if not table.num_columns:
        return Fault(DeadReason.BAD_ARROW, "", "the record holds no column")
    twice = [name for name in EVENT_FIELDS if table.schema.get_all_field_indices(name)[1:]]
    if twice:
        return Fault(
            DeadReason.BAD_ARROW, twice[0], f"the record holds the column {twice[0]} twice"
        )
    return table


def sound(table: pa.Table) -> pa.Table:
    """Check every buffer of a table from outside; raises `pa.ArrowInvalid` if one is broken.

    Text that is not UTF-8 costs its rows only: its column becomes binary, and `to_columns` marks
    the rows.
    """
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        if "UTF8" not in str(error):
            raise
        loose = [
            field.with_type(pa.large_binary())
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
            else field
            for field in table.schema
        ]
        table = table.cast(pa.schema(loose))
        table.validate(full=True)
    return table


def to_columns(table: pa.Table, faults: Faults) -> dict[str, pa.Array]:
    """Give the contract's columns with the types the rules expect; marks values of other types."""
    columns = {}
    for field in EVENT_FIELDS:
        place = table.schema.get_field_index(field)
        if place >= 0:
            column = _Column(field, _plain(field, table.column(place)), faults).typed()
            if column is not None:
                columns[field] = column
    return columns


def _plain(field: str, chunked: pa.ChunkedArray) -> pa.Array:
    """One array without extension around it, and without a dictionary that does not help."""
    column = chunked.combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # what an empty one gives
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0)
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if pa.types.is_dictionary(column.type) and not _stays_coded(field, column.type.value_type):
        column = column.dictionary_decode()
    return column


def _stays_coded(field: str, kind: pa.DataType) -> bool:
    """Tell whether the rules look at a field's distinct texts, so that a dictionary helps."""
    match RULES[field]:
        case Text() | Choice() | Special(kind="address" | "country" | "sketch" | "official"):
            return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
    return False


class _Column:
    """One column on its way to the type its rule expects."""

    def __init__(self, field: str, column: pa.Array, faults: Faults) -> None:
        self.field, self.column, self.faults = field, column, faults

    def typed(self) -> pa.Array | None:
        """Give the column in its type; None if it says nothing (more)."""
        self._forget_nan()
        if self.column.null_count == len(self.column):
            return None
        match RULES[self.field]:
            case Whole():
                return self._whole()
            case Real():
                return self._real()
            case Special(kind="flag"):
                return self.column if pa.types.is_boolean(self.column.type) else self._refuse()
            case Special(kind="time") if pa.types.is_timestamp(self.column.type):
                return self._time()
        return self._text()

    def _forget_nan(self) -> None:
        if pa.types.is_floating(self.column.type):
            number = self.column.cast(pa.float64())
            nan = pc.fill_null(pc.is_nan(number), False)
            self.column = pc.if_else(nan, pa.scalar(None, pa.float64()), number)

    def _refuse(self) -> pa.Array | None:
        """Mark whatever is not null as wrong: this type fits no value."""
        self._mark(mask(self.column, len(self.column)), DeadReason.WRONG_TYPE, "has the wrong type")
        return None

    def _mark(self, rows: NDArray[np.bool_], reason: DeadReason, problem: str) -> None:
        sentence = f"{self.field} {problem} ({self.column.type})"
        self.faults.mark(rows, Fault(reason, self.field, sentence))

    def _text(self) -> pa.Array | None:
        kind = self.column.type
        if kind == pa.large_string():
            return self.column
        if pa.types.is_dictionary(kind):
            return self._coded()
        if pa.types.is_string(kind) or pa.types.is_string_view(kind):
            return self.column.cast(pa.large_string())
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            return self._utf8()
        return self._refuse()

    def _coded(self) -> pa.Array:
        """Keep the dictionary, in the one form that `Words` reads."""
        texts = self.column.dictionary.cast(pa.large_string())
        return pa.DictionaryArray.from_arrays(self.column.indices.cast(pa.int32()), texts)

    def _utf8(self) -> pa.Array:
        try:
            return self.column.cast(pa.large_string())
        except pa.ArrowInvalid:
            values = self.column.to_pylist()
            bad = np.array([value is not None and not is_utf8(value) for value in values])
            self._mark(bad, DeadReason.INVALID_UTF8, "is not UTF-8")
            kept = pc.if_else(pa.array(bad), pa.scalar(None, self.column.type), self.column)
            return kept.cast(pa.large_string())

    def _real(self) -> pa.Array | None:
        kind = self.column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return self.column.cast(pa.float64(), safe=False)
        return self._refuse()

    def _whole(self) -> pa.Array | None:
        kind = self.column.type
        if pa.types.is_uint64(kind):
            over = pc.fill_null(pc.greater(self.column, pa.scalar(INT64[1], pa.uint64())), False)
            self._mark(over.to_numpy(zero_copy_only=False), DeadReason.OUT_OF_RANGE, "is too large")
        elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return self._whole_floats()
        elif not pa.types.is_integer(kind):
            return self._refuse()
        return self.column.cast(pa.int64(), safe=False)

    def _whole_floats(self) -> pa.Array:
        number = self.column.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
        whole = np.floor(number) == number
        self._mark(~whole, DeadReason.WRONG_TYPE, "is not a whole number")
        small = np.abs(number) < -float(INT64[0])
        self._mark(~small, DeadReason.OUT_OF_RANGE, "is too large")
        absent = ~mask(self.column, len(number))
        return pa.array(np.where(whole & small, number, 0.0).astype(np.int64), mask=absent)

    def _time(self) -> pa.Array:
        """Bring a timestamp to microseconds; what would overflow becomes a time far too late."""
        scale = _UNITS[self.column.type.unit]
        ticks = self.column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        near = np.abs(ticks // scale + 1) <= _FAR  # + 1: the lowest int64 has no positive twin
        safe = np.where(near, ticks, _FAR * scale if scale < _UNITS["ns"] else ticks)
        micro = safe // 1_000 if scale == _UNITS["ns"] else safe * (1_000_000 // scale)
        absent = ~mask(self.column, len(ticks))
        return pa.array(micro, pa.int64(), mask=absent).cast(TIME)
