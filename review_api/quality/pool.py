"""The cases that a reviewer could be given now, in the order of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from review_api.claim_records import Claim
from review_api.detector_records import PauseCause
from review_api.models import Case, CaseEvent, Decision, DecisionEnd
from review_api.quality.records import FlipSample, GivenWork, Inclusion
from review_api.quality.vocabulary import Slice, Way
from review_api.queue import QueueQuery, list_queue
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from detectors.verdict import Kind
    from review_api.policy import ReviewPolicy

AT_MOST: Final = 100
"""Cases from the head of the queue that are considered; what nothing at work brought comes from the
whole of it."""

BROUGHT: Final = (
    (Slice.NIGHT, (Way.FLIP, Way.CALIBRATION)),
    (Slice.AUDIT, (Way.AUDIT,)),
)
"""Shares of what nothing at work brought; a case that belongs to both is the later one's."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits; `detector` is what paused, or the kind of the case.

    `brought` is the share it belongs to if nothing at work called for it, `flip` tells that the
    newest candidate waits for it.
    """

    case_id: str
    account_id: str
    detector: str
    paused: bool
    brought: Slice | None
    flip: bool


def waiting_for(
    session: Session, reviewer: str, now: datetime, policy: ReviewPolicy
) -> list[Waiting]:
    """Give what waits: nobody else holds it or was just given it, and no decision is on its way."""
    tops = [
        (item.case_id, item.account_id, item.kind, item.paused)
        for item in list_queue(session, QueueQuery(limit=AT_MOST), now, policy).items
    ]
    flips = _oldest(session, _flips())
    more = [*flips, *(row for _, ways in BROUGHT for row in _oldest(session, _only(ways)))]
    known = {case_id for case_id, *_ in tops}
    tops += [row for row in dict.fromkeys(more) if row[0] not in known]
    ids = [case_id for case_id, *_ in tops]
    taken = _taken(session, ids, reviewer, now, policy)
    causes = select(PauseCause.case_id, PauseCause.detector).where(PauseCause.case_id.in_(ids))
    detectors = {row.case_id: row.detector for row in session.execute(causes)}
    brought, asked = _brought(session, ids), {case_id for case_id, *_ in flips}
    return [
        Waiting(
            case_id, account, detectors.get(case_id) or kind.value, paused,
            brought.get(case_id), flip=case_id in asked,
        )
        for case_id, account, kind, paused in tops
        if case_id not in taken
    ]  # fmt: skip


def _oldest(session: Session, chosen: Select[str]) -> list[tuple[str, str, Kind, bool]]:
    """Give the oldest of the chosen cases; scores put them at the queue's end."""
    rows = session.execute(
        select(Case.id, Case.account_id, Case.kind)
        .where(Case.id.in_(chosen), Case.closed_at.is_(None))
        .order_by(Case.opened_at, Case.id)
        .limit(AT_MOST)
    )
    return [(case_id, account, kind, False) for case_id, account, kind in rows]


def _brought(session: Session, ids: Collection[str]) -> dict[str, Slice]:
    """Name the share of each case that nothing at work brought."""
    return {
        case_id: share
        for share, ways in BROUGHT
        for case_id in session.scalars(_only(ways).where(Inclusion.case_id.in_(ids)))
    }


def _flips() -> Select[str]:
    """Choose what the newest candidate asked about: those before it wait no longer."""
    newest = select(FlipSample.version).order_by(FlipSample.at.desc(), FlipSample.version).limit(1)
    return select(FlipSample.case_id).where(FlipSample.version == newest.scalar_subquery())


def _only(ways: Sequence[Way]) -> Select[str]:
    chosen = aliased(Inclusion)
    also = exists().where(chosen.case_id == Inclusion.case_id, chosen.purpose == Way.VERDICT)
    return select(Inclusion.case_id).where(Inclusion.purpose.in_(ways), ~also.correlate(Inclusion))


def _taken(
    session: Session, ids: Collection[str], reviewer: str, now: datetime, policy: ReviewPolicy
) -> set[str]:
    held = select(Claim.case_id).where(
        Claim.case_id.in_(ids),
        Claim.holder != reviewer,
        Claim.ended_at.is_(None),
        Claim.until > now,
    )
    given = select(GivenWork.case_id).where(
        GivenWork.case_id.in_(ids),
        GivenWork.reviewer != reviewer,
        GivenWork.at > now - policy.claim_for,
    )
    ended = exists().where(DecisionEnd.decision_id == Decision.id)
    pending = select(Decision.case_id).where(Decision.case_id.in_(ids), ~ended)
    asked = select(CaseEvent.case_id).where(
        CaseEvent.case_id.in_(ids), CaseEvent.kind == CaseEventKind.ASKED
    )
    answered = select(CaseEvent.case_id).where(
        CaseEvent.case_id.in_(ids), CaseEvent.kind == CaseEventKind.ANSWERED
    )
    waits = set(session.scalars(asked)) - set(session.scalars(answered))
    return {
        *session.scalars(held), *session.scalars(given), *session.scalars(pending), *waits
    }  # fmt: skip
