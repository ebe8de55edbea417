"""The second pass over a log: what the running maxima of honest account-months are.

Every account is scored by detectors fitted to the *other* half of the accounts and gives one month
drawn by lot, among those that the log holds whole if it has any. Accounts labelled abusive are left
out, and with them the paused months that a reviewer upheld; nothing unlabelled ever is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import memory, strata
from detectors.bank import KINDS, gains
from detectors.calibration import Calibration, calibrate
from detectors.policy import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from detectors.bank import Bank
    from features.state import FeatureState
    from streams.columns import EventBatch

NO_LIMITS: Final = np.full((1, 3), np.inf)
NOBODY: Final = np.zeros(len(DETECTORS), dtype=bool)


@dataclass
class Months:
    """Running maxima of account-months as a replay goes by.

    `halves` are two fitted banks; an account of `fold` (accounts,) h is scored by `halves[h]`.
    """

    halves: tuple[Bank, Bank]
    fold: NDArray[np.int64]
    state: FeatureState
    ended: list[NDArray[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = np.zeros(len(self.fold), dtype=memory.RECORD)

    def run(self, replay: Callable[[], Iterable[EventBatch]]) -> NDArray[Any]:
        """Score a log; gives one `memory.ENDED` row for every account-month in it."""
        table = strata.whole()
        for batch in replay():
            readings = self.state.update(batch)
            lines = memory.lines_of(batch, readings)
            scores = np.empty((len(readings), len(KINDS)))
            side = self.fold[readings.rows]
            for half, detectors in enumerate(self.halves):
                scores[side == half] = detectors.score(readings.vectors[side == half])[0]
            months = np.zeros(len(readings), dtype=memory.ENDED)
            count = memory.remember(
                self.records, lines, scores, table, NO_LIMITS, NOBODY, months
            )  # fmt: skip
            self.ended.append(months[:count].copy())
        self.ended.append(self._open())
        return np.concatenate(self.ended)

    def _open(self) -> NDArray[Any]:
        """Give the months in which the log ends."""
        rows = np.flatnonzero(self.records["acts"] > 0)
        months = np.zeros(len(rows), dtype=memory.ENDED)
        months["row"], months["plan"] = rows, self.records["plan_before"][rows]
        for name in ("month", "volume", "tenure"):
            months[name] = self.records[name][rows]
        months["peaks"] = self.records["month_peak"][rows]
        return months


def drawn(months: NDArray[Any], first: int, last: int, seed: int) -> NDArray[Any]:
    """Draw one month by lot for each account, whole ones before those the log's ends cut short.

    `first` and `last` are the times of the log's first and last event, in microseconds.
    """
    month = months["month"].astype(np.int64)
    whole = (month * memory.MONTH >= first) & ((month + 1) * memory.MONTH <= last)
    lot = np.random.default_rng(seed).random(len(months))
    order = np.lexsort((lot, ~whole, months["row"]))
    _, chosen = np.unique(months["row"][order], return_index=True)
    return months[order[chosen]]


def calibrated(
    months: NDArray[Any], honest: NDArray[np.bool_], fold: NDArray[np.int64]
) -> tuple[Calibration, NDArray[np.float64]]:
    """Calibrate drawn months of honest accounts; `honest` and `fold` by account row.

    Returns the calibration and the gains (K,) of the kinds, see `detectors.bank.gains`; the gains
    behind a month's maximum come from the accounts of the other half.
    """
    months = months[honest[months["row"]]]
    keys = np.zeros(len(months), dtype=strata.KEY)
    for name in strata.NAMES:
        keys[name] = months[name]
    peaks, halves = months["peaks"].astype(np.float64), fold[months["row"]]
    maxima = np.zeros(len(months))
    for half in (0, 1):
        inside = halves == half
        maxima[inside] = (peaks[inside] / gains(peaks[~inside])).max(axis=1)
    return calibrate(keys, maxima, halves), gains(peaks)
