"""The monthly quota: what a plan allows of its models in a calendar month, and what is left.

What was used is counted by model; a plan's pools say what that means. So after a change of plan
the same use is judged by the new plan's rules, and a new month begins by being another month.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from access.units import PLACES, ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from access.plans import Pool


@dataclass(frozen=True, slots=True)
class Used:
    """How much of one model was used, after `number` entries of its chain."""

    number: int = 0
    units: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account used of its quota in `month`, such as 2026-11, by model."""

    month: str
    by_model: Mapping[str, Used] = field(default_factory=dict)

    def of(self, model: str) -> Used:
        """Give what was used of one model."""
        return self.by_model.get(model, Used())

    def after(self, model: str, units: Decimal) -> Usage:
        """Give the usage after one more entry; negative units give back."""
        used = self.of(model)
        entry = Used(used.number + 1, used.units + units)
        return Usage(self.month, {**self.by_model, model: entry})


def allowance(pool: Pool, share: float) -> Decimal:
    """Give the month's units of a pool; `share` of them is given on top, to make good."""
    given = pool.units * (1 + Decimal(str(share)))
    return given.quantize(PLACES, ROUND_DOWN)


def used(pool: Pool, usage: Usage) -> Decimal:
    """Give what the pool's models have used of it."""
    return sum((usage.of(model).units for model in pool.models), ZERO)


def left(pool: Pool, usage: Usage, share: float = 0.0) -> Decimal:
    """Give what is left of a pool; nothing where a smaller plan came after much use."""
    return max(allowance(pool, share) - used(pool, usage), ZERO)
