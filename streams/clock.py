"""The one place that reads the time; everything else takes a `Clock` as an argument.

`now` is for facts that are stored, `monotonic` for waiting and measuring. It does not sleep.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. `now` is aware and in UTC; `monotonic` is in seconds and never goes back."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  this is the place the rule points to

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until told to advance: for tests, replay and the simulator."""

    at: datetime
    elapsed: float = 0.0

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self.at = self.at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.elapsed

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`, which is never negative."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self.at += timedelta(seconds=seconds)
        self.elapsed += seconds
