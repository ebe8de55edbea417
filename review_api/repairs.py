"""What has become known since about labels that were learnt: corrections, reopenings, appeals.

A past set of labels is repaired by asking for it again with today's knowledge: the same evidence,
other answers. This names what differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from review_api.labels import label_set

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.labels import Label
    from detectors.verdict import Kind


@dataclass(frozen=True, slots=True)
class Repair:
    """A label that said `was` and says `now`; None: that nobody can tell, or not any more."""

    case_id: str
    account_id: str
    kind: Kind
    was: bool
    now: bool | None

    @property
    def sentence(self) -> str:
        """Say it in words."""
        words = {True: "abuse", False: "honest use", None: "unknown"}
        return f"{self.kind}: said {words[self.was]}, now {words[self.now]}"


def repairs(session: Session, *, then: datetime, now: datetime) -> tuple[Repair, ...]:
    """Give the labels known at `then` that what is known at `now` contradicts, by case."""
    before = label_set(session, known_by=then, pinned=0).labels
    after: dict[str, Label] = {
        one.case_id: one
        for one in label_set(session, known_by=now, observed_by=then, pinned=0).labels
    }
    return tuple(
        Repair(one.case_id, one.account_id, one.kind, one.abusive, _answer(after, one.case_id))
        for one in before
        if _answer(after, one.case_id) is not one.abusive
    )


def _answer(known: dict[str, Label], case_id: str) -> bool | None:
    one = known.get(case_id)
    return one.abusive if one else None
