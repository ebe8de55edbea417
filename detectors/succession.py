"""Who follows whom: what becomes of tonight's models once the gate has answered.

A model that passes comes to the challenger's place and stays there for a while in the shadow of
live traffic; passing again after that makes it the champion. Values in, values out: the moves
wished for, the one that concerns the champion last. Nothing else ever changes the champion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from detectors.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from detectors.gate.check import Gate

PATIENCE_NIGHTS: Final = 7
"""So many nights a candidate waits for reviewers to look at its flips."""
EARLY: Final = timedelta(hours=1)
"""A night may begin so much earlier than another and still end a whole day in shadow."""


class Outcome(StrEnum):
    """What a night came to."""

    PROMOTED = "promoted"  # there is a new champion
    CHALLENGING = "challenging"  # a challenger scores beside the champion
    KEPT = "kept"  # nothing new: tonight's model is the champion's, bit for bit
    REFUSED = "refused"  # the gate refused what was made, or nothing may be learnt from the log
    WAITS = "waits"  # for reviewers, or for more traffic


@dataclass(frozen=True, slots=True)
class Wish:
    """A move that a night wants to make."""

    version: str
    stage: Stage
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One model in the line and what the gate said; `since` it has been the challenger."""

    version: str
    gate: Gate
    since: datetime | None = None
    nights: int = 0

    @property
    def is_challenger(self) -> bool:
        """Whether it scores live traffic already."""
        return self.since is not None


@dataclass(frozen=True, slots=True)
class Ruling:
    """The outcome, why in one line, and the moves in their order."""

    outcome: Outcome
    why: str
    moves: tuple[Wish, ...] = ()


def leaves_the_line(judged: Judged) -> bool:
    """Tell whether the next in the line has its turn."""
    gate = judged.gate
    tired = gate.waits and not judged.is_challenger and judged.nights >= PATIENCE_NIGHTS
    return not gate.passed and (not gate.waits or tired)


def succession(
    line: Sequence[Judged], now: datetime, shadow: timedelta, *, first: bool = False
) -> Ruling:
    """Decide by the models judged tonight, in their order; all but the last have left the line.

    `first` says that there never was a champion of real traffic: who passes need not wait.
    """
    gone = [
        Wish(one.version, Stage.RETIRED, _of_leaving(one)) for one in line if leaves_the_line(one)
    ]
    last = line[-1]
    if leaves_the_line(last):
        return Ruling(Outcome.REFUSED, gone[-1].why, tuple(gone))
    if last.gate.waits:
        outcome = Outcome.CHALLENGING if last.is_challenger else Outcome.WAITS
        return Ruling(outcome, last.gate.why, tuple(gone))
    served = timedelta_of(last, now)
    if first or served + (EARLY if last.is_challenger else timedelta(0)) >= shadow:
        why = _of_promotion(last, served, first=first)
        return Ruling(Outcome.PROMOTED, why, (*gone, Wish(last.version, Stage.CHAMPION, why)))
    if last.is_challenger:
        left = shadow - served
        why = f"{last.gate.why}; the challenger stays in shadow for another {_long(left)}"
        return Ruling(Outcome.CHALLENGING, why, tuple(gone))
    move = Wish(last.version, Stage.CHALLENGER, last.gate.why)
    return Ruling(Outcome.CHALLENGING, last.gate.why, (*gone, move))


def timedelta_of(judged: Judged, now: datetime) -> timedelta:
    """Give how long a model has been the challenger."""
    return now - (judged.since or now)


def _of_leaving(judged: Judged) -> str:
    if judged.gate.waits:
        return f"no reviewer looked for {judged.nights} nights; {judged.gate.why}"
    return judged.gate.why


def _of_promotion(judged: Judged, served: timedelta, *, first: bool) -> str:
    if first:
        return f"the first model of real traffic; {judged.gate.why}"
    again = f" again after {_long(served)} in shadow" if judged.is_challenger else ""
    return f"{judged.gate.why}{again}"


def _long(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.1f} days"
