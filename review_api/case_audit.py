"""What the audit log holds of one case: who read what and when, each entry with its link.

With the case itself it shows whether a person really looked before deciding: what they opened, for
how long it lay open to them, which innocent explanations they answered, and in which words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from review_api.cases import view_case
from review_api.records import AuditEntry, AuditLink
from review_api.sealing import head_of
from review_api.vocabulary import AuditAction

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.audit_chain import Head
    from review_api.cases import CaseView
    from review_api.models import Decision

MOST: Final = 1000
"""Entries in one page."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one person did with a case before one decision of theirs."""

    decision: Decision
    entries: int
    actions: tuple[str, ...]
    first_at: datetime | None
    last_at: datetime | None
    evidence: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long before the decision they first opened the case; 0 if the log has nothing."""
        return (self.decision.at - self.first_at).total_seconds() if self.first_at else 0.0


@dataclass(frozen=True, slots=True)
class CaseAudit:
    """One page of a case's entries, the case, the looks, and the chain's head at that moment."""

    view: CaseView
    entries: tuple[tuple[AuditEntry, AuditLink | None], ...]
    looks: tuple[Look, ...]
    head: Head
    next_after: int | None


def audit_of(
    session: Session, case_id: str, now: datetime, after: int = 0, limit: int = MOST
) -> CaseAudit:
    """Read a page of entries numbered above `after`, or raise `CaseNotFoundError`."""
    view = view_case(session, case_id, now)
    wanted = (
        select(AuditEntry, AuditLink)
        .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
        .where(AuditEntry.case_id == case_id, AuditEntry.id > after)
        .order_by(AuditEntry.id)
        .limit(limit + 1)
    )
    rows = [(row[0], row[1]) for row in session.execute(wanted)]
    shown = rows[:limit]
    return CaseAudit(
        view=view,
        entries=tuple(shown),
        looks=tuple(_look(session, view, decision) for decision in view.decisions),
        head=head_of(session),
        next_after=shown[-1][0].id if len(rows) > limit else None,
    )


def _look(session: Session, view: CaseView, decision: Decision) -> Look:
    wanted = (
        select(AuditEntry.at, AuditEntry.action)
        .where(
            AuditEntry.case_id == view.case.id,
            AuditEntry.actor == decision.reviewer,
            AuditEntry.action != AuditAction.CASE_DECIDED,
            AuditEntry.at <= decision.at,
        )
        .order_by(AuditEntry.id)
        .limit(MOST)
    )
    rows = session.execute(wanted).all()
    last = rows[-1].at if rows else None
    return Look(
        decision=decision,
        entries=len(rows),
        actions=tuple(dict.fromkeys(row.action.value for row in rows)),
        first_at=rows[0].at if rows else None,
        last_at=last,
        # The page of a case shows all of its evidence: what was there when they opened it last.
        evidence=tuple(
            each.row.verdict_id for each in view.evidence if last and each.row.received_at <= last
        ),
    )
