"""What the weighing found: one row an account-month, and what each model would have done in it.

Accounts are named once and rows point to them. Whether an account is honest comes from the labels
known tonight; most are neither confirmed nor cleared by anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.bank import KINDS
from detectors.strata import KEY_FIELDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.gate.flips import Flip
    from detectors.gate.standing import ModelFacts
    from detectors.gate.strangest import Strange

SIDE: Final = np.dtype(
    [
        ("offset", "i8"),  # of the event at which it would first have paused, -1 never
        ("t", "i8"),  # and its time
        ("p", "f8"),  # calibrated share of honest account-months as strange
        ("common", "f8"),  # the maximum on the scale that all strata share
        ("index", "i4"),
        ("maximum", "f4"),  # of the scores that may ask for something
        ("peaks", "f4", (len(KINDS),)),  # of each kind's smoothed score
        ("stratum", "u2"),  # in that model's table
        ("rank", "u1"),  # strongest response, its place in `detectors.policy.RANKS`
        ("hard", "u1"),  # 1 where a hard rule asked for it
    ]
)
"""What one model says of an account-month. Without padding, so that equal rows have equal bytes."""

MONTHS: Final = np.dtype(
    [
        ("account", "i8"),  # its place in `Weighed.names`
        *KEY_FIELDS,  # plan, volume, tenure: known before the month
        ("month", "i4"),
        ("country", "u2"),  # where its last event came from, two letters; 0 unknown
        ("network", "u1"),  # what kind of network, a code of `streams.vocabulary`; 0 unknown
        ("champion", SIDE),
        ("candidate", SIDE),
    ]
)

HONEST, UNKNOWN, CONFIRMED = -1, 0, 1
"""What the labels say of an account."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """R account-months of A accounts under two models.

    `months` (R,) has dtype `MONTHS`; by account (A,): `names`, `standing` (`HONEST`, `UNKNOWN` or
    `CONFIRMED`), the label's `weight` (0 without one) and `unseen`, whether neither model had been
    taught by it. `whole` (R,) tells which months the log holds from end to end, `days` how much of
    the log they span, `budget` what share of honest months may be paused by mistake. `flips` are
    those newly paused or released whom nobody has judged, in a random order, and `strangest` those
    of the rest that stand highest under the candidate, the highest first.
    """

    months: NDArray[Any]
    names: NDArray[Any]
    standing: NDArray[np.int8]
    weight: NDArray[np.float64]
    unseen: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    days: float
    budget: float
    champion: ModelFacts
    candidate: ModelFacts
    flips: tuple[Flip, ...] = field(default=())
    strangest: tuple[Strange, ...] = field(default=())

    @property
    def not_confirmed(self) -> NDArray[np.bool_]:
        """Tell which months (R,) are of accounts that nobody has confirmed as abusive."""
        plain: NDArray[np.bool_] = self.standing[self.months["account"]] != CONFIRMED
        return plain
