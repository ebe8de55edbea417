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
    """A label that said `was` and says `now`; None: that nobody can tell, or not any more.

    `now_kind` is what is confirmed now, or what was asked if nothing is.
    """

    case_id: str
    account_id: str
    kind: Kind
    was: bool
    now: bool | None
    now_kind: Kind

    @property
    def sentence(self) -> str:
        """Say it in words."""
        words = {True: "abuse", False: "honest use", None: "unknown"}
        other = f" of kind {self.now_kind}" if self.was and self.now else ""
        return f"{self.kind}: said {words[self.was]}, now {words[self.now]}{other}"


def repairs(session: Session, *, then: datetime, now: datetime) -> tuple[Repair, ...]:
    """Give the labels known at `then` that what is known at `now` contradicts, by case.

    Abuse of another kind than was confirmed then is a contradiction, too.
    """
    before = label_set(session, known_by=then, pinned=0).labels
    known = label_set(session, known_by=now, observed_by=then, pinned=0).labels
    after = {one.case_id: one for one in known}
    found = (_repair(one, after.get(one.case_id)) for one in before)
    return tuple(one for one in found if one is not None)


def _repair(was: Label, now: Label | None) -> Repair | None:
    if now and now.abusive is was.abusive and (not was.abusive or now.kind is was.kind):
        return None
    answer, kind = (now.abusive, now.kind) if now else (None, was.kind)
    return Repair(was.case_id, was.account_id, was.kind, was.abusive, answer, kind)
