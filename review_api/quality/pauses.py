"""What pauses cost: hours of wrongful ones, of ones nobody confirmed, and how long until a look.

A pause counts when its question was settled: when a person's decision was carried out, or when it
lifted itself. Each is read once, through indexes on times and cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from access.leases import LeaseState, lease_state
from access.models import LeaseEvent, PauseLease
from access.vocabulary import LeaseEventKind
from review_api.carried_out import counts
from review_api.detector_records import PauseCause
from review_api.models import Decision, DecisionEnd
from review_api.records import AuditEntry
from review_api.standing import Detector, detector_of
from review_api.vocabulary import WRONGFUL, AuditAction, Fate, Outcome, Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session


class Ended(StrEnum):
    """How the question that a pause raised was settled."""

    WRONGFUL = "wrongful"  # a person restored it: misread, or allowed
    UNPROVEN = "unproven"  # a person restored it: nobody can tell
    LAPSED = "lapsed"  # it lifted itself, and no person has confirmed it
    CONFIRMED = "confirmed"  # a person confirmed it


@dataclass(frozen=True, slots=True)
class SettledPause:
    """One pause whose question is settled: by which detector it was, when settled, how long."""

    case_id: str
    detector: Detector
    ended: Ended
    at: datetime
    lasted: timedelta

    @property
    def hours(self) -> float:
        """How long the monthly quota was paused."""
        return self.lasted.total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class FirstLook:
    """A pause, and how long it waited for the first person to open its case; None: nobody did."""

    case_id: str
    waited: timedelta | None


def settled_pauses(session: Session, since: datetime, now: datetime) -> list[SettledPause]:
    """Give every pause settled after `since`, oldest first."""
    judged = _judged(session, since)
    lapsed = _lapsed(session, since, now)
    known = _decided_ever(session, lapsed)
    leases = _leases(session, {*judged, *lapsed})
    found = [
        _settled(cause, leases[case_id], _ending(decision.outcome), end.at)
        for case_id, (cause, decision, end) in judged.items()
        if case_id in leases
    ]
    found += [
        _settled(cause, leases[case_id], Ended.LAPSED, leases[case_id].until)
        for case_id, cause in lapsed.items()
        if case_id not in known and case_id in leases
    ]
    return sorted(found, key=lambda pause: (pause.at, pause.case_id))


def first_looks(session: Session, since: datetime) -> list[FirstLook]:
    """Give, for each pause taken after `since`, how long it waited for a person."""
    first = func.min(AuditEntry.at)
    rows = session.execute(
        select(PauseCause.case_id, PauseCause.taken_at, first)
        .outerjoin(
            AuditEntry,
            (AuditEntry.case_id == PauseCause.case_id)
            & (AuditEntry.action == AuditAction.CASE_READ)
            & (AuditEntry.role != Role.SERVICE)
            & (AuditEntry.at >= PauseCause.taken_at),
        )
        .where(PauseCause.taken_at > since)
        .group_by(PauseCause.case_id, PauseCause.taken_at)
        .order_by(PauseCause.taken_at)
    )
    return [FirstLook(case, at - taken if at else None) for case, taken, at in rows]


def _judged(
    session: Session, since: datetime
) -> dict[str, tuple[PauseCause, Decision, DecisionEnd]]:
    rows = session.execute(
        select(PauseCause, Decision, DecisionEnd)
        .join(Decision, Decision.case_id == PauseCause.case_id)
        .join(DecisionEnd, DecisionEnd.decision_id == Decision.id)
        .where(counts(), DecisionEnd.fate == Fate.TOOK_EFFECT, DecisionEnd.at > since)
    )
    return {cause.case_id: (cause, decision, end) for cause, decision, end in rows.unique()}


def _lapsed(session: Session, since: datetime, now: datetime) -> dict[str, PauseCause]:
    """Give the pauses that lifted themselves, whether anybody has written it down or not."""
    lifted = aliased(LeaseEvent)
    restored = (
        exists()
        .where(lifted.lease_id == PauseLease.id, lifted.kind == LeaseEventKind.RESTORED)
        .correlate(PauseLease)
    )
    rows = session.scalars(
        select(PauseCause)
        .join(PauseLease, PauseLease.case_id == PauseCause.case_id)
        .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
        .where(~restored, PauseLease.ended_at.is_(None) | (PauseLease.ended_at > since))
        .group_by(PauseCause.id)
        .having(func.max(LeaseEvent.until) > since, func.max(LeaseEvent.until) <= now)
    )
    return {cause.case_id: cause for cause in rows}


def _decided_ever(session: Session, case_ids: Iterable[str]) -> set[str]:
    wanted = select(Decision.case_id).where(Decision.case_id.in_(list(case_ids)), counts())
    return set(session.scalars(wanted))


def _leases(session: Session, case_ids: Iterable[str]) -> dict[str, LeaseState]:
    rows = session.execute(
        select(PauseLease.case_id, LeaseEvent)
        .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
        .where(PauseLease.case_id.in_(list(case_ids)))
        .order_by(PauseLease.case_id, LeaseEvent.sequence)
    )
    events: dict[str, list[LeaseEvent]] = {}
    for case_id, happened in rows:
        events.setdefault(case_id, []).append(happened)
    return {case_id: _as_it_ended(each) for case_id, each in events.items()}


def _as_it_ended(events: list[LeaseEvent]) -> LeaseState:
    state = lease_state(events)
    if not state.restored:
        return state
    # One that a person lifted ended then, not when it would have lifted itself.
    return LeaseState(state.since, events[-1].at, restored=True, expired=False)


def _settled(cause: PauseCause, lease: LeaseState, ended: Ended, at: datetime) -> SettledPause:
    return SettledPause(
        cause.case_id, detector_of(cause), ended, at, max(lease.until, lease.since) - lease.since
    )


def _ending(outcome: Outcome) -> Ended:
    if outcome in WRONGFUL:
        return Ended.WRONGFUL
    return Ended.CONFIRMED if outcome is Outcome.CONFIRMED else Ended.UNPROVEN
