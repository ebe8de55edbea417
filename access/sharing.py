"""Weighted fair sharing of the basic queue: each quota job gets a turn, the smallest goes first.

A turn is a moment of a virtual clock: when the job would begin if its account had a small machine
of its own, which runs the jobs the account has open one after another, as fast as its weight says.
That is the virtual clock of Zhang (1990, "VirtualClock") with the start tags of Goyal, Vin and
Cheng (1996, "Start-time Fair Queuing"), and a memory of open jobs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# How far one open unit puts an account's next job behind, at weight 1. Longer keeps a flood back
# further, and the second job of somebody who wants two at once as well; docs/speed.md measures.
SECONDS_A_UNIT: Final = 20.0


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of a job that is open, and what it costs in units of quota."""

    at: float
    cost: float


def turn_of(now: float, open_turns: Iterable[Turn], weight: float) -> float:
    """Give the turn of a quota job admitted at `now`, both in seconds since 1970.

    `open_turns` are the account's other quota jobs that are admitted and have not ended, in any
    order. Nothing else is read, so no lock is shared between accounts, and what an account did
    with capacity that nobody else wanted is forgotten when the job ends.

    Bounds. An account with nothing open has its turn at once. A turn lies at most open units times
    `SECONDS_A_UNIT` / weight behind, and whatever is admitted after that moment comes later: nobody
    starves. While jobs wait whose turn has come, an account is served no more than weight /
    `SECONDS_A_UNIT` units a second and, once, what it may have open. Jobs of one account keep
    their order.
    """
    at = now
    open_units = 0.0
    for turn in open_turns:
        open_units += turn.cost
        at = max(at, turn.at)
    return max(at, now + open_units * SECONDS_A_UNIT / weight)
