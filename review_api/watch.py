"""What has happened to cases since the last look: their events, and who holds them.

Rows get their numbers before they are committed, so one may appear below another that was seen
already: each look goes back a little, and what was told before is not told again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import func, or_, select

from review_api.claim_records import Claim
from review_api.models import CaseEvent
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LOOK_BACK: Final = 500
# Longer than a claim waits to be ended when it lapses.
WINDOW: Final = timedelta(seconds=60)

What = CaseEventKind | Literal["claimed", "claim_ended"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed; `version` is None when the case itself did not."""

    case_id: str
    what: What
    who: str
    at: datetime
    version: int | None


class Watch:
    """Remembers what was told; the first look tells nothing."""

    def __init__(self) -> None:
        self._floor: int | None = None
        self._events: set[int] = set()
        self._claims: set[tuple[int, bool]] = set()

    def look(self, session: Session, now: datetime) -> list[Change]:
        """Give what is new, events before claims, each oldest first."""
        first = self._floor is None
        changes = self._new_events(session) + self._new_claims(session, now)
        return [] if first else changes

    def _new_events(self, session: Session) -> list[Change]:
        if self._floor is None:
            self._floor = (session.scalar(select(func.max(CaseEvent.id))) or 0) - LOOK_BACK
        newest = select(CaseEvent).where(CaseEvent.id > self._floor).order_by(CaseEvent.id)
        rows = session.scalars(newest).all()
        new = [row for row in rows if row.id not in self._events]
        self._floor = max([self._floor + LOOK_BACK, *(row.id for row in rows)]) - LOOK_BACK
        self._events = {row.id for row in rows if row.id > self._floor}
        return [Change(row.case_id, row.kind, row.actor, row.at, row.sequence) for row in new]

    def _new_claims(self, session: Session, now: datetime) -> list[Change]:
        since = now - WINDOW
        lately = select(Claim).where(or_(Claim.since > since, Claim.ended_at > since))
        before, self._claims, changes = self._claims, set(), []
        for row in session.scalars(lately.order_by(Claim.id)):
            key = (row.id, row.ended_at is not None)
            self._claims.add(key)
            if key not in before:
                what: What = "claim_ended" if row.ended_at else "claimed"
                at = row.ended_at or row.since
                changes.append(Change(row.case_id, what, row.holder, at, None))
        return changes
