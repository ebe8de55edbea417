"""Keeps the queue: one row for each case that a reviewer is waited for, made from its facts.

Whoever locks a case has its row made anew at the end of their transaction, so no change can be
forgotten, and a row is committed together with what it says. The plan and its price are read when
the caller hands over the catalogue (a verdict is taken in, the queue is rebuilt), else kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from access.leases import lease_of, lease_state
from access.subscribing import subscriptions_of
from access.subscriptions import subscription_at
from detectors.verdict import decode
from review_api.claim_records import Claim
from review_api.detector_records import PauseCause
from review_api.folds import (
    last_of,
    pending_decision,
    status_of,
    version_of,
    waits_for_customer,
)
from review_api.models import Case, Evidence
from review_api.queue_records import QueueEntry, QueueText
from review_api.standing import detector_of
from review_api.vocabulary import UNDECIDED, CaseEventKind, ClaimEnding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from access.columns import Base
    from access.plans import Catalogue
    from detectors.verdict import Verdict
    from review_api.models import CaseEvent

SEARCHED_AT_MOST: Final = 4000
_WORTH: Final = frozenset({"plan", "price"})
_KEPT: Final = "queue entries to make anew"


@dataclass(frozen=True, slots=True)
class Worth:
    """The plan that an account holds, and its price a month in the catalogue's currency."""

    plan: str = ""
    price: float = 0.0


def keep_entry(
    session: Session, case_id: str, now: datetime, catalogue: Catalogue | None = None
) -> None:
    """Have the case's entry made anew when this transaction commits. The account is locked."""
    kept = session.info.setdefault(_KEPT, {})
    known = kept.get(case_id)
    kept[case_id] = (now, catalogue or (known[1] if known else None))


@event.listens_for(Session, "before_commit")
def _refresh_kept(session: Session) -> None:
    # At the end of a savepoint more may still follow.
    if session.in_nested_transaction() or _KEPT not in session.info:
        return
    session.flush()
    for case_id, (now, catalogue) in session.info.pop(_KEPT).items():
        refresh_entry(session, case_id, now, catalogue)
    session.flush()


@event.listens_for(Session, "after_rollback")
def _forget_kept(session: Session) -> None:
    session.info.pop(_KEPT, None)


def refresh_entry(
    session: Session, case_id: str, now: datetime, catalogue: Catalogue | None = None
) -> None:
    """Write the case's entry as its facts are now, or take it out.

    The account is locked, and what the session holds of the case was read under the lock.
    """
    case = session.get(Case, case_id)
    if case is None or not waits(case):
        session.execute(delete(QueueText).where(QueueText.case_id == case_id))
        session.execute(delete(QueueEntry).where(QueueEntry.case_id == case_id))
        return
    verdict = newest_verdict(session, case_id)
    worth = worth_of(session, case.account_id, catalogue, now) if catalogue else Worth()
    kept = frozenset() if catalogue else _WORTH
    _write(session, QueueEntry, columns_of(session, case, verdict, worth), kept)
    _write(session, QueueText, _words(case, verdict))


def worth_of(session: Session, account_id: str, catalogue: Catalogue, now: datetime) -> Worth:
    """Say which plan the account holds now."""
    records = subscriptions_of(session, [account_id]).get(account_id, ())
    plan = subscription_at(account_id, records, catalogue, now).plan
    return Worth(plan.name, float(plan.price))


def columns_of(session: Session, case: Case, verdict: Verdict, worth: Worth) -> dict[str, Any]:
    """Derive what the queue says of a case from its facts; nothing is stored."""
    cause = session.scalars(select(PauseCause).where(PauseCause.case_id == case.id)).one_or_none()
    detector = detector_of(cause or verdict)
    since, until = _pause(session, case.id)
    held = session.scalars(
        select(Claim).where(Claim.case_id == case.id).order_by(Claim.id.desc()).limit(1)
    ).one_or_none()
    # A claim that lapsed keeps its time, as a pause does: nobody changes a case when one lapses.
    holds = held is not None and held.ending in {None, ClaimEnding.LAPSED}
    return {
        "case_id": case.id,
        "account_id": case.account_id,
        "kind": case.kind,
        "status": status_of(case),
        "version": version_of(case),
        "opened_at": case.opened_at,
        "abuse": verdict.abuse,
        "probability": verdict.probability,
        "detector": detector.name,
        "detector_version": detector.model_version,
        "model_version": verdict.model_version,
        "country": verdict.country,
        "plan": worth.plan,
        "price": worth.price,
        "paused_since": since,
        "paused_until": until,
        "appealed_at": _appealed_at(case.events),
        "escalated": last_of(case, CaseEventKind.ESCALATED) > 0,
        "waits_for_customer": waits_for_customer(case),
        "waits_for_second": _waits_for_second(case),
        "claimed_by": held.holder if held and holds else None,
        "claimed_until": held.until if held and holds else None,
    }


def waits(case: Case) -> bool:
    """Say whether a reviewer is waited for: for a first word, on an appeal, or as a second."""
    return status_of(case) in UNDECIDED or _waits_for_second(case)


def _waits_for_second(case: Case) -> bool:
    decision = pending_decision(case)
    return decision is not None and decision.needs_second and decision.second is None


def newest_verdict(session: Session, case_id: str) -> Verdict:
    """Read the verdict that was pinned to the case last."""
    payload = select(Evidence.payload).where(Evidence.case_id == case_id)
    newest = session.scalars(payload.order_by(Evidence.id.desc()).limit(1)).one()
    return decode(newest.encode())


def _pause(session: Session, case_id: str) -> tuple[datetime | None, datetime | None]:
    lease = lease_of(session, case_id)
    state = lease_state(lease.events) if lease else None
    # One that lapsed keeps its times: whoever reads the entry compares them with the clock.
    return (state.since, state.until) if state and not state.restored else (None, None)


def _appealed_at(events: Iterable[CaseEvent]) -> datetime | None:
    at = None
    for each in events:
        if each.kind is CaseEventKind.APPEALED:
            at = each.at
        elif each.kind is CaseEventKind.APPEAL_DECIDED:
            at = None
    return at


def _words(case: Case, verdict: Verdict) -> dict[str, Any]:
    sentences = [reason.sentence for reason in verdict.reasons]
    notes = [str(each.detail.get("words", "")) for each in reversed(case.events)]
    searched = "\n".join(filter(None, [*sentences, *notes]))[:SEARCHED_AT_MOST].lower()
    return {
        "case_id": case.id,
        "headline": verdict.question or (sentences or [""])[0],
        "searched": searched,
    }


def _write(
    session: Session, table: type[Base], row: dict[str, Any], kept: Collection[str] = ()
) -> None:
    """Insert the row or bring it up to date, but for the columns that are `kept`."""
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = (postgresql.insert if postgres else sqlite.insert)(table).values(row)
    changed = {name: insert.excluded[name] for name in row if name not in {"case_id", *kept}}
    session.execute(insert.on_conflict_do_update(index_elements=["case_id"], set_=changed))
