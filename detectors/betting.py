"""A bet against the promise: its winnings say how far the promise is in doubt, at any time.

The promise is that of all honest account-months at most `budget` are paused. Whoever doubts it
starts with 1 and bets a part on each audited honest account-month: the bet wins if that account
was paused by mistake and loses a little if it was not. While the promise holds nobody can expect to
win, so that winnings of 20 or more, at whatever time one looks, come with a chance of 1 in 20 at
most. It may be looked at after every audit, which no p-value of a fixed sample may.

Sources: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting",
J. R. Statist. Soc. B 86 (2024); Ville (1939) for the bound; Vovk and Wang, Annals of Statistics 49
(2021), for e-values and that their mean is one. Weights by probability of inclusion: Horvitz and
Thompson (1952), in bets: Shekhar, Xu, Lipton, Liang and Ramdas (2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ALARM: Final = 20.0
"""Winnings from which the promise is in doubt: by chance in one of 20 promises kept, at most."""
RATES: Final = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""How many times the budget each bet supposes the true share to be; the stake is split evenly."""
_MOST: Final = 0.5  # of what one has, that one audit can lose
_HIGHEST: Final = 700.0  # in nats: beyond it a double has no number


@dataclass(frozen=True, slots=True)
class Judged:
    """An audited account-month that a person judged honest: had the machine paused it.

    `probability` (above 0, at most 1) is that with which it was drawn.
    """

    wrongful: bool
    probability: float


def weights(probabilities: NDArray[np.floating], base: float) -> NDArray[np.float64]:
    """Give what each audit counts, 1 at most, so that the unequal draw is made even.

    `base` is the smallest probability with which anybody was drawn: the weights depend on how the
    audits were drawn and never on what they found. `ValueError` for what cannot be a probability.
    """
    if not 0.0 < base <= 1.0 or not ((probabilities > 0.0) & (probabilities <= 1.0)).all():
        raise ValueError("probabilities of a draw are above 0 and at most 1")
    return np.minimum(base / np.asarray(probabilities, dtype=np.float64), 1.0)


def winnings(
    wrongful: NDArray[np.bool_], counted: NDArray[np.floating], budget: float
) -> NDArray[np.float64]:
    """Give what the bets are worth after each audit, along the last axis; they begin at 1.

    `counted` are the weights. The last value is the same in whatever order the audits come.
    `ValueError` unless `budget` is above 0 and below 1.
    """
    if not 0.0 < budget < 1.0:
        raise ValueError(f"a budget above 0 and below 1, not {budget}")
    # The stake that is best if the share is `rate` times the budget; the product of such factors is
    # a likelihood ratio where all weights are 1.
    stakes = np.minimum(np.array(RATES) - 1.0, _MOST / budget)
    gain = counted * (wrongful - budget)
    logs = np.stack([np.cumsum(np.log1p(stake * gain), axis=-1) for stake in stakes])
    highest = logs.max(axis=0)
    mean: NDArray[np.float64] = np.exp(logs - highest).mean(axis=0)
    worth: NDArray[np.float64] = np.exp(np.minimum(highest, _HIGHEST)) * mean
    return worth


def winnings_of(judged: Sequence[Judged], budget: float, base: float) -> NDArray[np.float64]:
    """Give what the bets are worth after each of these audits; shape (N,), empty without any."""
    wrongful = np.array([one.wrongful for one in judged], dtype=bool)
    drawn = np.array([one.probability for one in judged], dtype=np.float64)
    return winnings(wrongful, weights(drawn, base), budget)
