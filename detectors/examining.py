"""Whether what was learnt may serve: held-out answers against those of the unsupervised pair.

An account's answer is its highest over the strata. Recall is taken where one usual account in a
hundred would be a false positive. Accounts are drawn again with replacement to see how often the
learnt would catch less than the pair alone; it serves if that is rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FALSE_POSITIVES: Final = 0.01
DRAWS: Final = 200
RARE: Final = 0.05
EXTREME: Final = 0.99
LEAST_SPREAD: Final = 0.5  # of a logit; smaller differences between usual accounts are noise
DECIDED: Final = 50  # cases before a probability is stated


@dataclass(frozen=True, slots=True)
class Answers:
    """Held-out answers for R rows of one kind.

    `accounts` (R,), which of them are `confirmed` or `usual` (R,), the unsupervised `pair` (R,) and
    the learnt `logits` (R,).
    """

    accounts: NDArray[np.int64]
    confirmed: NDArray[np.bool_]
    usual: NDArray[np.bool_]
    pair: NDArray[np.float64]
    logits: NDArray[np.float64]

    def scale(self) -> NDArray[np.float64]:
        """Centre and spread that give one usual row in a hundred the lift of the pair's own."""
        logits = self.logits[self.usual]
        centre = float(np.median(logits))
        reach = max(float(np.quantile(self.pair[self.usual], EXTREME)), 1.0)
        spread = (float(np.quantile(logits, EXTREME)) - centre) / reach
        return np.array([centre, max(spread, LEAST_SPREAD)])

    def combined(self) -> NDArray[np.float64]:
        """Give the scores with the lift, as the bank will."""
        centre, spread = self.scale()
        combined: NDArray[np.float64] = self.pair + np.maximum((self.logits - centre) / spread, 0.0)
        return combined

    def highest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give each account's highest value (A,), minus infinity where it has none."""
        out = np.full(int(self.accounts.max()) + 1, -np.inf)
        np.maximum.at(out, self.accounts, values)
        return out

    def calibration(self, decided: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Slope and offset of the probability among `decided` accounts (A,); NaN for too few.

        Platt's method with his smoothed targets ("Probabilistic outputs for support vector
        machines", 1999), on each account's highest held-out logit.
        """
        from scipy.optimize import minimize  # noqa: PLC0415  as slow to import as all the rest

        at = decided[self.accounts] & (self.confirmed | self.usual)
        accounts = np.unique(self.accounts[at])
        answers = np.isin(accounts, self.accounts[self.confirmed])
        yes, no = int(answers.sum()), int((~answers).sum())
        if yes + no < DECIDED or not yes or not no:
            return np.full(2, np.nan)
        logits = self.highest(self.logits)[accounts]
        target = np.where(answers, (yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0))

        def loss(line: NDArray[np.float64]) -> float:
            z = line[0] * logits + line[1]
            return float(np.sum(np.logaddexp(0.0, z) - target * z))

        found = minimize(loss, np.array([1.0, 0.0]), bounds=[(0.0, None), (None, None)])
        return np.asarray(found.x, dtype=float)


@dataclass(frozen=True, slots=True)
class Examined:
    """Which confirmed accounts were `caught` and would be by the `pair` alone; `worse` of draws."""

    caught: NDArray[np.bool_]
    pair: NDArray[np.bool_]
    worse: float

    @property
    def serves(self) -> bool:
        better = bool(self.caught.mean() >= self.pair.mean())
        return better and self.worse <= RARE

    @property
    def share(self) -> str:
        return f"{self.caught.mean():.0%}"

    def __str__(self) -> str:
        return (
            f"{'serves' if self.serves else 'does not serve'}: held out, at 1 % false positives, "
            f"{self.share} caught against {self.pair.mean():.0%} unsupervised, "
            f"less in {self.worse:.0%} of {DRAWS} draws"
        )


def examine(answers: Answers, seed: int) -> Examined:
    """Compare what is caught with and without the learnt part."""
    usual = np.unique(answers.accounts[answers.usual])
    confirmed = np.unique(answers.accounts[answers.confirmed])
    both = [answers.highest(values) for values in (answers.combined(), answers.pair)]
    caught, pair = (values[confirmed] > _limit(values[usual]) for values in both)
    lot, worse = np.random.default_rng(seed), 0
    for _ in range(DRAWS):
        some, few = lot.choice(usual, len(usual)), lot.choice(confirmed, len(confirmed))
        with_it, without = (float(np.mean(v[few] > _limit(v[some]))) for v in both)
        worse += with_it < without
    return Examined(caught, pair, worse / DRAWS)


def _limit(usual: NDArray[np.float64]) -> float:
    """Give the value that at most one usual account in a hundred exceeds."""
    return float(np.sort(usual)[::-1][int(len(usual) * FALSE_POSITIVES)])
