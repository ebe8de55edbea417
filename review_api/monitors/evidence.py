"""What the audits since a moment say of the promise, as values and read from the database.

Whoever is paused is judged first, and would be counted first. An audit that waits for its answer
counts until then as one that found no mistake: the winnings are never higher than they will be, so
that the order in which people work cannot call the promise into doubt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import aliased

from detectors.betting import Judged, winnings_of
from review_api.carried_out import counts
from review_api.detector_records import PauseCause
from review_api.intervals import BEGINNING, month_of
from review_api.models import Case, Decision
from review_api.quality.records import Inclusion
from review_api.quality.vocabulary import Way
from review_api.vocabulary import WRONGFUL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Audit:
    """One account-month drawn at random, judged honest or still waiting for its answer."""

    case_id: str
    at: datetime
    probability: float
    paused: bool
    judged: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a bet against the promise is worth: `path` after each audit, in the order of the draw.

    `judged` audits found an honest account, which had been paused in those of the cases `against`;
    `waiting` ones have no answer yet.
    """

    path: tuple[tuple[datetime, float], ...]
    judged: int
    against: tuple[str, ...]
    waiting: int

    @property
    def wrongful(self) -> int:
        """How many honest accounts had been paused."""
        return len(self.against)

    @property
    def e_value(self) -> float:
        """The winnings now; 1 is where the bet begins."""
        return self.path[-1][1] if self.path else 1.0


def doubt(audits: Sequence[Audit], budget: float, base: float) -> Doubt:
    """Bet on these audits; `base` is the smallest probability anybody was ever drawn with.

    A budget of nothing, or of everything, is taken for the next that can be bet on.
    """
    budget = min(max(budget, _LEAST), 1.0 - _LEAST)
    bets = [Judged(audit.judged and audit.paused, audit.probability) for audit in audits]
    worth = winnings_of(bets, budget, base)
    return Doubt(
        path=tuple((audit.at, float(e)) for audit, e in zip(audits, worth, strict=True)),
        judged=sum(audit.judged for audit in audits),
        against=tuple(a.case_id for a, bet in zip(audits, bets, strict=True) if bet.wrongful),
        waiting=sum(not audit.judged for audit in audits),
    )


def doubt_since(session: Session, since: datetime | None, budget: float) -> Doubt:
    """Bet on the audits drawn after `since`; None is all there ever were."""
    base = session.scalar(
        select(func.min(Inclusion.probability)).where(Inclusion.purpose == Way.AUDIT)
    )
    return doubt(audits_since(session, since), budget, base or 1.0)


def audits_since(session: Session, since: datetime | None) -> list[Audit]:
    """Give the audits of honest accounts, and those that wait, in the order of the draw.

    An account paused before `since` tells nothing of what came after: it is left out. So is what
    nobody could tell.
    """
    since = since or BEGINNING
    rows = session.execute(
        select(
            Inclusion.case_id,
            Inclusion.at,
            Inclusion.probability,
            Decision.outcome,
            _paused(PauseCause.taken_at > since),
        )
        .join(Case, Case.id == Inclusion.case_id)
        .outerjoin(Decision, and_(Decision.case_id == Case.id, counts()))
        .where(
            Inclusion.purpose == Way.AUDIT,
            Inclusion.at > since,
            Decision.id.is_(None) | Decision.outcome.in_(WRONGFUL),
            ~_paused(PauseCause.taken_at <= since),
        )
        .order_by(Inclusion.at, Inclusion.case_id)
    )
    return [
        Audit(case_id, at, drawn, bool(was), judged=outcome is not None)
        for case_id, at, drawn, outcome, was in rows
    ]


def _paused(when: ColumnElement[bool]) -> ColumnElement[bool]:
    other = aliased(Case)
    # The promise is about one month. A pause near the draw, on either side of it, would take in
    # parts of two more, and a kept promise would look as if twice as many were paused.
    same = month_of(PauseCause.taken_at) == month_of(Inclusion.at)
    paused = exists().where(
        other.account_id == Case.account_id, PauseCause.case_id == other.id, same, when
    )
    return paused.correlate(Case, Inclusion)
