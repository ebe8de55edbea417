"""Events as producers write them, and short ways to decode them."""

from __future__ import annotations

import json

import numpy as np

from streams.decode import decode
from streams.raw import Encoding, Partition, RawBatch

HERE = Partition("usage-events", 3)

EXAMPLE = {
    "event_id": "01JD9Q8Z6V",
    "type": "generation.requested",
    "occurred_at": "2026-11-22T14:03:11.123Z",
    "account_id": "acc_91",
    "session_id": "s_7",
    "device_id": "d_c0ffee",
    "ip": "203.0.113.7",
    "asn": 64500,
    "network": "residential",
    "country": "DE",
    "lat": 52.5,
    "lon": 13.4,
    "user_agent": "Mozilla/5.0 …",
    "client": "web",
    "attested": False,
    "plan": "pro",
    "job_id": "j_55",
    "media": "video",
    "model": "kling-3.0",
    "mode": "quota",
    "units": 4,
    "prompt_sketch": "9f3c2a7715e0d4b8",
    "prompt_chars": 142,
    "params_hash": "a81f",
    "seed": None,
}


def record(**changes):
    """Write the example as a JSON record, changed; a change to `...` leaves the field out."""
    event = {**EXAMPLE, **changes}
    return json.dumps({name: value for name, value in event.items() if value is not ...}).encode()


def batch(values, encoding=Encoding.JSON, first=0):
    count = len(values)
    encodings = np.full(count, encoding, np.uint8)
    offsets = np.arange(first, first + count)
    return RawBatch(HERE, offsets, list(values), encodings, first + count, [None] * count)


def decoded(*values, encoding=Encoding.JSON):
    return decode(batch(values, encoding))


def only_event(value, encoding=Encoding.JSON):
    got = decoded(value, encoding=encoding)
    assert not got.dead, got.dead
    assert len(got.events) == 1
    return got.events.events[0]


def only_letter(value, encoding=Encoding.JSON):
    got = decoded(value, encoding=encoding)
    assert len(got.events) == 0
    (letter,) = got.dead
    return letter


def same_rows(left, right):
    """Say whether two arrays of EVENT rows are equal, NaN to NaN, every column."""
    return len(left) == len(right) and all(
        np.array_equal(left[name], right[name], equal_nan=left[name].dtype.kind == "f")
        for name in left.dtype.names
    )
