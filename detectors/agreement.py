"""Agreement: what the independent groups of evidence say besides the loudest of them.

A dozen numbers of one group rise together in one honest person: software that clicks for somebody
makes every pause even, a phone and a laptop make every device number large. What remains when the
loudest group is taken away is what a second look at other facts confirms. Rest and burn are context
and agree with nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from detectors.evidence import EVIDENCE, PARTNERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUPS: Final = ("timing", "interaction", "content", "devices", "networks")
GROUP_OF: Final = np.array(
    [GROUPS.index(evidence.group) if evidence.group in GROUPS else -1 for evidence in EVIDENCE]
)
BEYOND: Final = np.array(PARTNERS)


@njit(cache=True)
def worth(nats: Any, f: int) -> float:
    """Give what feature `f` of one row's tail values (F,) counts: 0 if unknown.

    A recent number counts for what it says beyond its long partner.
    """
    value = nats[f]
    if np.isnan(value):
        return 0.0
    partner = BEYOND[f]
    if partner >= 0 and not np.isnan(nats[partner]):
        return max(float(value - nats[partner]), 0.0)
    return float(value)


@njit(cache=True)
def agree_rows(nats: Any, weights: Any, out: Any) -> None:
    for i in range(len(nats)):
        said = np.zeros(len(GROUPS))
        for f in range(len(weights)):
            if GROUP_OF[f] >= 0 and weights[f] > 0.0:
                said[GROUP_OF[f]] += weights[f] * worth(nats[i], f)
        out[i] = said.sum() - said.max()


def agreement(nats: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up tail values (n, F), weighted as the keenest kind of `weights` (K, F) listens.

    The loudest group is left out; returns nats, shape (n,).
    """
    out = np.empty(len(nats))
    agree_rows(nats, weights.max(axis=0), out)
    return out
