"""Reads one case as a reviewer sees it: status, version, pause, evidence, thread, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from access.among import among
from access.leases import LeaseState, lease_state, leases_of
from detectors.verdict import Verdict, decode
from review_api.errors import CaseNotFoundError
from review_api.models import Case
from review_api.threads import status_of, version_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.models import PauseLease
    from review_api.models import CaseEvent, Decision, Evidence
    from review_api.vocabulary import CaseStatus


@dataclass(frozen=True, slots=True)
class PauseView:
    """The one pause a case took: when, until when, and whether it still stands."""

    since: datetime
    until: datetime
    in_force: bool
    restored: bool

    @property
    def lapsed(self) -> bool:
        """Whether it lifted itself before anybody lifted it."""
        return not self.in_force and not self.restored


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A pinned verdict: the row it arrived in, and its content."""

    row: Evidence
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, complete."""

    case: Case
    status: CaseStatus
    version: int
    pause: PauseView | None
    evidence: tuple[EvidenceView, ...]
    events: tuple[CaseEvent, ...]
    decisions: tuple[Decision, ...]

    @property
    def abuse(self) -> float:
        """The latest verdict's combined score."""
        return self.evidence[-1].verdict.abuse


def view_case(session: Session, case_id: str, now: datetime) -> CaseView:
    """Read the case, or raise `CaseNotFoundError`."""
    found = view_cases(session, [case_id], now)
    if case_id not in found:
        raise CaseNotFoundError(f"there is no case {case_id}")
    return found[case_id]


def view_cases(session: Session, case_ids: Collection[str], now: datetime) -> dict[str, CaseView]:
    """Read many cases in as many statements as one; give those that there are, by id."""
    found = (
        select(Case)
        .where(among(Case.id, "cases"))
        .options(
            selectinload(Case.events), selectinload(Case.evidence), selectinload(Case.decisions)
        )
    )
    cases = session.scalars(found, {"cases": case_ids}).all()
    leases = leases_of(session, case_ids)
    return {case.id: _view(case, leases.get(case.id), now) for case in cases}


def _view(case: Case, lease: PauseLease | None, now: datetime) -> CaseView:
    return CaseView(
        case=case,
        status=status_of(case),
        version=version_of(case),
        pause=_pause(lease_state(lease.events), now) if lease else None,
        evidence=tuple(EvidenceView(row, read_evidence(row)) for row in case.evidence),
        events=tuple(case.events),
        decisions=tuple(case.decisions),
    )


def read_evidence(row: Evidence) -> Verdict:
    """Read a pinned verdict. When the schema grows, older rows are brought up to it here."""
    return decode(row.payload.encode())


def _pause(state: LeaseState, now: datetime) -> PauseView:
    return PauseView(state.since, state.until, state.pauses(now), state.restored)
