"""How far two people agree beyond what chance would make them: Cohen's kappa.

Sources: Cohen, Educational and Psychological Measurement 20 (1960); the standard error by Fleiss,
Cohen and Everitt, Psychological Bulletin 72 (1969).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE: Final = 1.96


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `pairs` cases that two people judged, `agreed` got the same answer from both.

    `kappa` is 1 for full agreement and 0 for what chance alone gives, with its 95 % interval; all
    three are None where everybody gave one and the same answer, or nobody any.
    """

    agreed: int
    pairs: int
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


def agreement_of(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Compare first and second answers, one pair a case."""
    count = len(pairs)
    agreed = sum(first == second for first, second in pairs)
    if not count:
        return Agreement(0, 0)
    share = {pair: seen / count for pair, seen in Counter(pairs).items()}
    firsts = {word: seen / count for word, seen in Counter(one for one, _ in pairs).items()}
    seconds = {word: seen / count for word, seen in Counter(two for _, two in pairs).items()}
    chance = sum(firsts[word] * seconds.get(word, 0.0) for word in firsts)
    if chance >= 1.0:
        return Agreement(agreed, count)
    kappa = (agreed / count - chance) / (1.0 - chance)
    error = _standard_error(share, firsts, seconds, kappa, chance) / sqrt(count)
    low, high = max(-1.0, kappa - WIDE * error), min(1.0, kappa + WIDE * error)
    return Agreement(agreed, count, kappa, low, high)


def _standard_error(
    share: dict[tuple[str, str], float],
    firsts: dict[str, float],
    seconds: dict[str, float],
    kappa: float,
    chance: float,
) -> float:
    """Give the standard error of one pair; the letters are those of the source's equation 13."""
    a = b = 0.0
    for (first, second), seen in share.items():
        if first == second:
            a += seen * (1.0 - (firsts[first] + seconds[first]) * (1.0 - kappa)) ** 2
        else:
            b += seen * (seconds.get(first, 0.0) + firsts.get(second, 0.0)) ** 2
    c = (kappa - chance * (1.0 - kappa)) ** 2
    return sqrt(max(0.0, a + (1.0 - kappa) ** 2 * b - c)) / (1.0 - chance)
