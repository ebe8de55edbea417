"""Days and nights of a simulated platform: traffic is scored, people decide, the machine learns.

A day is taken in at its end. Everything below is the program's own: scorer, intake, decisions,
label store, archive and the nightly job; only the customers and the reviewers are simulated.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from access.database import writers
from detectors.verdict import encode
from fairuse.bench.learning.live import Live
from fairuse.bench.learning.reviewing import Reviewers
from fairuse.retrain.running import TONIGHT, Ways, run_night
from fairuse.wiring import open_database, read_offers, review_policy
from review_api.intake import intake
from streams.clock import ManualClock
from streams.simulator import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from fairuse.retrain.reporting import NightOutcome
    from fairuse.settings import Settings
    from streams.simulator import Simulation

DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class World:
    """One platform. `days` that have passed; `truth` names the abuse of each abusive account."""

    settings: Settings
    clock: ManualClock
    live: Live
    reviewers: Reviewers
    days: int = 0
    nights: list[NightOutcome] = field(default_factory=list)

    def day(self, events: pa.Table) -> int:
        """Live through a day's events and the reviewers' work on it; give the cases decided."""
        began = self.clock.now()
        said = self.live.take(events, began.date())
        self.clock.advance(DAY.total_seconds())
        for verdict in said:
            with self.reviewers.sessions.begin() as session:
                intake(session, encode(verdict), self.clock.now(), self.reviewers.policy)
        self.days += 1
        return self.reviewers.work()

    def night(self, ways: Ways | None = None) -> NightOutcome:
        """Retrain, and let live scoring look at the registry."""
        self.nights.append(run_night(self.settings, self.clock, TONIGHT, ways))
        self.live.look()
        return self.nights[-1]


@contextmanager
def opened(
    settings: Settings, truth: dict[str, str], per_day: int, error: float = 0.05, seed: int = 0
) -> Iterator[World]:
    """Open a world over a migrated database, at the beginning of simulated time."""
    engine, clock = open_database(settings), ManualClock(START)
    policy = replace(
        review_policy(settings), grace=timedelta(0), second_share=0.0, double_share=0.0,
        catalogue=read_offers(settings),
    )  # fmt: skip
    try:
        reviewers = Reviewers(writers(engine), policy, clock, truth, per_day, error, seed)
        yield World(settings, clock, Live(settings), reviewers)
    finally:
        engine.dispose()


def truth_of(populations: Iterable[Simulation]) -> dict[str, str]:
    """Name the abuse of each abusive account."""
    return {name: kind for each in populations for name, kind in each.labels if kind}


def by_day(populations: Iterable[Simulation], days: int, start: datetime = START) -> list[pa.Table]:
    """Cut the events of some populations into days, each in order of time."""
    parts = [table for each in populations for table in each.tables()]
    events = pa.concat_tables(parts, promote_options="default").sort_by("occurred_at")
    times = events.column("occurred_at")
    edges = [start + n * DAY for n in range(days + 1)]
    return [
        events.filter(
            pc.and_(
                pc.greater_equal(times, pa.scalar(a, times.type)),
                pc.less(times, pa.scalar(b, times.type)),
            )
        )
        for a, b in pairwise(edges)
    ]
