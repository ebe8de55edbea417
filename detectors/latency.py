"""How long the platform takes over a job, day by day, and whether that has changed.

Who waits for results paces their requests by the platform: when it becomes faster or slower,
everybody's rhythm changes and nobody's habits did. The alarm compares the last few days with the
weeks before by rank alone. If all days are alike, each of `r` last days lies beyond all of `n`
earlier ones, on the same side, with the chance 2 / C(n + r, r), whatever the distribution; as many
days are asked for as make a false alarm rarer than one night in `NIGHTS`, over both figures.

Source: the extreme case of the exact rank-sum test (Wilcoxon 1945; Mann and Whitney 1947).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, comb, log
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.benign import EXPLANATIONS, Cause
from detectors.evidence import EVIDENCE
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from streams.columns import EventBatch
    from streams.raw import Partition

DAY: Final = 86_400_000_000  # microseconds
WEEKS: Final = 28
"""Days before the last ones that these are compared with, at most."""
FEWEST: Final = 14
"""Days before, without which nothing is said."""
NIGHTS: Final = 400
JOBS: Final = 100
"""Jobs without which a day says nothing."""
STEP: Final = log(1.02)  # of a bin: figures are exact to two per cent
BINS: Final = ceil(log(1e8) / STEP)

_FIGURES: Final = 2
_EXPLAINED: Final = frozenset().union(
    *(each.explains for each in EXPLANATIONS if each.cause is Cause.PLATFORM_LATENCY)
)
DISTRUSTED: Final = tuple(each.feature for each in EVIDENCE if each.code in _EXPLAINED)
"""The features that a change of latency moves, though nobody behaves differently."""

Counts = dict[int, "NDArray[np.int64]"]
"""Of each day since 1970, how many jobs fell into each of `BINS` bins of time."""


@dataclass(frozen=True, slots=True)
class LatencyDay:
    """One UTC day: seconds that half of its jobs took at most, and that 95 % did."""

    day: str
    jobs: int
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class LatencyShift:
    """The last `days` days lie beyond all of the `of` before: a change of `figure`, in seconds.

    `chance` is that of such a thing on any one night while nothing changes.
    """

    figure: str
    before: float
    now: float
    days: int
    of: int
    chance: float

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        way = "slower" if self.now > self.before else "faster"
        return (
            f"the platform has become {way}: {_NAMES[self.figure]} takes {self.now:.1f} s on the "
            f"last {self.days} days, and took {self.before:.1f} s on the {self.of} before"
        )


_NAMES: Final = {"median": "the middle job", "high": "the slowest job in twenty"}


@dataclass(frozen=True, slots=True)
class Latencies:
    """A task over one partition (`detectors.passes.Task`): counts the completed jobs of a day."""

    def __call__(self, _partition: Partition, batches: Iterable[EventBatch]) -> Counts:
        found: Counts = {}
        for batch in batches:
            events = batch.events
            done = (events["type"] == EventType.GENERATION_COMPLETED) & (events["latency_ms"] >= 0)
            days = events["t"][done] // DAY
            took = np.maximum(events["latency_ms"][done], 1)
            bins = np.minimum((np.log(took) / STEP).astype(np.int64), BINS - 1)
            for day in np.unique(days):
                counts = np.bincount(bins[days == day], minlength=BINS)
                found[int(day)] = found[int(day)] + counts if int(day) in found else counts
        return found


def days_of(
    found: Iterable[Mapping[int, NDArray[np.int64]]], until: datetime
) -> tuple[LatencyDay, ...]:
    """Put the counts of all partitions together: the days that were over at `until`, in order."""
    whole: Counts = {}
    for part in found:
        for day, counts in part.items():
            whole[day] = whole[day] + counts if day in whole else counts
    today = int(until.timestamp() * 1e6) // DAY
    return tuple(
        _day(day, whole[day]) for day in sorted(whole) if day < today and whole[day].sum() >= JOBS
    )


def shifts(days: Sequence[LatencyDay]) -> tuple[LatencyShift, ...]:
    """Give what has changed on the newest of these days; empty while nothing has."""
    recent = _days_needed(len(days))
    if recent is None:
        return ()
    before, last = days[-WEEKS - recent : -recent], days[-recent:]
    found = []
    for figure in _NAMES:
        old = [getattr(day, figure) for day in before]
        new = [getattr(day, figure) for day in last]
        if min(new) > max(old) or max(new) < min(old):
            chance = _chance(len(before), recent)
            levels = (float(np.median(old)), float(np.median(new)))
            found.append(LatencyShift(figure, *levels, recent, len(before), chance))
    return tuple(found)


def _days_needed(days: int) -> int | None:
    for recent in range(1, days - FEWEST + 1):
        if _chance(min(days - recent, WEEKS), recent) <= 1.0 / NIGHTS:
            return recent
    return None


def _chance(before: int, recent: int) -> float:
    return _FIGURES * 2.0 / comb(before + recent, recent)


def _day(day: int, counts: NDArray[np.int64]) -> LatencyDay:
    below = np.cumsum(counts)
    median, high = (
        float(np.exp((np.searchsorted(below, share * below[-1]) + 0.5) * STEP)) / 1000.0
        for share in (0.5, 0.95)
    )
    name = datetime.fromtimestamp(day * DAY / 1e6, UTC).date().isoformat()
    return LatencyDay(name, int(below[-1]), median, high)
