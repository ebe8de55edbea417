"""How often somebody may ask: so many in a while, in a row if need be, counted in this server.

The generic cell rate algorithm (ITU-T I.371): one instant for each who asks, however many asks it
stands for. What is counted is forgotten with the process, and nothing is kept of what was asked.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from review_api.errors import TooOftenError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_MOST_KEPT: Final = 10_000
"""Who asked longest ago is forgotten first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many within a time; 0 is without a limit."""

    most: int
    within: timedelta


class Pace:
    """Counts by whoever asks. Threads may share it."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        # When each would have asked all it asked, had it kept the pace.
        self._due: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def check(self, who: str, now: datetime) -> None:
        """Count one more ask, or raise `TooOftenError` with the time to wait."""
        rate = self._rate
        if not rate.most:
            return
        each = rate.within / rate.most
        with self._lock:
            due = max(self._due.get(who, now), now) + each
            if due - now > rate.within:
                raise TooOftenError(due - now - rate.within)
            self._due[who] = due
            self._due.move_to_end(who)
            if len(self._due) > _MOST_KEPT:
                self._due.popitem(last=False)
