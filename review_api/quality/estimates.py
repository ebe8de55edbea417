"""What audits tell of everybody: precision and recall without the machine's own selection.

Each account-month that was looked at counts for as many as it was drawn from, 1 / probability.
Where few are drawn the interval is wide, as it must be: a bound on the weights would leave out most
of the abuse that no pause found. Values in, values out.

Sources: Horvitz and Thompson, JASA 47 (1952); Hajek (1971) for the ratio; its variance by Taylor
linearisation under Poisson sampling (Saerndal, Swensson and Wretman 1992, section 5.6); Fay and
Feuer, Statistics in Medicine 16 (1997), for a bound on few, unequally weighted finds, with the
quantile of Wilson and Hilferty (1931).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Final

from review_api.quality.chances import most

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDE: Final = 1.96


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One account-month that a person judged: did it break the rules, had the machine paused it.

    `probability` (above 0, at most 1) is that of having been looked at.
    """

    abusive: bool
    flagged: bool
    probability: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval, and the number of observations of its denominator."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True)
class Bound:
    """`wrong` of `of` honest account-months were paused; with 95 % confidence at most `high`."""

    wrong: int
    of: int
    high: float


def weight(probability: float) -> float:
    """Give for how many one observation counts; `ValueError` if it could not have been drawn."""
    if not 0.0 < probability <= 1.0:
        raise ValueError(f"a probability above 0, at most 1, not {probability}")
    return 1.0 / probability


def total(reviewed: Sequence[Reviewed], of: Callable[[Reviewed], bool]) -> float:
    """Estimate how many account-months of everybody's are such."""
    return sum(weight(one.probability) for one in reviewed if of(one))


def precision(reviewed: Sequence[Reviewed]) -> Estimate | None:
    """Estimate the share of paused account-months that broke the rules; None of none."""
    return _ratio(reviewed, lambda one: one.abusive and one.flagged, lambda one: one.flagged)


def recall(reviewed: Sequence[Reviewed]) -> Estimate | None:
    """Estimate the share of account-months breaking the rules that were paused; None of none.

    The interval reaches down to what rare audits may have left unseen, though they found nothing.
    """
    found = _ratio(reviewed, lambda one: one.abusive and one.flagged, lambda one: one.abusive)
    if found is None:
        return None
    caught = total(reviewed, lambda one: one.abusive and one.flagged)
    low = caught / (caught + _most_missed(reviewed)) if caught else 0.0
    return replace(found, low=min(found.low, low))


def false_pause_bound(audits: Sequence[Reviewed]) -> Bound:
    """Bound the share of honest account-months that are paused, from random audits alone.

    Unweighted: the stranger ones are drawn more often, so that the bound errs upwards.
    """
    honest = [one for one in audits if not one.abusive]
    wrong = sum(one.flagged for one in honest)
    return Bound(wrong, len(honest), most(wrong, len(honest)))


def _most_missed(reviewed: Sequence[Reviewed]) -> float:
    certain = sum(one.abusive and not one.flagged and one.probability >= 1.0 for one in reviewed)
    drawn = [one for one in reviewed if one.probability < 1.0]
    if not drawn:
        return certain
    missed = [weight(one.probability) for one in drawn if one.abusive and not one.flagged]
    # As if one more had been found, among those who are drawn most rarely.
    missed.append(max(weight(one.probability) for one in drawn))
    seen = sum(missed)
    shape = seen**2 / sum(each * each for each in missed)
    above: float = (1.0 - 1.0 / (9.0 * shape) + WIDE / (3.0 * sqrt(shape))) ** 3
    return certain + seen * above


def _ratio(
    reviewed: Sequence[Reviewed],
    counts: Callable[[Reviewed], bool],
    among: Callable[[Reviewed], bool],
) -> Estimate | None:
    inside = [one for one in reviewed if among(one)]
    below = total(inside, among)
    if not below:
        return None
    value = total(inside, counts) / below
    spread = 0.0
    for one in inside:
        heavy = weight(one.probability)
        spread += heavy * (heavy - 1.0) * (counts(one) - value) ** 2
    half = WIDE * sqrt(spread) / below
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), len(inside))
