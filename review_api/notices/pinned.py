"""Reads what a statement of reasons is written from: the case's pause and the verdict behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from access.leases import lease_of, lease_state
from review_api.cases import read_evidence
from review_api.detector_records import PauseCause
from review_api.models import Evidence
from review_api.notices.records import Notice
from review_api.notices.statement import Pinned, Statement, read_statement, state_reasons
from review_api.policy import ReviewPolicy
from review_api.references import reference_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from review_api.models import Case

# How far back a verdict looks: what a rule counts is forgotten after that.
LOOKED_BACK: Final = ReviewPolicy().evidence_lasts


def statement_of(session: Session, case: Case, puid: str, *, confirmed: bool) -> Statement | None:
    """Write the statement of reasons of the case's pause; None if it never paused anybody."""
    lease = lease_of(session, case.id)
    row = _evidence_of(session, case)
    if lease is None or row is None:
        return None
    state = lease_state(lease.events)
    return state_reasons(
        Pinned(
            verdict=read_evidence(row),
            happened=row.occurred_at,
            looked_back=LOOKED_BACK,
            since=state.since,
            until=state.until,
            reference=reference_of(case.id),
            puid=puid,
            confirmed=confirmed,
        )
    )


def latest_statement(session: Session, account_id: str) -> Statement | None:
    """Give the newest statement of reasons that the account was sent, if there is any."""
    rows = session.scalars(
        select(Notice.statement)
        .where(Notice.account_id == account_id, Notice.statement.is_not(None))
        .order_by(Notice.number.desc())
        .limit(1)
    )
    written = rows.first()
    return read_statement(written) if written else None


def _evidence_of(session: Session, case: Case) -> Evidence | None:
    # A later verdict extends the case and took no pause: the reasons are those of the first.
    paused = select(PauseCause.verdict_id).where(PauseCause.case_id == case.id)
    mine = select(Evidence).where(Evidence.case_id == case.id)
    return session.scalars(
        mine.order_by(Evidence.verdict_id.in_(paused).desc(), Evidence.id).limit(1)
    ).first()
