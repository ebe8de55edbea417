"""One model at work beside another: what it would have asked for in each account-month.

The rules are the live scorer's own: its memory, its asker, the two groups of evidence, the hard
rules. Only what is said is left out, because nobody is to hear it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors import memory
from detectors.asking import Judged, alone
from detectors.bank import KINDS
from detectors.benign import unexplained
from detectors.policy import RANKS
from detectors.scorer import Scorer
from detectors.verdict import Response

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.asking import Asked
    from detectors.gate.strangest import Strangest
    from features.state import FeatureState, Readings
    from streams.columns import EventBatch

PAUSE = RANKS.index(Response.PAUSE)


@dataclass(slots=True)
class Rise:
    """The strongest response of an account-month; of a pause, how the account stood there."""

    rank: int = 0
    hard: bool = False
    judged: Judged | None = None
    event: EventBatch | None = None


@dataclass
class Side:
    """Judges one partition with one scorer, from its first reading on.

    `first` is the first account-month whose responses are kept. `strangest`, if given, learns who
    stands highest.
    """

    scorer: Scorer
    first: int
    strangest: Strangest | None = None
    rises: dict[tuple[int, int], Rise] = field(default_factory=dict)
    ended: list[NDArray[Any]] = field(default_factory=list)

    def begin(self, before: NDArray[Any], at: int) -> None:
        """Score from the offset `at` on, as a model does that follows one that left `before`."""
        self.scorer = Scorer.after(before, self.scorer.model, self.scorer.policy, at)

    def judge(self, batch: EventBatch, readings: Readings, state: FeatureState) -> None:
        """Learn the readings of one batch, in order, and note what is asked for."""
        scorer = self.scorer
        scorer.records = memory.room_for(scorer.records, state.accounts)
        scores, nats = scorer.model.bank.score(readings.vectors)
        lines = memory.lines_of(batch, readings)
        over = np.zeros(len(lines), dtype=memory.ENDED)
        count = memory.remember(
            scorer.records, lines, scores, scorer.model.calibration.strata,
            scorer.thresholds.limits, scorer.asker.watching, over,
        )  # fmt: skip
        self.ended.append(over[:count].copy())
        for i in np.flatnonzero((lines["candidate"] > 0) & (lines["month"] >= self.first)).tolist():
            record = scorer.records[lines["row"][i]]
            if not scorer.asker.pending(lines[i], record):
                continue
            judged = _judged(readings, i, nats, scores, lines)
            for asked in scorer.asker.risen(judged, record):
                self._note(judged, asked, batch)
        if self.strangest is not None:
            for i in self.strangest.higher(lines).tolist():
                judged = _judged(readings, i, nats, scores, lines)
                self.strangest.note(judged, batch, state.names)

    def months(self) -> NDArray[Any]:
        """Give every kept account-month with its peaks; call it once, at the log's end."""
        records = self.scorer.records
        rows = np.flatnonzero(records["acts"] > 0)
        still = np.zeros(len(rows), dtype=memory.ENDED)
        still["row"], still["plan"] = rows, records["plan_before"][rows]
        for name in ("month", "volume", "tenure"):
            still[name] = records[name][rows]
        still["peaks"] = records["month_peak"][rows]
        every = np.concatenate([*self.ended, still])
        return every[every["month"] >= self.first]

    def paused(self, before: int) -> dict[int, Rise]:
        """Give each account's first pause in the months up to `before`, by row."""
        found: dict[int, Rise] = {}
        for (row, month), rise in sorted(self.rises.items(), key=lambda one: one[0]):
            if rise.rank == PAUSE and month < before:
                found.setdefault(row, rise)
        return found

    def _note(self, judged: Judged, asked: Asked, batch: EventBatch) -> None:
        if asked.shadow:
            return
        response = self.scorer.thresholds.response(asked.rank, int(judged.line["stratum"]))
        rank, key = RANKS.index(response), (int(judged.line["row"]), int(judged.line["month"]))
        rise = self.rises.setdefault(key, Rise())
        if rank > rise.rank:
            rise.rank, rise.hard = rank, asked.hard > 0
            if rank == PAUSE:
                at = int(judged.line["at"])
                rise.judged, rise.event = alone(judged), batch[at : at + 1]


def _judged(
    readings: Readings, i: int, nats: NDArray[np.float64], scores: NDArray[np.float64],
    lines: NDArray[Any],
) -> Judged:  # fmt: skip
    vector = readings.vectors[i]
    counted = unexplained(vector, nats[i])
    return Judged(int(readings.events[i]), vector, nats[i], counted, scores[i], lines[i])


def peaks_heard(peaks: NDArray[np.floating[Any]], scorer: Scorer) -> NDArray[np.float32]:
    """Give each month's maximum (n,) of the kinds' peaks (n, K) that may ask for something."""
    heard = ~scorer.asker.watching[-len(KINDS) :]
    found: NDArray[np.float32] = np.max(peaks[:, heard], axis=1, initial=0.0)
    return found
