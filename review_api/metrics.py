"""What an operator watches, read from the database whenever it is asked for.

Nothing is counted in memory, so every process shows the same figures and a restart loses none.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Final, Literal

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import exists, func, select

from access.load_rows import reported_load
from access.models import LeaseEvent, Measure, MeasureEnd, PauseLease
from access.vocabulary import MeasureKind
from review_api.claim_records import Claim
from review_api.models import Case, CaseEvent, Suppression, SuppressionEnd
from review_api.notices.undelivered import undelivered_notices
from review_api.quality.overview import hours_of
from review_api.quality.pauses import Ended, settled_pauses
from review_api.queue_records import QueueEntry
from review_api.records import AuditEntry, OutboxMessage
from review_api.sealing import REACH, count_unsealed
from review_api.standing import watching
from review_api.vocabulary import AuditAction, CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

ReviewMetric = Literal[
    "fairuse_wrongful_pause_hours",
    "fairuse_lapsed_pause_hours",
    "fairuse_open_cases",
    "fairuse_paused_accounts",
    "fairuse_speed_holds",
    "fairuse_open_challenges",
    "fairuse_suppressions",
    "fairuse_longest_open_seconds",
    "fairuse_lapsed_pauses",
    "fairuse_first_look_seconds",
    "fairuse_outbox_unsent_messages",
    "fairuse_outbox_oldest_seconds",
    "fairuse_detectors_watching",
    "fairuse_load_level",
    "fairuse_load_silent",
    "fairuse_basic_queue_waiting",
    "fairuse_wrongly_enforced_pauses",
    "fairuse_unenforced_pauses",
    "fairuse_addresses_unmasked",
    "fairuse_audit_unsealed_entries",
    "fairuse_notices_undelivered",
    "fairuse_notices_oldest_seconds",
]

MEANING: Final[Mapping[ReviewMetric, str]] = {
    "fairuse_wrongful_pause_hours": (
        "Hours of pauses that people restored as wrongful within the last 30 days."
    ),
    "fairuse_lapsed_pause_hours": (
        "Hours of pauses that lapsed within the last 30 days, confirmed by nobody."
    ),
    "fairuse_open_cases": "Cases no reviewer has decided.",
    "fairuse_paused_accounts": "Accounts whose monthly quota is paused now.",
    "fairuse_speed_holds": "Accounts whose speed ramp is held now.",
    "fairuse_open_challenges": "Challenges that nobody has answered yet.",
    "fairuse_suppressions": "Suppressions in force now.",
    "fairuse_longest_open_seconds": "Age of the oldest undecided case.",
    "fairuse_lapsed_pauses": "Pauses that nobody reviewed and that lifted themselves, in a day.",
    "fairuse_first_look_seconds": "Median wait from the opening to the first claim, in a day.",
    "fairuse_outbox_unsent_messages": "Announcements of access not sent yet.",
    "fairuse_outbox_oldest_seconds": "Age of the oldest announcement not sent yet.",
    "fairuse_detectors_watching": "Detectors that only watch; a model's score counts as one.",
    "fairuse_load_level": "How far quota jobs are slowed now, from 0 (not at all) to 3.",
    "fairuse_load_silent": "1 if nobody has reported the basic queue for two minutes, else 0.",
    "fairuse_basic_queue_waiting": "Quota jobs that waited at the last report.",
    "fairuse_wrongly_enforced_pauses": (
        "Accounts found within the last hour that the platform pauses and we do not."
    ),
    "fairuse_unenforced_pauses": (
        "Accounts found within the last hour that we pause and the platform does not."
    ),
    "fairuse_addresses_unmasked": "Times within the last day that addresses were shown in full.",
    "fairuse_audit_unsealed_entries": "Newest audit entries that are not in the chain yet.",
    "fairuse_notices_undelivered": "Notices to customers not in words yet, and deliveries waiting.",
    "fairuse_notices_oldest_seconds": "Age of the oldest of these.",
}


def read_metrics(session: Session, now: datetime) -> dict[ReviewMetric, float]:
    """Read every figure."""
    open_cases, oldest_case = session.execute(
        select(func.count(), func.min(QueueEntry.opened_at)).where(
            QueueEntry.waits_for_second.is_(False)
        )
    ).one()
    unsent, oldest_message = session.execute(
        select(func.count(OutboxMessage.id), func.min(OutboxMessage.created_at)).where(
            OutboxMessage.sent_at.is_(None)
        )
    ).one()
    undelivered, oldest_notice = undelivered_notices(session, now)
    pauses = settled_pauses(session, now - timedelta(days=30), now)
    return {
        "fairuse_wrongful_pause_hours": hours_of(pauses, Ended.WRONGFUL).hours,
        "fairuse_lapsed_pause_hours": hours_of(pauses, Ended.LAPSED).hours,
        "fairuse_open_cases": open_cases,
        "fairuse_paused_accounts": _paused_accounts(session, now),
        "fairuse_speed_holds": _measures(session, MeasureKind.SPEED_HOLD, now),
        "fairuse_open_challenges": _measures(session, MeasureKind.CHALLENGE, now),
        "fairuse_suppressions": _suppressions(session, now),
        "fairuse_longest_open_seconds": _age(oldest_case, now),
        "fairuse_lapsed_pauses": _lapsed(session, now),
        "fairuse_first_look_seconds": _first_look(session, now),
        "fairuse_outbox_unsent_messages": unsent,
        "fairuse_outbox_oldest_seconds": _age(oldest_message, now),
        "fairuse_detectors_watching": len(watching(session)),
        **_load(session, now),
        "fairuse_wrongly_enforced_pauses": _found(session, AuditAction.WRONGLY_ENFORCED, now),
        "fairuse_unenforced_pauses": _found(session, AuditAction.NOT_ENFORCED, now),
        "fairuse_addresses_unmasked": _unmasked(session, now),
        "fairuse_audit_unsealed_entries": count_unsealed(session, reach=REACH),
        "fairuse_notices_undelivered": undelivered,
        "fairuse_notices_oldest_seconds": _age(oldest_notice, now),
    }


def show_metrics(figures: Mapping[ReviewMetric, float]) -> bytes:
    """Write the figures in Prometheus's text format."""
    registry = CollectorRegistry()
    for name, value in figures.items():
        Gauge(name, MEANING[name], registry=registry).set(value)
    return generate_latest(registry)


def _lapsed(session: Session, now: datetime) -> int:
    lapsed = select(func.count(CaseEvent.id)).where(
        CaseEvent.kind == CaseEventKind.LEASE_LAPSED, CaseEvent.at > now - timedelta(days=1)
    )
    return session.scalar(lapsed) or 0


def _first_look(session: Session, now: datetime) -> float:
    lately = select(Claim.case_id).where(Claim.since > now - timedelta(days=1))
    looks = (
        select(Case.opened_at, func.min(Claim.since, type_=Claim.since.type))
        .join(Claim, Claim.case_id == Case.id)
        .where(Case.id.in_(lately))
        .group_by(Case.id, Case.opened_at)
    )
    first = [(look - opened).total_seconds() for opened, look in session.execute(looks)]
    return median(first) if first else 0.0


def _paused_accounts(session: Session, now: datetime) -> int:
    # An end is only ever moved later, so the latest one is the one in force.
    ends = (
        select(func.max(LeaseEvent.until).label("until"))
        .join(PauseLease, PauseLease.id == LeaseEvent.lease_id)
        .where(PauseLease.ended_at.is_(None))
        .group_by(PauseLease.id)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(ends).where(ends.c.until > now)) or 0


def _measures(session: Session, kind: MeasureKind, now: datetime) -> int:
    ended = exists().where(MeasureEnd.measure_id == Measure.id)
    standing = select(func.count(Measure.id)).where(
        Measure.kind == kind, Measure.until > now, ~ended
    )
    return session.scalar(standing) or 0


def _suppressions(session: Session, now: datetime) -> int:
    ended = exists().where(SuppressionEnd.suppression_id == Suppression.id)
    standing = select(func.count(Suppression.id)).where(Suppression.until > now, ~ended)
    return session.scalar(standing) or 0


def _load(session: Session, now: datetime) -> dict[ReviewMetric, float]:
    reported = reported_load(session)
    if reported is None:
        return {
            "fairuse_load_level": 0,
            "fairuse_load_silent": 1,
            "fairuse_basic_queue_waiting": 0,
        }
    return {
        "fairuse_load_level": reported.standing.load(now).level,
        "fairuse_load_silent": reported.standing.silent(now),
        "fairuse_basic_queue_waiting": reported.report.waiting,
    }


def _found(session: Session, action: AuditAction, now: datetime) -> int:
    # The audit log names the account in its detail; one that is found again counts once.
    accounts = select(func.count(AuditEntry.detail.distinct())).where(
        AuditEntry.action == action, AuditEntry.at > now - timedelta(hours=1)
    )
    return session.scalar(accounts) or 0


def _unmasked(session: Session, now: datetime) -> int:
    times = select(func.count(AuditEntry.id)).where(
        AuditEntry.action == AuditAction.ADDRESSES_UNMASKED, AuditEntry.at > now - timedelta(days=1)
    )
    return session.scalar(times) or 0


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
