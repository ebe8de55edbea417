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
    MAX_RECORD_BYTES,
    RULES,
    CloudEvent,
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

_PLAIN: Final = msgspec.json.Decoder(UsageEvent)
_CLOUD: Final = msgspec.json.Decoder(CloudEvent)
_ANY: Final = msgspec.json.Decoder()
_WHOLE: Final = tuple(field for field, rule in RULES.items() if isinstance(rule, Whole))
_PATH: Final = re.compile(r"at `\$((?:\.\w+)+)`")
_MISSING: Final = re.compile(r"missing required field `(\w+)`")
_CLOUD_NAMES: Final = {"id": "event_id", "time": "occurred_at", "subject": "account_id"}


def read_values(records: Sequence[bytes]) -> tuple[list[Values], list[int], dict[int, Fault]]:
    """Give the values of each readable record in the order of `FIELDS`, and its place.

    The third part holds the faults of the others by their place.
    """
    rows: list[Values] = []
    places: list[int] = []
    faults: dict[int, Fault] = {}
    for place, record in enumerate(records):
        found: Values | Fault
        try:
            if len(record) > MAX_RECORD_BYTES or not (record.isascii() or is_utf8(record)):
                found = _second_look(record)
            else:
                found = astuple(_PLAIN.decode(record))
        except (msgspec.DecodeError, RecursionError):
            found = _second_look(record)
        if isinstance(found, Fault):
            faults[place] = found
        else:
            rows.append(found)
            places.append(place)
    return rows, places, faults


def to_columns(rows: Sequence[Values]) -> dict[str, pa.Array]:
    """Turn rows of `FIELDS` into columns; a column in which nothing is said is left out."""
    columns = {}
    for field, values in zip(FIELDS, zip(*rows, strict=True), strict=False):
        if values.count(None) < len(values):
            columns[field] = pa.array(values, _TYPES[field])
    return columns


def _second_look(record: bytes) -> Values | Fault:
    """Read a record the short way refused, or say what is wrong with it."""
    if len(record) > MAX_RECORD_BYTES:
        return too_large(record)
    if not is_utf8(record):
        return _INVALID_UTF8
    try:
        event = _ANY.decode(record)
        if isinstance(event, dict) and "specversion" in event:
            return astuple(_unwrap(_CLOUD.decode(record)))
        return astuple(msgspec.convert(_with_whole_numbers(event), UsageEvent))
    except msgspec.ValidationError as error:
        return _explain(str(error))
    except (msgspec.DecodeError, RecursionError) as error:
        return Fault(DeadReason.NOT_JSON, "", f"the record is not JSON: {error}")


def _with_whole_numbers(event: Any) -> Any:
    """Write 3.0 as 3 where a whole number belongs: some writers know one kind of number only."""
    if isinstance(event, dict):
        for field in _WHOLE:
            value = event.get(field)
            if isinstance(value, float) and value.is_integer():
                event[field] = int(value)
    return event


def _unwrap(cloud: CloudEvent) -> UsageEvent:
    rest = {name: getattr(cloud.data, name) for name in cloud.data.__struct_fields__}
    return UsageEvent(
        event_id=cloud.id,
        type=short_type(cloud.type),
        occurred_at=cloud.time,
        account_id=cloud.subject,
        **rest,
    )


def _explain(message: str) -> Fault:
    """Turn msgspec's sentence into ours: which field, and which of the closed reasons."""
    missing = _MISSING.search(message)
    path = _PATH.search(message)
    name = missing[1] if missing else path[1].rpartition(".")[2] if path else ""
    field = _CLOUD_NAMES.get(name, name)
    if missing or (name and message.startswith("Expected `str`, got `null`")):
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


_INVALID_UTF8: Final = Fault(DeadReason.INVALID_UTF8, "", "the record is not UTF-8")
_TYPES: Final = {field: _arrow_type(field) for field in FIELDS}
