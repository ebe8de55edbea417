"""Events as columns: what decoding gives and everything downstream reads.

One structured NumPy array per micro-batch keeps an event's numbers side by side, so that a compiled
kernel touches few cache lines and a batch is split or joined by slicing. Text is reduced to keyed
64-bit hashes here, once: raw addresses, devices and user agents go no further than decoding.
The account's own name is kept beside the numbers, because verdicts and cases must name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ABSENT: Final = -1
"""Value of an absent integer column. Hash columns use 0, floating ones NaN, code columns 0."""

EVENT: Final = np.dtype(
    [
        ("t", "i8"),  # occurred_at, microseconds since 1970-01-01T00:00:00Z
        ("partition", "i4"),  # where the event stands in the log ...
        ("index", "i4"),  # ... its place inside its record (0 unless the record holds a batch)
        ("offset", "i8"),  # ... and the record's offset
        # keyed 64-bit hashes; 0 = absent
        ("event", "u8"),
        ("account", "u8"),
        ("session", "u8"),
        ("device", "u8"),
        ("ip", "u8"),
        ("block", "u8"),  # the address's /24 (IPv4) or /48 (IPv6); the token itself for `h:` tokens
        ("agent", "u8"),  # user_agent
        ("job", "u8"),
        ("model", "u8"),
        ("params", "u8"),
        ("sketch", "u8"),  # prompt_sketch as it came: a SimHash, not hashed again; 0 = absent
        # numbers; ABSENT or NaN when absent
        ("seed", "i8"),
        ("asn", "i8"),
        ("units", "f8"),
        ("lat", "f4"),
        ("lon", "f4"),
        ("latency_ms", "i4"),
        ("dwell_ms", "i4"),
        ("prompt_chars", "i4"),
        ("pointer", "i4"),
        ("keys", "i4"),
        ("visible_ms", "i4"),
        # codes of `streams.vocabulary`; 0 = absent
        ("type", "u1"),
        ("network", "u1"),
        ("client", "u1"),
        ("media", "u1"),
        ("mode", "u1"),
        ("auth", "u1"),
        ("attested", "i1"),  # 1 yes, 0 no, ABSENT not said
        ("declared", "u1"),  # 1 when the user agent itself says it is a program, not a browser
        ("system", "u1"),  # operating system that the user agent names; see `streams.agents`
        ("official", "u1"),  # 1 when an official feature (batch, variations ...) made the request
        ("country", "u2"),  # two ASCII letters, first in the high byte; 0 = absent
        ("plan", "u8"),  # hash of the plan's name
    ],
    align=True,
)


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Decoded events in log order.

    `events` has shape (n,) and dtype `EVENT`; `account_ids` holds the n account names as an object
    array of `str`.
    """

    events: NDArray[Any]
    account_ids: NDArray[Any]

    def __post_init__(self) -> None:
        if self.events.dtype != EVENT or len(self.events) != len(self.account_ids):
            raise ValueError("an event batch needs EVENT rows and one account id for each")

    def __len__(self) -> int:
        return len(self.events)

    def __getitem__(self, part: slice) -> EventBatch:
        return EventBatch(self.events[part], self.account_ids[part])

    def where(self, keep: NDArray[np.bool_]) -> EventBatch:
        """Give the events that `keep` (n,) names, in the same order."""
        return EventBatch(self.events[keep], self.account_ids[keep])

    @staticmethod
    def join(parts: Sequence[EventBatch]) -> EventBatch:
        """Put batches one after the other, in the order given."""
        if not parts:
            return EventBatch(empty_events(0), np.empty(0, dtype=object))
        return EventBatch(
            np.concatenate([part.events for part in parts]),
            np.concatenate([part.account_ids for part in parts]),
        )


def empty_events(count: int) -> NDArray[Any]:
    """Rows in which every column says *absent*; shape (count,), dtype `EVENT`."""
    rows = np.zeros(count, dtype=EVENT)
    for name in ("seed", "asn", "latency_ms", "dwell_ms", "prompt_chars", "attested"):
        rows[name] = ABSENT
    for name in ("pointer", "keys", "visible_ms"):
        rows[name] = ABSENT
    for name in ("units", "lat", "lon"):
        rows[name] = np.nan
    return rows
