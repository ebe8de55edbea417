"""What each detector asks for at one reading, before anything is said of it.

Hard rules and scores that may act ask together, with one voice a reading; each detector that only
watches asks for itself. What has not risen within the account's month is not asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.bank import KINDS
from detectors.policy import RANKS, strong_groups
from detectors.rules import RULES
from detectors.verdict import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.policy import Thresholds

PAUSE: Final = RANKS.index(Response.PAUSE)


@dataclass(frozen=True, slots=True)
class Judged:
    """One reading as it stood at its place in the log: everything a verdict is made of.

    `events` were known of the account, `nats` (F,) are the tail values and `counted` (F,) those
    that no innocent explanation covers, `scores` (K,) the smoothed scores, `line` the rest, as
    `detectors.memory.LINE` has it.
    """

    events: int
    vector: NDArray[np.float64]
    nats: NDArray[np.float64]
    counted: NDArray[np.float64]
    scores: NDArray[np.float64]
    line: Any


@dataclass(frozen=True, slots=True)
class Asked:
    """What one detector asks for: its place in `DETECTORS`, its kind's in `KINDS`, and how much.

    `maximum` is the score that the p-value belongs to, `hard` the rules that hold and count, a bit
    each, and `shadow` tells that the detector only watches.
    """

    detector: int
    kind: int
    rank: int
    maximum: float
    hard: int = 0
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Asker:
    """The policy at work on one reading; `watching` (D,) tells which detectors may not act."""

    thresholds: Thresholds
    watching: NDArray[np.bool_]

    def pending(self, line: Any, record: Any) -> bool:
        """Tell cheaply whether a candidate can still rise; others of its batch may have already."""
        if self.watching.any():
            return True
        rank, stratum = so_far(record, line), line["stratum"]
        if rank == PAUSE or line["bits"]:
            return rank < PAUSE
        return bool(line["standing"] > self.thresholds.limits[stratum, rank])

    def risen(self, judged: Judged, record: Any) -> Iterator[Asked]:
        """Yield what is asked for more strongly than before in the month, noting it in `record`."""
        line = judged.line
        asked = self.acting(judged)
        if asked.rank > so_far(record, line):
            record["response"], record["response_month"] = asked.rank, line["month"]
            record["strongest"] = max(int(record["strongest"]), asked.rank)
            record["first_action_t"] = record["first_action_t"] or line["t"]
            yield asked
        if not self.watching.any():
            return
        if record["shadow_month"] != line["month"]:
            record["shadow"], record["shadow_month"] = 0, line["month"]
        for asked in self.shadows(judged, np.flatnonzero(self.watching).tolist()):
            if asked.rank > record["shadow"][asked.detector]:
                record["shadow"][asked.detector] = asked.rank
                yield asked

    def acting(self, judged: Judged) -> Asked:
        """Give what the detectors that may act ask for: a hard rule, or the highest score."""
        bits, maximum = int(judged.line["bits"]), float(judged.line["maximum"])
        hard = sum(bits & 1 << d for d in range(len(RULES)) if not self.watching[d])
        for detector, rule in enumerate(RULES):
            if hard >> detector & 1:
                return Asked(detector, KINDS.index(rule.kind), PAUSE, maximum, hard)
        heard = np.where(self.watching[len(RULES) :], -np.inf, judged.scores)
        kind = int(np.argmax(heard))
        rank = self._rank(judged, float(judged.line["standing"]))
        return Asked(len(RULES) + kind, kind, rank, maximum)

    def shadows(self, judged: Judged, detectors: list[int]) -> Iterator[Asked]:
        """Yield what each of these watching detectors would ask for by itself."""
        for detector in detectors:
            rule = RULES[detector] if detector < len(RULES) else None
            kind = KINDS.index(rule.kind) if rule else detector - len(RULES)
            score = float(judged.scores[kind])
            if rule is None:
                yield Asked(detector, kind, self._rank(judged, score), score, shadow=True)
            elif int(judged.line["bits"]) >> detector & 1:
                yield Asked(detector, kind, PAUSE, score, 1 << detector, shadow=True)

    def again(
        self, judged: Judged, counted: NDArray[np.float64], scores: NDArray[np.float64], bits: int
    ) -> int:
        """Give the rank that would be asked for, had the reading stood like this."""
        line = judged.line.copy()
        line["bits"] = bits
        line["standing"] = np.where(self.watching[len(RULES) :], 0.0, scores).max(initial=0.0)
        return self.acting(replace(judged, counted=counted, scores=scores, line=line)).rank

    def _rank(self, judged: Judged, standing: float) -> int:
        stratum = int(judged.line["stratum"])
        could_pause = standing > self.thresholds.limits[stratum, PAUSE - 1]
        groups = len(strong_groups(judged.counted)) if could_pause else 0
        return self.thresholds.rank(standing, groups, stratum)


def alone(judged: Judged) -> Judged:
    """Copy what is a view of a whole batch, so that the batch need not be kept."""
    line = judged.line.copy()
    line["at"] = 0
    return Judged(
        judged.events, judged.vector.copy(), judged.nats.copy(), judged.counted,
        judged.scores.copy(), line,
    )  # fmt: skip


def so_far(record: Any, line: Any) -> int:
    """Give the rank of the strongest response that was acted on in the line's month."""
    return int(record["response"]) if record["response_month"] == line["month"] else 0
