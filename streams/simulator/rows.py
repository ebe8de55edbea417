"""The simulator's own arrays: sittings, requests and finished event rows, as numbers.

Text is made from these numbers at the very end (`streams.simulator.tables`). Column names follow
the event contract; `sitting` and `press` exist only while an account's traffic is being built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

ABSENT: Final = -1

_ORIGIN: Final = [
    ("session", "i4"),  # number of the login session within the account; ABSENT = not said
    ("device", "u8"),  # 0 = not said
    ("agent", "i2"),  # place in `world.AGENTS`
    ("client", "u1"),
    ("attested", "i1"),
    ("ip", "u8"),  # see `streams.simulator.addresses`; 0 = not said
    ("asn", "i4"),
    ("network", "u1"),
    ("city", "i2"),  # place in `world.CITIES`; ABSENT = not said
]

ORIGIN_FIELDS: Final = tuple(name for name, _ in _ORIGIN)

_JOB: Final = [
    ("model", "u1"),  # 1 + place in `catalogue.MODELS`; 0 = absent
    ("mode", "u1"),
    ("units", "f8"),
    ("sketch", "u8"),  # 0 = absent
    ("chars", "i4"),
    ("params", "u4"),  # 0 = absent
    ("seed", "i8"),
    ("feature", "u1"),  # place in `catalogue.FEATURES`; 0 = none
]

JOB_FIELDS: Final = tuple(name for name, _ in _JOB)

SITTING: Final = np.dtype([("start", "i8"), ("end", "i8"), ("login", "?"), *_ORIGIN])
"""One unbroken stay at the screen: when, on which device, from where."""

REQUEST: Final = np.dtype(
    [("t", "i8"), ("sitting", "i4"), ("press", "i4"), ("latency", "i4"), ("failed", "?"), *_JOB]
)
"""One requested job; jobs of the same `press` came from one gesture."""

ROW: Final = np.dtype(
    [
        ("t", "i8"),
        ("account", "i4"),
        ("job", "i4"),
        ("type", "u1"),
        ("plan", "u1"),
        ("auth", "u1"),
        ("challenge", "u1"),
        ("latency", "i4"),
        ("dwell", "i4"),
        ("pointer", "i4"),
        ("keys", "i4"),
        ("visible", "i4"),
        ("period_end", "i8"),
        *_ORIGIN,
        *_JOB,
    ]
)
"""One event."""

_ABSENT_FIELDS: Final = (
    "job",
    "latency",
    "dwell",
    "pointer",
    "keys",
    "visible",
    "session",
    "agent",
    "attested",
    "asn",
    "city",
    "chars",
    "seed",
)


def blank(count: int) -> NDArray[Any]:
    """Rows in which every column says *absent*."""
    rows = np.zeros(count, dtype=ROW)
    for name in _ABSENT_FIELDS:
        rows[name] = ABSENT
    rows["units"] = np.nan
    return rows


def joined(parts: Iterable[NDArray[Any]], *, same_sessions: bool = False) -> NDArray[Any]:
    """Parts of one account's traffic as one, in time order, with jobs renumbered.

    Sessions are renumbered too, unless the parts speak of the same ones.
    """
    kept = list(parts)
    rows = np.concatenate(kept) if kept else blank(0)
    for name in ("job",) if same_sessions else ("job", "session"):
        column, at, used = rows[name], 0, 0
        for part in kept:
            here = column[at : at + len(part)]
            here[here != ABSENT] += used
            used = max(used, int(here.max(initial=-1)) + 1)
            at += len(part)
    return rows[np.argsort(rows["t"], kind="stable")]
