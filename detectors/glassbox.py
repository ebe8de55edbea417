"""The glass box: what one abuse kind has learnt from confirmed cases, as tables with every reason.

The logit of a vector is an intercept and one table entry an input. Inputs are the tail values of
the features that the kind listens to and, last, the kind's own unsupervised score (XGBOD, Zhao and
Hryniewicki, IJCNN 2018); nothing else goes in. No entry falls as its input gets stranger, and an
unknown input never accuses. Reading is a lookup: what fitted the tables is `detectors.learning`'s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from detectors.agreement import worth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

NAMES: Final = ("columns", "cuts", "parts", "numbers")


class Malformed(ValueError):  # noqa: N818 - a refusal, named for what happened
    """The tables are not what they should be."""


@dataclass(frozen=True, slots=True)
class GlassBox:
    """Tables of one kind over C features and its unsupervised score.

    `columns` (C,) places in the evidence; `cuts` (C + 1, M) ascending, filled up with infinity;
    `parts` (C + 1, M + 2) logit parts: unknown first, then below, between and above the cuts;
    `numbers` (5,): the intercept, the honest population's centre and spread, which put the logit
    on the scale of unsupervised scores, and slope and offset of the calibrated probability (NaN
    while too few cases are decided).
    """

    columns: NDArray[np.int64]
    cuts: NDArray[np.float64]
    parts: NDArray[np.float64]
    numbers: NDArray[np.float64]

    @property
    def intercept(self) -> float:
        return float(self.numbers[0])

    def contributions(
        self, nats: NDArray[np.float64], scores: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Give the logit parts (n, F + 1) of tail values (n, F) and unsupervised scores (n,).

        One part a feature in the order of the evidence, 0 where the kind does not listen, and last
        the part of the score. A row's sum and the intercept are its logit.
        """
        out = np.zeros((len(nats), nats.shape[1] + 1))
        look_up(nats, scores, self.columns, self.cuts, self.parts, out)
        return out

    def logits(self, nats: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the logits (n,)."""
        out = np.full(len(nats), self.intercept)
        add_up(nats, scores, self.columns, self.cuts, self.parts, out)
        return out

    def lift(self, nats: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what is added to the unsupervised scores (n,): never less than nothing."""
        centre, spread = self.numbers[1:3]
        lift: NDArray[np.float64] = np.maximum((self.logits(nats, scores) - centre) / spread, 0.0)
        return lift

    def probability(self, logit: float) -> float | None:
        """Share of decided cases like this one that were confirmed; None while too few are."""
        slope, offset = self.numbers[3:5]
        if math.isnan(slope):
            return None
        return 0.5 + 0.5 * math.tanh(0.5 * (slope * logit + offset))

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in NAMES}


@njit(cache=True)
def heard(nats: Any, f: int) -> float:
    """Give one tail value as tail sums count it, but NaN if unknown."""
    return math.nan if math.isnan(nats[f]) else float(worth(nats, f))


@njit(cache=True)
def part(value: float, cuts: Any, parts: Any) -> float:
    if math.isnan(value):
        return float(parts[0])
    return float(parts[1 + np.searchsorted(cuts, value, side="right")])


@njit(cache=True)
def look_up(nats: Any, scores: Any, columns: Any, cuts: Any, parts: Any, out: Any) -> None:
    last = len(columns)
    for i in range(len(nats)):
        for c in range(last):
            out[i, columns[c]] = part(heard(nats[i], columns[c]), cuts[c], parts[c])
        out[i, nats.shape[1]] = part(scores[i], cuts[last], parts[last])


@njit(cache=True)
def add_up(nats: Any, scores: Any, columns: Any, cuts: Any, parts: Any, out: Any) -> None:
    last = len(columns)
    for i in range(len(nats)):
        for c in range(last):
            out[i] += part(heard(nats[i], columns[c]), cuts[c], parts[c])
        out[i] += part(scores[i], cuts[last], parts[last])


@njit(cache=True)
def copy_inputs(nats: Any, scores: Any, columns: Any, out: Any) -> None:
    for i in range(len(nats)):
        for c in range(len(columns)):
            out[i, c] = heard(nats[i], columns[c])
        out[i, len(columns)] = scores[i]


def inputs(
    nats: NDArray[np.float64], scores: NDArray[np.float64], columns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the matrix (n, C + 1) that the tables are fitted to; NaN is unknown."""
    out = np.empty((len(nats), len(columns) + 1))
    copy_inputs(nats, scores, columns, out)
    return out


def glass_box(arrays: Mapping[str, NDArray[Any]], features: int) -> GlassBox:
    """Build a glass box from its arrays; raises `Malformed`, or `KeyError` for a missing one."""
    box = GlassBox(**{name: arrays[name] for name in NAMES})
    inputs_, width = len(box.columns) + 1, box.cuts.shape[-1]
    shapes = box.cuts.shape == (inputs_, width) and box.parts.shape == (inputs_, width + 2)
    if not shapes or box.numbers.shape != (5,):
        raise Malformed("the tables have the wrong shape")
    if ((box.columns < 0) | (box.columns >= features)).any():
        raise Malformed("a table belongs to no feature")
    # Sorted pads compare as equal; NaN fails every comparison and is refused by it.
    if not (box.cuts[:, :-1] <= box.cuts[:, 1:]).all() or np.isnan(box.cuts).any():
        raise Malformed("the cuts are not in order")
    if not np.isfinite(box.parts).all() or not np.isfinite(box.numbers[:3]).all():
        raise Malformed("a part of the logit is not a number")
    if (np.diff(box.parts[:, 1:], axis=1) < 0.0).any() or not box.numbers[2] > 0.0:
        raise Malformed("a part of the logit falls where its input gets stranger")
    if (box.parts[:, 0] > 0.0).any():
        raise Malformed("an unknown input accuses")
    return box
