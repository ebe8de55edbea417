"""JSON records to Arrow columns of the right types.

Checks shape and types only; what a value may be is for `streams.decode_columns`. Plain events
take the short way through one msgspec struct; what it refuses is looked at again, one by one:
whole numbers written as 3.0, CloudEvents, and records that deserve a good sentence.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
from msgspec.structs import astuple

from streams.decode_faults import Fault, too_large
from streams.decode_spans import is_utf8
from streams.event import (
    CLOUD_EVENT,
    MAX_RECORD_BYTES,
    RULES,
    DeadReason,
    Real,
    Special,
    UsageEvent,
    Whole,
    short_type,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    Values = tuple[Any, ...]

FIELDS: Final = UsageEvent.__struct_fields__

PIECE: Final = 512
"""Records held as Python objects at a time: they fit the cache, and the garbage collector, which
looks after every 700 new containers, is not woken. In pieces of 4,096 it takes twice as long."""

_PLAIN: Final = msgspec.json.Decoder(UsageEvent)
_ANY: Final = msgspec.json.Decoder()
_WHOLE: Final = tuple(field for field, rule in RULES.items() if isinstance(rule, Whole))
_PATH: Final = re.compile(r"at `\$((?:\.\w+)+)`")
_MISSING: Final = re.compile(r"missing required field `(\w+)`")


def read_records(
    records: Sequence[bytes],
) -> tuple[dict[str, pa.Array], list[int], dict[int, Fault]]:
    """Give the columns of the readable records, their places, and the faults of the others.

    A column in which nothing is said is left out.
    """
    places: list[int] = []
    faults: dict[int, Fault] = {}
    pieces = []
    for start in range(0, len(records), PIECE):
        rows: list[Values] = []
        for place, record in enumerate(records[start : start + PIECE], start):
            found = _read(record)
            if isinstance(found, Fault):
                faults[place] = found
            else:
                rows.append(found)
                places.append(place)
        pieces.append((len(rows), _to_columns(rows)))
    return _join(pieces), places, faults


def _read(record: bytes) -> Values | Fault:
    try:
        # The plain way skips what it does not know, so it would not see that this is no text.
        if len(record) <= MAX_RECORD_BYTES and (record.isascii() or is_utf8(record)):
            return astuple(_PLAIN.decode(record))
    except (msgspec.DecodeError, RecursionError):
        pass
    return _second_look(record)


def _to_columns(rows: Sequence[Values]) -> dict[str, pa.Array]:
    columns = {}
    for field, values in zip(FIELDS, zip(*rows, strict=True), strict=False):
        if any(values) or values.count(None) < len(values):  # `any` is quick where there is text
            columns[field] = pa.array(values, _TYPES[field])
    return columns


def _join(pieces: Sequence[tuple[int, dict[str, pa.Array]]]) -> dict[str, pa.Array]:
    said = [field for field in FIELDS if any(field in columns for _, columns in pieces)]
    return {
        field: pa.concat_arrays(
            [
                columns[field] if field in columns else pa.nulls(count, _TYPES[field])
                for count, columns in pieces
            ]
        )
        for field in said
    }


def _second_look(record: bytes) -> Values | Fault:
    """Read a record the short way refused, or say what is wrong with it."""
    if len(record) > MAX_RECORD_BYTES:
        return too_large(record)
    if not is_utf8(record):
        return Fault(DeadReason.INVALID_UTF8, "", "the record is not UTF-8")
    try:
        event = _ANY.decode(record)
        if isinstance(event, dict) and "specversion" in event:
            event = _flat(event)
        if isinstance(event, Fault):
            return event
        return astuple(msgspec.convert(_with_whole_numbers(event), UsageEvent))
    except msgspec.ValidationError as error:
        return _explain(str(error))
    except (msgspec.DecodeError, RecursionError) as error:
        return Fault(DeadReason.NOT_JSON, "", f"the record is not JSON: {error}")


def _flat(cloud: dict[str, Any]) -> dict[str, Any] | Fault:
    """Turn a CloudEvent in structured mode into the event it wraps."""
    if cloud["specversion"] != "1.0":
        return Fault(DeadReason.OUT_OF_RANGE, "specversion", "specversion must be 1.0")
    wrapped = {} if cloud.get("data") is None else cloud["data"]
    if not isinstance(wrapped, dict):
        return Fault(DeadReason.WRONG_TYPE, "data", "data must be an object")
    event = {name: cloud[theirs] for theirs, name in CLOUD_EVENT.items() if theirs in cloud}
    if isinstance(event.get("type"), str):
        event["type"] = short_type(event["type"])
    return {**wrapped, **event}


def _with_whole_numbers(event: Any) -> Any:
    """Write 3.0 as 3 where a whole number belongs: some writers know one kind of number only."""
    if isinstance(event, dict):
        for field in _WHOLE:
            value = event.get(field)
            if isinstance(value, float) and value.is_integer():
                event[field] = int(value)
    return event


def _explain(message: str) -> Fault:
    """Turn msgspec's sentence into ours: which field, and which of the closed reasons."""
    missing = _MISSING.search(message)
    path = _PATH.search(message)
    field = missing[1] if missing else path[1].rpartition(".")[2] if path else ""
    if missing or (field and message.startswith("Expected `str`, got `null`")):
        return Fault(DeadReason.MISSING_FIELD, field, f"{field} is missing")
    ranged = "out of range" in message or "<=" in message or ">=" in message
    reason = DeadReason.OUT_OF_RANGE if ranged else DeadReason.WRONG_TYPE
    return Fault(reason, field, message[0].lower() + message[1:])


def _arrow_type(field: str) -> pa.DataType:
    match RULES[field]:
        case Whole():
            return pa.int64()
        case Real():
            return pa.float64()
        case Special(kind="flag"):
            return pa.bool_()
    return pa.large_string()


_TYPES: Final = {field: _arrow_type(field) for field in FIELDS}
