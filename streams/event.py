"""The authority on what a usage event is: every rule of the contract, once, for every encoding.

`RULES` says what each field may hold and which column of `streams.columns.EVENT` it fills. The
structs say how an event looks in JSON. Applying the rules is `streams.decode_columns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from streams.vocabulary import AUTHS, CLIENTS, EVENT_TYPES, MEDIA, MODES, NETWORKS, EventType

MAX_RECORD_BYTES: Final = 1 << 20
"""A larger record is a dead letter: an event has some 400 bytes, an Arrow batch some thousands."""

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2101, 1, 1, tzinfo=UTC)
"""Events are accepted from `EARLIEST` until just before `LATEST`; other years are clock faults."""

INT64: Final = (-(2**63), 2**63 - 1)
COUNT: Final = (0, 2**31 - 1)


class DeadReason(StrEnum):
    """Why a record or a row of it is not an event."""

    TOO_LARGE = "too_large"  # the record is over the stated number of bytes
    INVALID_UTF8 = "invalid_utf8"  # text that is not UTF-8
    NOT_JSON = "not_json"  # malformed, truncated or nested too deeply
    BAD_ARROW = "bad_arrow"  # not an Arrow IPC stream, or one whose buffers contradict themselves
    UNKNOWN_ENCODING = "unknown_encoding"  # neither JSON nor Arrow
    MISSING_FIELD = "missing_field"  # absent, null or empty, and the contract needs it
    WRONG_TYPE = "wrong_type"  # a number where text belongs, a fraction where a count belongs ...
    OUT_OF_RANGE = "out_of_range"  # the right type, a value the contract does not allow


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most `limit` characters, hashed into `column`; `name` also bars control codes."""

    column: str | None = None
    limit: int | None = None
    name: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a closed vocabulary; any other is refused, or accepted as code 0 if `open`."""

    column: str
    codes: dict[str, Any]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer from `low` to `high`, both included."""

    column: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Real:
    """A finite number from `low` to `high`, both included."""

    column: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Special:
    """A value with a grammar of its own, stated in words."""

    kind: Literal["time", "address", "country", "sketch", "flag", "official"]
    column: str | None
    grammar: str


Rule: TypeAlias = Text | Choice | Whole | Real | Special

_TIME = f"an RFC 3339 time with its offset, from {EARLIEST.year} to {LATEST.year - 1}"

RULES: Final[dict[str, Rule]] = {
    "event_id": Text("event", 64, name=True),
    "type": Choice("type", {**EVENT_TYPES}, open=True),
    "occurred_at": Special("time", "t", _TIME),
    "account_id": Text("account", 128, name=True),
    "session_id": Text("session", 128),
    "device_id": Text("device", 128),
    "ip": Special("address", "ip", "an IPv4 or IPv6 address or a token beginning h:"),
    "asn": Whole("asn", 0, 2**32 - 1),
    "network": Choice("network", NETWORKS),
    "country": Special("country", "country", "two letters"),
    "lat": Real("lat", -90.0, 90.0),
    "lon": Real("lon", -180.0, 180.0),
    "user_agent": Text("agent", 512),
    "client": Choice("client", CLIENTS),
    "attested": Special("flag", "attested", "true or false"),
    "plan": Text("plan"),
    "job_id": Text("job"),
    "media": Choice("media", MEDIA),
    "model": Text("model"),
    "mode": Choice("mode", MODES),
    "units": Real("units", 0.0, float("inf")),
    "prompt_sketch": Special("sketch", "sketch", "16 hex digits"),
    "prompt_chars": Whole("prompt_chars", *COUNT),
    "params_hash": Text("params", 32),
    "seed": Whole("seed", *INT64),
    "feature": Special("official", "official", "text"),
    "latency_ms": Whole("latency_ms", *COUNT),
    "dwell_ms": Whole("dwell_ms", *COUNT),
    "pointer": Whole("pointer", *COUNT),
    "keys": Whole("keys", *COUNT),
    "visible_ms": Whole("visible_ms", *COUNT),
    "auth": Choice("auth", AUTHS),
    "period_end": Special("time", None, _TIME),
    "challenge": Text(),
}
"""One rule a field, in the order of `streams.schema.EVENT_FIELDS`."""

NEED_PLAN: Final = (
    EventType.SUBSCRIPTION_STARTED,
    EventType.SUBSCRIPTION_RENEWED,
    EventType.SUBSCRIPTION_CHANGED,
    EventType.SUBSCRIPTION_CANCELLED,
)

_Int = Annotated[int, msgspec.Meta(ge=INT64[0], le=INT64[1])]


class UsageEvent(msgspec.Struct, kw_only=True, gc=False):
    """One event as it looks in JSON, types checked and values not yet."""

    event_id: str
    type: str
    occurred_at: str
    account_id: str
    session_id: str | None = None
    device_id: str | None = None
    ip: str | None = None
    asn: _Int | None = None
    network: str | None = None
    country: str | None = None
    lat: float | None = None
    lon: float | None = None
    user_agent: str | None = None
    client: str | None = None
    attested: bool | None = None
    plan: str | None = None
    job_id: str | None = None
    media: str | None = None
    model: str | None = None
    mode: str | None = None
    units: float | None = None
    prompt_sketch: str | None = None
    prompt_chars: _Int | None = None
    params_hash: str | None = None
    seed: _Int | None = None
    feature: str | None = None
    latency_ms: _Int | None = None
    dwell_ms: _Int | None = None
    pointer: _Int | None = None
    keys: _Int | None = None
    visible_ms: _Int | None = None
    auth: str | None = None
    period_end: str | None = None
    challenge: str | None = None


CLOUD_EVENT: Final = {
    "id": "event_id",
    "type": "type",
    "time": "occurred_at",
    "subject": "account_id",
}
"""What a CloudEvent's attributes are called here; its `data` holds the other fields."""


def short_type(name: str) -> str:
    """Drop the reverse-DNS prefix of a CloudEvents type, if what remains is a known type."""
    short = ".".join(name.rsplit(".", 2)[-2:])
    return short if short in EVENT_TYPES else name
