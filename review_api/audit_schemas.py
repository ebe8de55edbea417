"""Responses about the audit log and about erasures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field

from review_api.case_audit import MOST
from review_api.schemas import CaseOut, Out
from review_api.vocabulary import AuditAction, Role

if TYPE_CHECKING:
    from review_api.case_audit import CaseAudit, Look
    from review_api.erasure import Erased
    from review_api.records import AuditEntry, AuditLink


class LinkOut(Out):
    """An entry's place in the chain, and the hash of the chain up to it."""

    n: int
    hash: str


class EntryOut(Out):
    """Who read or did what, when. `link` is null until the entry is sealed."""

    id: int
    at: datetime
    actor: str
    role: Role
    action: AuditAction
    detail: str
    link: LinkOut | None

    @classmethod
    def of(cls, entry: AuditEntry, link: AuditLink | None) -> Self:
        return cls(
            id=entry.id,
            at=entry.at,
            actor=entry.actor,
            role=entry.role,
            action=entry.action,
            detail=entry.detail,
            link=LinkOut(n=link.n, hash=link.hash) if link else None,
        )


class LookOut(Out):
    """What one person did with the case before a decision of theirs.

    `evidence` names the verdicts shown when they opened it last, `checklist` holds their answers to
    the innocent explanations; `seconds` is the time from their first look to the decision.
    """

    reviewer: str
    decided_at: datetime
    entries: int
    actions: list[AuditAction]
    first_at: datetime | None
    last_at: datetime | None
    seconds: float
    evidence: list[str]
    checklist: dict[str, str]
    rationale: str

    @classmethod
    def of(cls, look: Look) -> Self:
        decision = look.decision
        return cls(
            reviewer=decision.reviewer,
            decided_at=decision.at,
            entries=look.entries,
            actions=[AuditAction(each) for each in look.actions],
            first_at=look.first_at,
            last_at=look.last_at,
            seconds=look.seconds,
            evidence=list(look.evidence),
            checklist=dict(decision.checklist),
            rationale=decision.rationale,
        )


class CaseAuditOut(Out):
    """A case, how it was looked at, and a page of what the audit log holds of it, oldest first."""

    case: CaseOut
    looks: list[LookOut]
    entries: list[EntryOut]
    head: LinkOut
    next_cursor: str | None

    @classmethod
    def of(cls, audit: CaseAudit) -> Self:
        return cls(
            case=CaseOut.of(audit.view),
            looks=[LookOut.of(each) for each in audit.looks],
            entries=[EntryOut.of(entry, link) for entry, link in audit.entries],
            head=LinkOut(n=audit.head.n, hash=audit.head.hash),
            next_cursor=None if audit.next_after is None else str(audit.next_after),
        )


class AuditAsked(BaseModel):
    """Which page of a case's entries is asked for."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(200, ge=1, le=MOST)
    cursor: str | None = Field(None, pattern=r"^[1-9][0-9]{0,17}$")


class ErasureOut(Out):
    """What was erased now, by number of rows; `first_at` says when it was before, if it was."""

    account_id: str
    at: datetime
    rows: dict[str, int]
    first_at: datetime | None

    @classmethod
    def of(cls, erased: Erased) -> Self:
        return cls(
            account_id=erased.account_id,
            at=erased.at,
            rows=erased.rows,
            first_at=erased.first_at,
        )
