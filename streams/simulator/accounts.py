"""What surrounds an account's traffic: its plan, its payments, and what is left unsaid.

Some clients never report some fields, and some people block some of them, honest or not: a missing
value says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import catalogue
from streams.simulator.chance import happens
from streams.simulator.rows import ABSENT, blank
from streams.vocabulary import CLIENTS, EventType

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.seats import Seat

_PAID_PLANS: Final = {"honest": (0.42, 0.36, 0.14, 0.08), "abusive": (0.12, 0.4, 0.3, 0.18)}
_PERIOD: Final = 30 * catalogue.DAY
_PACKS: Final = (20.0, 60.0, 150.0, 400.0)
_UNSAID: Final = {
    "device": 0.04,
    "sketch": 0.03,
    "params": 0.04,
    "seed": 0.05,
    "city": 0.06,
    "agent": 0.02,
    "asn": 0.03,
    "session": 0.01,
}
_UNTOUCHED: Final = 0.06
_CLIENTS: Final = len(CLIENTS) + 1


def furnish(
    rng: Generator, seat: Seat, rows: NDArray[Any], *, abusive: bool, paid: float
) -> NDArray[Any]:
    """Give the account's rows, in no order: traffic, subscription, purchases, challenges."""
    shares = _PAID_PLANS["abusive" if abusive else "honest"]
    plan = 1 + int(rng.choice(4, p=shares)) if rng.random() < paid else 0
    if not plan:
        rows["mode"][rows["mode"] != 0] = catalogue.CREDITS
    _silence(rng, rows)
    parts = [rows, _challenges(rng, seat, 0.15 if abusive else 0.02)]
    if plan:
        parts.append(_subscription(rng, seat, rows))
    if rng.random() < 0.2:  # noqa: PLR2004 - one account in five buys a pack
        parts.append(_purchases(rng, seat))
    rows = np.concatenate(parts)
    rows["account"] = seat.number
    rows["plan"] = 1 + plan
    told = _told(rng, rows) & (rows["t"] >= seat.window.start) & (rows["t"] < seat.window.end)
    return rows if told.all() else rows[told]


def _at(t: NDArray[np.int64], kind: NDArray[Any] | int) -> NDArray[Any]:
    rows = blank(len(t))
    rows["t"] = t - t % 1000
    rows["type"] = kind
    return rows


def _sometime(rng: Generator, seat: Seat, count: int) -> NDArray[np.int64]:
    return rng.integers(seat.window.start, seat.window.end, count)


def _subscription(rng: Generator, seat: Seat, rows: NDArray[Any]) -> NDArray[Any]:
    """Begin a subscription shortly before its first use, or before the window."""
    new = rng.random() < 0.12 and len(rows) > 0  # noqa: PLR2004 - one in eight is a newcomer
    first = int(rows["t"][0]) if new else seat.window.start
    begin = first - int(rng.integers(60, 3600)) * catalogue.SECOND
    begin = max(begin, seat.window.start) if new else begin - int(rng.integers(_PERIOD))
    t = np.arange(begin, seat.window.end, _PERIOD)
    made = _at(t, EventType.SUBSCRIPTION_RENEWED)
    if new:
        made["type"][:1] = EventType.SUBSCRIPTION_STARTED
    made["period_end"] = t + _PERIOD
    return made


def _purchases(rng: Generator, seat: Seat) -> NDArray[Any]:
    t = _sometime(rng, seat, int(rng.integers(1, 4)))
    made = _at(t, EventType.CREDITS_PURCHASED)
    made["units"] = rng.choice(_PACKS, len(t))
    return made


def _challenges(rng: Generator, seat: Seat, share: float) -> NDArray[Any]:
    count = int(rng.random() < share) * int(rng.integers(1, 3))
    passed = happens(rng, count, 0.85)
    kind = np.where(passed, EventType.CHALLENGE_PASSED, EventType.CHALLENGE_FAILED)
    made = _at(_sometime(rng, seat, count), kind)
    made["challenge"] = rng.integers(1, len(catalogue.CHALLENGES), count)
    return made


def _silence(rng: Generator, rows: NDArray[Any]) -> None:
    """Take away what this account's clients do not report."""
    nothing = blank(1)[0]
    for name, share in _UNSAID.items():
        mute = happens(rng, _CLIENTS, share)
        if mute.any():
            rows[name][mute[rows["client"]]] = nothing[name]


def _told(rng: Generator, rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark what is reported at all: some clients never report gestures."""
    mute = happens(rng, _CLIENTS, _UNTOUCHED)
    told: NDArray[np.bool_] = ~(mute[rows["client"]] & (rows["type"] == EventType.UI_INTERACTION))
    return told


def silent(rows: NDArray[Any], *names: str) -> NDArray[Any]:
    """Take the named fields away, as from a client that never had them."""
    for name in names:
        rows[name] = 0 if name in ("device", "sketch", "params", "ip") else ABSENT
    return rows
