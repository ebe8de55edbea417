"""Measures how fair the basic queue is while one account floods it: turns against first come.

Sixteen workers; 48 customers who want two jobs at once and rest in between; credit jobs for a
fifth of the workers; and one account that wants 32 jobs at once and never rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Final

from fairuse.bench.figures import Figure
from fairuse.bench.queueing import MEAN_WORK, Customer, Platform

if TYPE_CHECKING:
    from collections.abc import Sequence

WORKERS: Final = 16
PEOPLE: Final = 48
HANDS: Final = 2
FLOOD: Final = 32
CREDIT_LOAD: Final = 0.2
HOUR: Final = 3600.0
WARM: Final = HOUR
LOADS: Final = (0.7, 1.0, 1.5)


@dataclass(frozen=True, slots=True)
class Shared:
    """What one run gave; waits are seconds from when a customer wanted a job to its start."""

    index: float  # Jain's, of each account's share over its fair share
    people_p50: float
    people_p95: float
    people_p99: float
    credit_p99: float
    flood: float  # the flood's share over its fair share
    worst: float  # the least share any of the people got over their fair share
    levels: tuple[float, ...]  # part of the time at each level
    moves: int  # changes of level


def share(  # noqa: PLR0913 - one argument for each thing that is varied
    load: float,
    *,
    turns: bool,
    managed: bool,
    hours: float = 5.0,
    seed: int = 1,
    flood: int = FLOOD,
) -> Shared:
    """Run the platform for `hours` after an hour of warm-up.

    `load` is what everybody but the flood would use of the workers if nobody ever waited.
    """
    wanted = (load - CREDIT_LOAD) * WORKERS
    rest = MEAN_WORK * (PEOPLE * HANDS / wanted - 1)
    people = [Customer(HANDS, rest, HANDS) for _ in range(PEOPLE)]
    customers = [*people, Customer(flood, 0.0, flood)]
    platform = Platform(
        WORKERS, customers, CREDIT_LOAD * WORKERS / MEAN_WORK, Random(seed),  # noqa: S311 - seeded
        turns=turns, managed=managed, warm=WARM,
    )  # fmt: skip
    platform.run(WARM + hours * HOUR)
    demands = [wanted / PEOPLE] * PEOPLE + [float(flood)]
    fair = max_min(demands, (1 - CREDIT_LOAD) * WORKERS)
    shares = [each.served / (hours * HOUR) / due for each, due in zip(customers, fair, strict=True)]
    return _summary(platform, people, shares)


def _summary(platform: Platform, people: Sequence[Customer], shares: Sequence[float]) -> Shared:
    waits = sorted(wait for each in people for wait in each.waits)
    counted = [platform.levels.count(level) for level in range(4)]
    return Shared(
        index=jain(shares),
        people_p50=_quantile(waits, 0.5),
        people_p95=_quantile(waits, 0.95),
        people_p99=_quantile(waits, 0.99),
        credit_p99=_quantile(sorted(platform.credit_waits), 0.99),
        flood=shares[-1],
        worst=min(shares[:-1]),
        levels=tuple(times / len(platform.levels) for times in counted),
        moves=sum(one != other for one, other in pairwise(platform.levels)),
    )


def jain(shares: Sequence[float]) -> float:
    """Give Jain's fairness index (Jain, Chiu and Hawe 1984): 1 all alike, 1/n one has all."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def max_min(demands: Sequence[float], capacity: float) -> list[float]:
    """Divide `capacity` fairly: nobody gets more than demanded, and the rest is shared alike."""
    fair = [0.0] * len(demands)
    left = capacity
    for served, place in enumerate(sorted(range(len(demands)), key=demands.__getitem__)):
        fair[place] = min(demands[place], left / (len(demands) - served))
        left -= fair[place]
    return fair


def bench_sharing() -> list[Figure]:
    """Run every load first come, first served, by turns, and by turns with load management."""
    figures = []
    for load in LOADS:
        for name, turns, managed in (
            ("first come", False, False),
            ("turns", True, False),
            ("turns, managed", True, True),
        ):
            figures += _figures(f"{name} at {load}", share(load, turns=turns, managed=managed))
    return figures


def _figures(name: str, run: Shared) -> list[Figure]:
    levels = " ".join(f"{part:.0%}" for part in run.levels)
    waits = f"p50 {run.people_p50:.0f}, p95 {run.people_p95:.0f}; credits p99 {run.credit_p99:.1f}"
    return [
        Figure(f"{name}: fairness", run.index, "Jain", f"the flood got {run.flood:.2f} of its due"),
        Figure(f"{name}: wait p99", run.people_p99, "s", waits),
        Figure(f"{name}: moves", run.moves, "in 5 h", f"time at levels 0 to 3: {levels}"),
    ]


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[int(part * (len(ordered) - 1))]
