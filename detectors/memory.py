"""What scoring remembers of each account: smoothed scores, the month's maximum, the last action.

One small record an account, beside its feature state and saved in the same snapshot. Scores are
smoothed over about `MEMORY` acts from zero upwards, so that a few strange minutes of a new account
accuse nobody; the maximum starts again with each 30-day month, as the calibration counts months.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from detectors.bank import KINDS
from detectors.verdict import Action

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTH: Final = 30 * 86_400_000_000
MEMORY: Final = 64.0
STRONGEST: Final = len(Action) - 1

RECORD: Final = np.dtype(
    [
        ("month", "i4"),  # of `maximum`
        ("action_month", "i4"),  # of `action`
        ("acts", "u4"),  # acts at the last reading
        ("score", "f4", (len(KINDS),)),  # smoothed
        ("peak", "f4", (len(KINDS),)),  # highest smoothed score ever
        ("maximum", "f4"),  # highest combined score of the month
        ("action", "u1"),  # strongest action of its month, 0 allow
        ("strongest", "u1"),  # strongest action ever
        ("hard", "u1"),  # rules that ever held, a bit each
        ("first_action_t", "i8"),
    ],
    align=True,
)


def room_for(records: NDArray[Any], count: int) -> NDArray[Any]:
    """Give `records`, grown to at least `count` rows."""
    if count <= len(records):
        return records
    wider = np.zeros(max(count, 2 * len(records)), dtype=RECORD)
    wider[: len(records)] = records
    return wider


@njit(cache=True)
def remember(
    records: Any, rows: Any, times: Any, acts: Any, scores: Any, bits: Any, review: float,
    pause: float, maxima: Any, out: Any,
) -> int:  # fmt: skip
    """Learn scores (n, K) in order, replacing them by the smoothed ones.

    `maxima` (n,) receives the month's maximum as it stood at each position. Positions that may call
    for an action go to `out`: those where a hard rule holds, or a threshold stands exceeded whose
    action the account's month has not seen yet; the policy decides the rest, and writes the action.
    What is written of a position depends on nothing after it.
    """
    found = 0
    for i in range(len(rows)):
        record = records[rows[i]]
        month = times[i] // MONTH
        if month != record.month:
            record.month = month
            record.maximum = np.float32(0.0)
        best = smooth(record, acts[i], scores[i])
        record.maximum = max(record.maximum, np.float32(best))
        maxima[i] = record.maximum
        record.hard |= bits[i]
        action = record.action if record.action_month == month else 0
        risen = best > review if action == 0 else record.maximum > pause
        if action < STRONGEST and (risen or bits[i] != 0):
            out[found] = i
            found += 1
    return found


@njit(cache=True)
def smooth(record: Any, acts: float, scores: Any) -> float:
    """Smooth one reading's scores (K,) in place and give the highest of them."""
    share = 1.0 - math.exp(-(acts - record.acts) / MEMORY)
    record.acts = np.uint32(acts)
    best = 0.0
    for k in range(len(scores)):
        score = record.score[k] + share * (scores[k] - record.score[k])
        record.score[k] = np.float32(score)
        record.peak[k] = max(record.peak[k], np.float32(score))
        scores[k] = score
        best = max(best, score)
    return best
