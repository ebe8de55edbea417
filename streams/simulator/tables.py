"""From the simulator's numbers to Arrow tables of the event contract.

Names of fixed width (events, sessions, devices, jobs, sketches) are written as hexadecimal straight
into Arrow's buffers; everything else is picked from a short list of words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from streams.schema import EVENTS, TIME
from streams.simulator import addresses, catalogue, world
from streams.simulator.chance import mixed
from streams.simulator.rows import ABSENT
from streams.vocabulary import AUTHS, CLIENTS, MEDIA, MODES, NETWORKS, EventType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_DIGITS: Final = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def table(rows: NDArray[Any], serial: NDArray[np.int64], names: pa.Array, seed: int) -> pa.Table:
    """Write rows as a table; `serial` numbers an account's events and `names` its accounts."""
    account = rows["account"].astype(np.uint64) << np.uint64(32)
    salt = seed * 8
    made = {
        "event_id": hexadecimal(mixed(account | serial.astype(np.uint64), salt)),
        "type": _words({int(kind): kind.wire for kind in EventType}, rows["type"]),
        "occurred_at": pa.array(rows["t"]).cast(TIME),
        "account_id": names.take(pa.array(rows["account"])),
        "session_id": _named(account, rows["session"], salt + 1, b"s_"),
        "device_id": hexadecimal(rows["device"], rows["device"] == 0, b"d_"),
        "ip": _addresses(rows["ip"]),
        "attested": _bools(rows["attested"]),
        "job_id": _named(account, rows["job"], salt + 2, b"j_"),
        "prompt_sketch": hexadecimal(rows["sketch"], rows["sketch"] == 0),
        "params_hash": hexadecimal(rows["params"], rows["params"] == 0, digits=8),
        "period_end": pa.array(rows["period_end"], mask=rows["period_end"] == 0).cast(TIME),
    }
    made |= _vocabulary(rows) | _places(rows) | _numbers(rows)
    return pa.table([made[name].cast(EVENTS.field(name).type) for name in EVENTS.names], EVENTS)


def hexadecimal(
    values: NDArray[Any],
    absent: NDArray[np.bool_] | None = None,
    prefix: bytes = b"",
    digits: int = 16,
) -> pa.Array:
    """Numbers as lower-case hexadecimal text of fixed width, nulls where absent."""
    count, width = len(values), len(prefix) + digits
    text = np.empty((count, width), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    octets = values.astype(f">u{digits // 2}").view(np.uint8).reshape(count, digits // 2)
    text[:, len(prefix) :: 2] = _DIGITS[octets >> 4]
    text[:, len(prefix) + 1 :: 2] = _DIGITS[octets & 15]
    offsets = np.arange(count + 1, dtype=np.int32) * width
    valid = None if absent is None else np.packbits(~absent, bitorder="little")
    buffers = [None if valid is None else pa.py_buffer(valid), pa.py_buffer(offsets)]
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text), buffers[0])


def _named(account: NDArray[np.uint64], number: NDArray[Any], salt: int, prefix: bytes) -> pa.Array:
    """Names of an account's sessions or jobs."""
    whole = account | np.maximum(number, 0).astype(np.uint64)
    return hexadecimal(mixed(whole, salt), number == ABSENT, prefix)


def _words(words: Mapping[int, str], codes: NDArray[Any]) -> pa.Array:
    """Give the word of each code; null for a code without one."""
    return _picked([words.get(code) for code in range(max(words) + 1)], codes)


def _picked(values: Sequence[Any], places: NDArray[Any], absent: int | None = None) -> pa.Array:
    where = pa.array(places, mask=None if absent is None else places == absent)
    return pa.array(values).take(where)


def _reversed(codes: Mapping[str, int]) -> dict[int, str]:
    return {code: word for word, code in codes.items()}


def _vocabulary(rows: NDArray[Any]) -> dict[str, pa.Array]:
    model = rows["model"]
    return {
        "network": _words(_reversed(NETWORKS), rows["network"]),
        "client": _words(_reversed(CLIENTS), rows["client"]),
        "media": _words(_reversed(MEDIA), catalogue.MEDIA_OF[model]),
        "model": _picked([None, *(known.name for known in catalogue.MODELS)], model),
        "mode": _words(_reversed(MODES), rows["mode"]),
        "auth": _words(_reversed(AUTHS), rows["auth"]),
        "plan": _picked([None, *catalogue.PLANS], rows["plan"]),
        "feature": _picked(catalogue.FEATURES, rows["feature"]),
        "challenge": _picked(catalogue.CHALLENGES, rows["challenge"]),
        "user_agent": _picked([agent.text for agent in world.AGENTS], rows["agent"], ABSENT),
    }


def _places(rows: NDArray[Any]) -> dict[str, pa.Array]:
    city = rows["city"]
    return {
        "country": _picked([place.country for place in world.CITIES], city, ABSENT),
        "lat": _picked([place.lat for place in world.CITIES], city, ABSENT),
        "lon": _picked([place.lon for place in world.CITIES], city, ABSENT),
    }


def _numbers(rows: NDArray[Any]) -> dict[str, pa.Array]:
    columns = {
        "asn": "asn",
        "prompt_chars": "chars",
        "seed": "seed",
        "latency_ms": "latency",
        "dwell_ms": "dwell",
        "pointer": "pointer",
        "keys": "keys",
        "visible_ms": "visible",
    }
    made = {
        name: pa.array(rows[short], mask=rows[short] == ABSENT) for name, short in columns.items()
    }
    made["units"] = pa.array(rows["units"], mask=np.isnan(rows["units"]))
    return made


def _bools(values: NDArray[Any]) -> pa.Array:
    return pa.array(values == 1, mask=values == ABSENT)


def _addresses(codes: NDArray[np.uint64]) -> pa.Array:
    known, place = np.unique(codes, return_inverse=True)
    return pa.array([addresses.text(int(code)) for code in known], pa.string()).take(
        pa.array(place)
    )
