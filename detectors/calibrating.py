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
from detectors.passes import state_before
from detectors.policy import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from detectors.bank import Bank
    from detectors.passes import Log
    from features.state import FeatureState, Readings
    from streams.columns import EventBatch
    from streams.raw import Partition

WHOLE: Final = strata.whole()
NO_LIMITS: Final = np.full((1, 3), np.inf)
NOBODY: Final = np.zeros(len(DETECTORS), dtype=bool)


@dataclass
class Months:
    """Running maxima of account-months under one pair of banks, as a replay goes by.

    An account of `fold` (accounts,) h is scored by `halves[h]`. `before` are the records of those
    who were there before the log begins.
    """

    halves: tuple[Bank, Bank]
    fold: NDArray[np.int64]
    before: NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=memory.RECORD))
    ended: list[NDArray[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = np.zeros(len(self.fold), dtype=memory.RECORD)
        self.records[: len(self.before)] = self.before

    def learn(self, batch: EventBatch, readings: Readings) -> None:
        """Score the readings of one batch, each by the half that has not seen its account."""
        scores = np.empty((len(readings), len(KINDS)))
        side = self.fold[readings.rows]
        for half, detectors in enumerate(self.halves):
            scores[side == half] = detectors.score(readings.vectors[side == half])[0]
        months = np.zeros(len(readings), dtype=memory.ENDED)
        count = memory.remember(
            self.records, memory.lines_of(batch, readings), scores, WHOLE, NO_LIMITS, NOBODY,
            months,
        )  # fmt: skip
        self.ended.append(months[:count].copy())

    def all(self) -> NDArray[Any]:
        """Give one `memory.ENDED` row for every account-month, those the log ends in last."""
        rows = np.flatnonzero(self.records["acts"] > 0)
        months = np.zeros(len(rows), dtype=memory.ENDED)
        months["row"], months["plan"] = rows, self.records["plan_before"][rows]
        for name in ("month", "volume", "tenure"):
            months[name] = self.records[name][rows]
        months["peaks"] = self.records["month_peak"][rows]
        every = np.concatenate([*self.ended, months])
        # What was there before the log begins has no month in it.
        return every[every["month"] > 0]


@dataclass(frozen=True, slots=True)
class MonthsTask:
    """Scores one partition under each of some pairs of banks.

    `fold` (A,) by account, partition after partition, which begin at `starts` in `partitions`.
    """

    pairs: tuple[tuple[Bank, Bank], ...]
    fold: NDArray[np.int64]
    starts: NDArray[np.int64]
    partitions: tuple[Partition, ...]
    states: Callable[[], FeatureState]

    def __call__(
        self, partition: Partition, batches: Iterable[EventBatch]
    ) -> tuple[NDArray[Any], ...]:
        place = self.partitions.index(partition)
        begin, end = self.starts[place : place + 2].tolist()
        state = state_before(batches, self.states)
        before = memory.behind(state)
        each = [Months(pair, self.fold[begin:end], before) for pair in self.pairs]
        for batch in batches:
            readings = state.update(batch)
            for months in each:
                months.learn(batch, readings)
        found = tuple(months.all() for months in each)
        for ended in found:
            ended["row"] += begin
        return found


def scored_months(
    log: Log, pairs: tuple[tuple[Bank, Bank], ...], fold: NDArray[np.int64],
    starts: NDArray[np.int64], states: Callable[[], FeatureState],
) -> tuple[NDArray[Any], ...]:  # fmt: skip
    """Score a log once under each pair of banks; gives each one's months, as `memory.ENDED`.

    `fold` (A,) and `starts` (P + 1,) are those of the census of the same log.
    """
    parts = log.each(MonthsTask(pairs, fold, starts, log.partitions(), states))
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


def drawn(
    months: NDArray[Any], first: int, last: int, seed: int, trailing: int | None = None
) -> NDArray[Any]:
    """Draw one month by lot for each account, whole ones before those the log's ends cut short.

    `first` and `last` are the times of the log's first and last event, and `trailing`, if given,
    how long before the last a month may have ended, all in microseconds.
    """
    if trailing is not None:
        ended = (months["month"].astype(np.int64) + 1) * memory.MONTH
        months = months[ended > last - trailing]
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
