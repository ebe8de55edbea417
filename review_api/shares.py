"""A share of a few cases, with the exact interval that says how little a few cases tell.

Source: Clopper and Pearson, Biometrika 26 (1934). Computed from its definition, because the
counts are small and SciPy would double the time the program takes to start.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Final

TAIL: Final = 0.025  # left out on each side: the interval holds 95 %
_HALVINGS: Final = 50


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of` cases; of nothing, everything is possible."""

    count: int
    of: int

    @property
    def low(self) -> float:
        """The least true share, from 0 to 1, under which so many would be seen once in 40 times."""
        return _least(self.count, self.of)

    @property
    def high(self) -> float:
        """The greatest, likewise."""
        return 1.0 - _least(self.of - self.count, self.of)


def _least(count: int, of: int) -> float:
    if count == 0:
        return 0.0
    low, high = 0.0, count / of
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_least(count, of, middle) < TAIL:
            low = middle
        else:
            high = middle
    return low


def _at_least(count: int, of: int, share: float) -> float:
    """Give the chance of `count` or more of `of`."""
    return sum(
        comb(of, seen) * share**seen * (1.0 - share) ** (of - seen) for seen in range(count, of + 1)
    )
