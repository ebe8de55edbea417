"""The first check: what reviewers look at must not become less worth looking at.

Both models fill the same number of reviews with the accounts they find strangest. Of those that
somebody has judged, weighted by what they were drawn for, the share of abuse is compared, accounts
drawn again in pairs. Labels that either model was taught by flatter it; where enough others are
known, only these count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.gate.chance import again, interval
from detectors.gate.check import Check
from detectors.gate.sides import PAUSE
from detectors.gate.weighed import CONFIRMED, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.gate.check import Limits
    from detectors.gate.weighed import Weighed

NAME: Final = "precision at review capacity"
FEW: Final = 30
"""Judged accounts among those a model would have looked at, below which nothing is told."""


def precision(weighed: Weighed, limits: Limits) -> Check:
    """Compare the share of abuse among the accounts that either model would have looked at."""
    places = capacity(weighed, limits)
    tops = {side: first(weighed, side, places) for side in ("champion", "candidate")}
    judged = weighed.standing != UNKNOWN
    fresh = judged & weighed.unseen
    unseen = all(np.count_nonzero(fresh & top) >= FEW for top in tops.values())
    judged = fresh if unseen else judged
    counts = [int(np.count_nonzero(judged & top)) for top in tops.values()]
    figures = {"reviews": places, "judged": counts, "unseen_only": unseen}
    if min(counts) < FEW:
        sentence = (
            f"of {places} accounts to look at only {min(counts)} were ever judged, {FEW} are "
            "needed: whether the share of abuse falls cannot be told, so it is no reason to refuse"
        )
        return Check(name=NAME, passed=True, sentence=sentence, figures=figures)
    shares, (low, high) = compared(weighed, judged, tops, limits.seed)
    figures |= dict(zip(("champion", "candidate"), shares, strict=True)) | {
        "difference": [low, high]
    }
    passed = high >= -limits.precision_margin
    known = "labels neither was taught by" if unseen else "labels they may have been taught by"
    sentence = (
        f"of {places} accounts to look at {shares[1]:.0%} are abuse, {shares[0]:.0%} with the "
        f"champion: {_said(low, high)}, on {min(counts)} {known}"
    )
    return Check(name=NAME, passed=passed, sentence=sentence, figures=figures)


def capacity(weighed: Weighed, limits: Limits) -> int:
    """Count the accounts reviewers can look at in the time, and no more than are asked for."""
    most = round(limits.reviews_per_day * weighed.days)
    asked = [
        len(np.unique(weighed.months["account"][weighed.months[side]["rank"] > 0]))
        for side in ("champion", "candidate")
    ]
    return min(max(most, 1), max(asked) or len(weighed.names))


def first(weighed: Weighed, side: str, count: int) -> NDArray[np.bool_]:
    """Tell which accounts (A,) a model would have looked at first: hard rules, then p-values."""
    months = weighed.months[side]
    hard = (months["hard"] > 0) & (months["rank"] == PAUSE)
    order = np.lexsort((-months["common"], months["p"], ~hard))
    accounts, place = np.unique(weighed.months["account"][order], return_index=True)
    chosen = np.zeros(len(weighed.names), dtype=bool)
    chosen[accounts[np.argsort(place, kind="stable")[:count]]] = True
    return chosen


def compared(
    weighed: Weighed, judged: NDArray[np.bool_], tops: dict[str, NDArray[np.bool_]], seed: int
) -> tuple[list[float], tuple[float, float]]:
    """Give both weighted shares of abuse, and the 95 % interval of their difference."""
    either = np.flatnonzero(judged & (tops["champion"] | tops["candidate"]))
    abuse = weighed.standing[either] == CONFIRMED
    weights = [np.where(top[either], weighed.weight[either], 0.0) for top in tops.values()]
    times = again(len(either), seed)
    with np.errstate(invalid="ignore"):
        drawn = [(times @ (weight * abuse)) / (times @ weight) for weight in weights]
    shares = [float((weight * abuse).sum() / weight.sum()) for weight in weights]
    return shares, interval(drawn[1] - drawn[0])


def _said(low: float, high: float) -> str:
    if high < 0.0:
        return f"{-high:.0%} to {-low:.0%} less"
    if low > 0.0:
        return f"{low:.0%} to {high:.0%} more"
    if low == high:
        return "no difference"
    return f"between {abs(low):.0%} less and {high:.0%} more"
