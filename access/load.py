"""Dynamic load management: how far quota jobs are slowed while the basic queue is crowded.

There are a few levels; 0 is full speed. Crowding moves down to the level it asks for at once, and
back up one level at a time, when the pressure has fallen below a second, lower mark and the level
has stood for a least time, so that it never flaps. Every quota customer keeps at least one job and
a stated least speed. Credit jobs know nothing of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

LEAST_SPEED: Final = 0.5
LEAST_TIME: Final = timedelta(minutes=5)
# A platform that says nothing for so long is taken to run at full speed.
SILENCE: Final = timedelta(minutes=2)
# A wait of so long weighs as much as one job waiting for every worker.
_WAIT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What a level means: shares of a customer's speed and of the jobs that may run at once."""

    level: int
    speed: float
    concurrency: float

    def speed_of(self, factor: float) -> float:
        """Give the speed of quota jobs whose own factor is this."""
        return max(factor * self.speed, min(factor, LEAST_SPEED))

    def jobs_of(self, concurrency: int) -> int:
        """Give how many quota jobs may run at once where the plan allows so many."""
        # Rounded up: whoever may run few jobs is narrowed last.
        return ceil(concurrency * self.concurrency)


LEVELS: Final = (
    Load(0, speed=1.0, concurrency=1.0),
    Load(1, speed=0.85, concurrency=0.75),
    Load(2, speed=0.7, concurrency=0.5),
    Load(3, speed=0.5, concurrency=0.25),
)
FULL: Final = LEVELS[0]
# The pressure at which each level begins; it is left below a quarter of that.
_ENTER: Final = (0.0, 2.0, 4.0, 8.0)
_LEAVE: Final = 0.25


@dataclass(frozen=True, slots=True)
class QueueReport:
    """The basic queue at one moment, as the platform saw it.

    `longest_wait_seconds` is for how long the turn of the job that is next has been over.
    """

    waiting: int
    running: int
    workers: int
    longest_wait_seconds: float

    @property
    def pressure(self) -> float:
        """Jobs waiting for each worker, or minutes the first of them is late, if more."""
        if not self.waiting:
            return 0.0
        # No worker at all is as bad as one for everybody.
        return max(self.waiting / max(self.workers, 1), self.longest_wait_seconds / _WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class Standing:
    """The level that stands, since when, and when the platform last reported."""

    level: int
    since: datetime
    reported_at: datetime

    def load(self, now: datetime) -> Load:
        """Give the load that holds at `now`: full speed once the reports have stopped."""
        return FULL if self.silent(now) else LEVELS[self.level]

    def silent(self, now: datetime) -> bool:
        """Whether the last report is too old to slow anybody."""
        return now - self.reported_at >= SILENCE


def follow(standing: Standing | None, report: QueueReport, now: datetime) -> Standing:
    """Say which level stands after a report; None stands for no report before it."""
    if standing is None or standing.silent(now):
        standing = Standing(0, now, now)
    level = _next(standing, report.pressure, now)
    since = standing.since if level == standing.level else now
    return Standing(level, since, now)


def _next(standing: Standing, pressure: float, now: datetime) -> int:
    asked = max(level for level, enter in enumerate(_ENTER) if pressure >= enter)
    if asked >= standing.level:
        return asked
    rested = now - standing.since >= LEAST_TIME
    if rested and pressure < _ENTER[standing.level] * _LEAVE:
        return standing.level - 1
    return standing.level
