"""A basic and a priority queue in front of one set of workers, event by event.

A discrete-event simulation of a platform that does as it is told: how many quota jobs of a
customer may be open, with which turn, how fast. The rules are those of `access.load` and
`access.sharing`, and none is repeated here.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Final

from access.load import FULL, LEVELS, QueueReport, follow
from access.sharing import Turn, turn_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from access.load import Standing

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
REPORT_SECONDS: Final = 10.0
UNIT_SECONDS: Final = 10.0  # what a worker needs for one unit
SIZES: Final = (0.25, 0.5, 1.0, 1.0, 2.0, 4.0)  # units of a job, each as likely
MEAN_WORK: Final = UNIT_SECONDS * sum(SIZES) / len(SIZES)
# A worker is shared in hundredths: a job at half speed takes half a worker for twice the time.
WHOLE: Final = 100
CLEAR_WORKERS: Final = 2  # quota jobs leave these to the priority queue


@dataclass(eq=False, slots=True)
class Customer:
    """Wants up to `hands` jobs at once; each hand rests about `rest` seconds between two jobs."""

    hands: int
    rest: float
    concurrency: int
    weight: float = 1.0
    wanted: deque[float] = field(default_factory=deque)
    open: list[Job] = field(default_factory=list)
    served: float = 0.0  # worker-seconds
    waits: list[float] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Job:
    """A job that was admitted; nobody's is a credit job."""

    customer: Customer | None
    units: float
    wanted_at: float
    turn: float = 0.0
    share: int = WHOLE

    @property
    def work(self) -> float:
        """Worker-seconds."""
        return self.units * UNIT_SECONDS


@dataclass(slots=True)
class Platform:
    """Runs for a while; figures are kept from `warm` seconds on.

    Without `turns` the basic queue is first come, first served; without `managed` it never slows.
    """

    workers: int
    customers: Sequence[Customer]
    credit_rate: float  # credit jobs a second
    chance: Random
    turns: bool
    managed: bool
    warm: float
    now: float = 0.0
    credit_waits: list[float] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)  # the level after each report
    _standing: Standing | None = None
    _free: int = 0
    _running: int = 0
    _priority: deque[Job] = field(default_factory=deque)
    _basic: list[tuple[float, int, Job]] = field(default_factory=list)
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def run(self, seconds: float) -> None:
        """Play from nothing to `seconds`."""
        self._free = self.workers * WHOLE
        for customer in self.customers:
            for _ in range(customer.hands):
                self._rest(customer)
        self._after(self.chance.expovariate(self.credit_rate), self._buy)
        self._after(REPORT_SECONDS, self._report)
        while self._due[0][0] <= seconds:
            self.now, _, happen = heapq.heappop(self._due)
            happen()
            self._dispatch()

    def _after(self, seconds: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now + seconds, next(self._order), happen))

    def _rest(self, customer: Customer) -> None:
        rest = self.chance.expovariate(1 / customer.rest) if customer.rest else 0.0
        self._after(rest, lambda: self._want(customer))

    def _want(self, customer: Customer) -> None:
        customer.wanted.append(self.now)
        self._admit(customer)

    def _admit(self, customer: Customer) -> None:
        load = self._standing.load(self._moment()) if self._standing else FULL
        while customer.wanted and len(customer.open) < load.jobs_of(customer.concurrency):
            job = Job(customer, self.chance.choice(SIZES), customer.wanted.popleft(), self.now)
            job.share = round(WHOLE * load.speed_of(1.0))
            if self.turns:
                others = [Turn(other.turn, other.units) for other in customer.open]
                job.turn = turn_of(self.now, others, customer.weight)
            customer.open.append(job)
            heapq.heappush(self._basic, (job.turn, next(self._order), job))

    def _buy(self) -> None:
        self._priority.append(Job(None, self.chance.choice(SIZES), self.now))
        self._after(self.chance.expovariate(self.credit_rate), self._buy)

    def _dispatch(self) -> None:
        while self._priority and self._free >= WHOLE:
            job = self._priority.popleft()
            self._begin(job, self.credit_waits)
        # What a waiting credit job still lacks is kept for it.
        clear = WHOLE * CLEAR_WORKERS
        while self._basic and not self._priority and self._free - clear >= self._basic[0][2].share:
            job = heapq.heappop(self._basic)[2]
            if job.customer is not None:
                self._begin(job, job.customer.waits)

    def _begin(self, job: Job, waits: list[float]) -> None:
        self._free -= job.share
        if self.now > self.warm:
            waits.append(self.now - job.wanted_at)
        self._after(job.work * WHOLE / job.share, lambda: self._end(job))

    def _end(self, job: Job) -> None:
        self._free += job.share
        customer = job.customer
        if customer is None:
            return
        customer.open.remove(job)
        if self.now > self.warm:
            customer.served += job.work
        self._rest(customer)
        self._admit(customer)

    def _report(self) -> None:
        waiting = len(self._basic)
        late = max(0.0, self.now - self._basic[0][0]) if waiting else 0.0
        running = sum(len(customer.open) for customer in self.customers) - waiting
        if self.managed:
            report = QueueReport(waiting, running, self.workers, late)
            self._standing = follow(self._standing, report, self._moment())
            for customer in self.customers:
                self._admit(customer)
        if self.now > self.warm:
            self.levels.append(self._standing.level if self._standing else LEVELS[0].level)
        self._after(REPORT_SECONDS, self._report)

    def _moment(self) -> datetime:
        return START + timedelta(seconds=self.now)
