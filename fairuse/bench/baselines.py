"""The obvious alternatives: a dict of Python objects per account, and River's online statistics.

Both keep a dozen of the kernel's numbers, updated and read at each event, and remember fewer
accounts: what they are compared with does more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from fairuse.bench.figures import Figure, batches
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from streams.clock import Clock

DICT_EVENTS: Final = 200_000
RIVER_EVENTS: Final = 20_000
REQUESTED: Final = int(EventType.GENERATION_REQUESTED)
VIEWED: Final = int(EventType.RESULT_VIEWED)


@dataclass(slots=True)
class Remembered:
    """What a straightforward program would keep of an account."""

    last: int = 0
    gaps: int = 0
    mean: float = 0.0
    spread: float = 0.0
    units: float = 0.0
    requests: int = 0
    views: int = 0
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    histogram: list[int] = field(default_factory=lambda: [0] * 16)
    devices: set[int] = field(default_factory=set)
    blocks: set[int] = field(default_factory=set)

    def update(self, event: tuple[int, int, int, int, float]) -> None:
        t, kind, device, block, units = event
        self.devices.add(device)
        self.blocks.add(block)
        if kind == VIEWED:
            self.views += 1
        if kind != REQUESTED:
            return
        self.requests += 1
        self.units += units
        self.hours[t // 3_600_000_000 % 24] += 1
        if self.last:
            gap = math.log1p((t - self.last) / 1e6)
            self.gaps += 1
            delta = gap - self.mean
            self.mean += delta / self.gaps
            self.spread += delta * (gap - self.mean)
            self.histogram[min(int(gap), 15)] += 1
        self.last = t

    def read(self) -> tuple[float, ...]:
        gaps = self.gaps or 1
        return (
            self.requests,
            self.mean,
            math.sqrt(self.spread / gaps),
            _entropy(self.histogram, gaps),
            max(self.histogram) / gaps,
            _entropy(self.hours, self.requests or 1),
            self.hours.count(0),
            self.views / (self.requests or 1),
            self.units,
            len(self.devices),
            len(self.blocks),
            self.last,
        )


def bench_dicts(clock: Clock) -> list[Figure]:
    """Keep a dozen features in Python objects."""
    accounts = DICT_EVENTS // 4
    events = _events(accounts, DICT_EVENTS)
    state: defaultdict[int, Remembered] = defaultdict(Remembered)
    began = clock.monotonic()
    for account, event in events:
        remembered = state[account]
        remembered.update(event)
        remembered.read()
    rate = DICT_EVENTS / (clock.monotonic() - began)
    note = f"12 features, {accounts:,} accounts, {DICT_EVENTS:,} events, one core"
    return [Figure("dozen in dicts", rate, "events/s", note)]


def bench_river(clock: Clock) -> list[Figure]:
    """Keep eighteen features in River's objects; nothing where River is not installed."""
    if find_spec("river") is None:
        return []
    accounts = RIVER_EVENTS // 4
    events = _events(accounts, RIVER_EVENTS)
    state: dict[int, _InRiver] = {}
    began = clock.monotonic()
    for account, event in events:
        if account not in state:
            state[account] = _InRiver()
        state[account].update(event)
        state[account].read()
    rate = RIVER_EVENTS / (clock.monotonic() - began)
    note = f"18 features, its own distinct counter, {accounts:,} accounts, {RIVER_EVENTS:,} events"
    return [Figure("river", rate, "events/s", note)]


class _InRiver:
    def __init__(self) -> None:
        from river import sketch, stats  # noqa: PLC0415 - only a development machine has it

        distinct: Any = sketch.NUnique

        self.last = 0
        self.gap: list[Any] = [stats.Mean(), stats.Var(), stats.Quantile(0.05), stats.AutoCorr(1)]
        self.step: list[Any] = [stats.Entropy(), stats.Mode()]
        self.phase: list[Any] = [stats.Mean() for _ in range(4)]
        self.hour: list[Any] = [stats.Entropy(), stats.Mode(), stats.Mean()]
        self.units, self.requests, self.views = stats.Sum(), stats.Count(), stats.Count()
        self.devices, self.blocks = distinct(0.05, 1), distinct(0.05, 2)

    def update(self, event: tuple[int, int, int, int, float]) -> None:
        t, kind, device, block, units = event
        self.devices.update(str(device))
        self.blocks.update(str(block))
        if kind == VIEWED:
            self.views.update(1)
        if kind != REQUESTED:
            return
        self.requests.update(1)
        self.units.update(units)
        for stat in self.hour:
            stat.update(t // 3_600_000_000 % 24)
        if self.last:
            gap = math.log1p((t - self.last) / 1e6)
            for stat in self.gap:
                stat.update(gap)
            for stat in self.step:
                stat.update(int(gap))
            for stat, turn in zip(self.phase, _turns(t), strict=True):
                stat.update(turn)
        self.last = t

    def read(self) -> tuple[float, ...]:
        counts = (self.units, self.requests, self.views, self.devices, self.blocks)
        return tuple(
            float(stat.get() or 0)
            for stat in (*self.gap, *self.step, *self.phase, *self.hour, *counts)
        )


def _turns(t: int) -> tuple[float, float, float, float]:
    minute, hour = t % 60_000_000 / 60e6 * math.tau, t % 3_600_000_000 / 3600e6 * math.tau
    return math.cos(minute), math.sin(minute), math.cos(hour), math.sin(hour)


def _events(accounts: int, events: int) -> list[tuple[int, tuple[int, int, int, int, float]]]:
    return [
        (
            int(row["account"]),
            (int(row["t"]), int(row["type"]), int(row["device"]), int(row["block"]),
             float(row["units"])),
        )
        for batch in batches(accounts, events, seed=2)
        for row in batch.events
    ]  # fmt: skip


def _entropy(counts: list[int], total: int) -> float:
    return -sum(count / total * math.log(count / total) for count in counts if count)
