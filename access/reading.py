"""What an account may use right now: the answer the platform asks for before a job runs.

Reading never writes. An account never heard of may use everything it has paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from access.among import among
from access.database import rows_of
from access.measures import standing_measures
from access.models import LeaseEvent, PauseLease
from access.vocabulary import Entitlement, MeasureKind

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause in force: since when, until when at the latest, and why, in the customer's words."""

    entitlement: Entitlement
    since: datetime
    until: datetime
    case_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A speed hold or a challenge in force: since when, until when at the latest, and why."""

    measure_id: str
    since: datetime
    until: datetime
    case_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """What one account may use at one moment, and what is asked of the platform meanwhile."""

    account_id: str
    pause: Pause | None = None
    speed_hold: Asked | None = None
    challenge: Asked | None = None

    @property
    def paused(self) -> bool:
        """Whether the monthly quota is paused."""
        return self.pause is not None

    @property
    def still_works(self) -> tuple[Entitlement, ...]:
        """Everything that is not paused; credits are always among them."""
        stopped = {self.pause.entitlement} if self.pause else set()
        return tuple(part for part in Entitlement if part not in stopped)


def access_of(session: Session, account_id: str, now: datetime) -> Access:
    """Derive the account's access at `now` from the facts, in two queries."""
    asked = {
        measure.kind: Asked(
            measure.id, measure.since, measure.until, measure.case_id, measure.reason
        )
        for measure in standing_measures(session, account_id, now)
    }
    return Access(
        account_id,
        pauses_of(session, [account_id], now).get(account_id),
        asked.get(MeasureKind.SPEED_HOLD),
        asked.get(MeasureKind.CHALLENGE),
    )


def pauses_of(session: Session, account_ids: Collection[str], now: datetime) -> dict[str, Pause]:
    """Give the pause in force at `now` of each account that has one, in one query."""
    rows = rows_of(session, _PAUSES, {"accounts": account_ids, "now": now})
    return {account_id: Pause(*said) for account_id, *said in rows}


_PAUSES: Final = (
    select(
        PauseLease.account_id,
        PauseLease.entitlement,
        PauseLease.taken_at,
        LeaseEvent.until,
        PauseLease.case_id,
        PauseLease.reason,
    )
    .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
    .where(
        among(PauseLease.account_id, "accounts"),
        PauseLease.ended_at.is_(None),
        LeaseEvent.until > bindparam("now"),
    )
    # An end is only ever moved later: the newest is read last, and is the one that counts.
    .order_by(PauseLease.account_id, LeaseEvent.sequence)
)
