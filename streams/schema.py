"""The columns of the event contract as an Arrow schema: Parquet files, archive, Arrow records.

Only names and types. What a value may be is in `streams.event`.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

SCHEMA_VERSION: Final = 1

TIME: Final = pa.timestamp("us", tz="UTC")

REQUIRED: Final = ("event_id", "type", "occurred_at", "account_id")
"""Without these an event says nothing; all other fields may be null or absent."""

_TYPES: Final[dict[str, pa.DataType]] = {
    "event_id": pa.string(),
    "type": pa.string(),
    "occurred_at": TIME,
    "account_id": pa.string(),
    "session_id": pa.string(),
    "device_id": pa.string(),
    "ip": pa.string(),
    "asn": pa.int64(),
    "network": pa.string(),
    "country": pa.string(),
    "lat": pa.float64(),
    "lon": pa.float64(),
    "user_agent": pa.string(),
    "client": pa.string(),
    "attested": pa.bool_(),
    "plan": pa.string(),
    "job_id": pa.string(),
    "media": pa.string(),
    "model": pa.string(),
    "mode": pa.string(),
    "units": pa.float64(),
    "prompt_sketch": pa.string(),
    "prompt_chars": pa.int64(),
    "params_hash": pa.string(),
    "seed": pa.int64(),
    "feature": pa.string(),
    "latency_ms": pa.int64(),
    "dwell_ms": pa.int64(),
    "pointer": pa.int64(),
    "keys": pa.int64(),
    "visible_ms": pa.int64(),
    "auth": pa.string(),
    "period_end": TIME,
    "challenge": pa.string(),
}

EVENT_FIELDS: Final = tuple(_TYPES)
"""Every field of the contract, in its order."""

EVENTS: Final = pa.schema(
    [pa.field(name, kind, nullable=name not in REQUIRED) for name, kind in _TYPES.items()],
    metadata={"fairuse.events": str(SCHEMA_VERSION)},
)
