"""Binomial tails and what follows from them: Clopper-Pearson bounds, quantiles of a Beta.

In logarithms and from the definition, so that counts of many thousands neither overflow nor ask for
SciPy in the server. Source: Clopper and Pearson, Biometrika 26 (1934); for whole `a` and `b` a
Beta(a, b) lies below x with the chance of `a` or more successes in `a + b - 1` trials.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_HALVINGS: Final = 60


def at_least(count: int, of: int, share: float) -> float:
    """Give the chance of `count` or more successes in `of` trials, each with chance `share`."""
    if count <= 0 or share >= 1.0:
        return 1.0
    if share <= 0.0:
        return 0.0
    if count > of / 2:
        return _sum(count, of + 1, of, share)
    return 1.0 - _sum(0, count, of, share)


def most(count: int, of: int, confidence: float = 0.95) -> float:
    """Give the share that the true one does not exceed, with one-sided `confidence`.

    Of nothing, everything is possible: 1.
    """
    if count >= of:
        return 1.0
    return _where(lambda share: at_least(count + 1, of, share), confidence)


def beta_quantile(a: int, b: int, level: float) -> float:
    """Give the point below which a Beta(a, b), `a` and `b` at least 1, lies with chance `level`."""
    return _where(lambda share: at_least(a, a + b - 1, share), level)


def _where(rising: Callable[[float], float], level: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if rising(middle) < level:
            low = middle
        else:
            high = middle
    return high


def _sum(start: int, end: int, of: int, share: float) -> float:
    success, failure = log(share), log1p(-share)
    total = 0.0
    for seen in range(start, end):
        ways = lgamma(of + 1) - lgamma(seen + 1) - lgamma(of - seen + 1)
        total += exp(ways + seen * success + (of - seen) * failure)
    return min(total, 1.0)
