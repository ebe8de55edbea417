"""What a case weighs in the queue, and why, as rules over values: nothing here knows a database.

Of who is paused, the customer comes first to whom the pause is likely to do most harm: the chance
that it is wrong, times what the plan costs a month, times the time it has lasted. The same formula
is in `review_api.queue_rank`, in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from review_api.queue_records import QueueEntry

# What a plan that costs less counts as: who pays nothing waits, too.
LEAST_PRICE: Final = 1.0
_SECONDS_AN_HOUR: Final = 3600.0
_A_DAY_AND_A_HALF: Final = 36
_SURE: Final = 0.995


@dataclass(frozen=True, slots=True)
class Record:
    """How many of a detector's decided pauses were wrong."""

    wrong: int = 0
    judged: int = 0


def wrong_chance(probability: float | None, record: Record) -> float:
    """Give the chance, 0 to 1, that what was done to the customer is wrong.

    It is one less the calibrated probability of abuse; without one, the share of the detector's
    pauses that were wrong, by the rule of succession (Laplace, 1774): of nothing, one half.
    """
    if probability is not None:
        return 1.0 - probability
    return (record.wrong + 1) / (record.judged + 2)


def harm(chance: float, price: float, seconds: float) -> float:
    """Give the expected harm of a pause, in the catalogue's currency a month times hours."""
    return chance * max(price, LEAST_PRICE) * seconds / _SECONDS_AN_HOUR


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the queue at one moment, with its detector's record."""

    entry: QueueEntry
    record: Record
    now: datetime
    currency: str

    @property
    def paused(self) -> bool:
        """Whether the case pauses its account now."""
        return self.entry.paused_until is not None and self.entry.paused_until > self.now

    @property
    def wrong_chance(self) -> float:
        """The chance that it is wrong."""
        return wrong_chance(self.entry.probability, self.record)

    @property
    def harm(self) -> float:
        """The expected harm so far; 0 while nobody is paused."""
        if not self.paused or self.entry.paused_since is None:
            return 0.0
        waited = (self.now - self.entry.paused_since).total_seconds()
        return harm(self.wrong_chance, self.entry.price, waited)


def why(place: Place) -> str:
    """Say in words why the case is where it is."""
    entry = place.entry
    if not place.paused or entry.paused_since is None:
        waited = _span((place.now - entry.opened_at).total_seconds())
        return f"Not paused; open for {waited}, with a score of {entry.abuse:.2f}."
    waited = _span((place.now - entry.paused_since).total_seconds())
    doubt = _model_says(entry.probability) if entry.probability is not None else _said(place.record)
    return f"Paused {waited}; {doubt}; {_plan(entry, place.currency)}."


def _span(seconds: float) -> str:
    hours = int(seconds // _SECONDS_AN_HOUR)
    if hours < 1:
        return f"{max(0, int(seconds // 60))} min"
    return f"{hours} h" if hours < _A_DAY_AND_A_HALF else f"{hours // 24} d {hours % 24} h"


def _said(record: Record) -> str:
    if not record.judged:
        return "no such pause has been judged yet"
    if not record.wrong:
        return f"none of {record.judged} such pauses was wrong"
    if record.wrong == record.judged:
        return f"all {record.judged} such pauses were wrong" if record.judged > 1 else (
            "the one such pause judged so far was wrong"
        )  # fmt: skip
    if 2 * record.wrong >= record.judged:
        return f"{record.wrong} of {record.judged} such pauses were wrong"
    return f"1 in {round(record.judged / record.wrong)} such pauses was wrong"


def _model_says(probability: float) -> str:
    if probability >= _SURE:
        return "by the decided cases it is hardly ever wrong"
    return f"by the decided cases it is wrong with a chance of {(1.0 - probability) * 100:.0f} %"


def _plan(entry: QueueEntry, currency: str) -> str:
    if not entry.plan:
        return "plan not known"
    name = f"{entry.plan[:1].upper()}{entry.plan[1:]} plan"
    return f"{name}, {entry.price:g} {currency} a month" if entry.price else name
