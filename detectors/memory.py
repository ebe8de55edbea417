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

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTH: Final = 30 * 86_400_000_000
MEMORY: Final = 64.0

RECORD: Final = np.dtype(
    [
        ("month", "i4"),
        ("acts", "u4"),  # acts at the last reading
        ("score", "f4", (len(KINDS),)),  # smoothed
        ("peak", "f4", (len(KINDS),)),  # highest smoothed score ever
        ("maximum", "f4"),  # highest combined score of the month
        ("action", "u1"),  # strongest action of the month, 0 allow
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
    out: Any,
) -> int:  # fmt: skip
    """Learn scores (n, K) in order; writes positions that may call for an action to `out`.

    A position qualifies when the month's maximum stands above `review` or a hard rule holds, and
    the account's action of the month is not yet the strongest; the policy decides the rest.
    """
    found = 0
    for i in range(len(rows)):
        record = records[rows[i]]
        month = times[i] // MONTH
        if month != record.month:
            record.month = month
            record.maximum = np.float32(0.0)
            record.action = 0
        share = 1.0 - math.exp(-(acts[i] - record.acts) / MEMORY)
        record.acts = np.uint32(acts[i])
        best = 0.0
        for k in range(scores.shape[1]):
            score = record.score[k] + share * (scores[i, k] - record.score[k])
            record.score[k] = np.float32(score)
            record.peak[k] = max(record.peak[k], np.float32(score))
            best = max(best, score)
        record.maximum = max(record.maximum, np.float32(best))
        record.hard |= bits[i]
        if record.action < 2 and (best > review or bits[i] != 0):
            out[found] = i
            found += 1
    return found
