"""Reads what is kept of one account, for its statement. Reading never writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from access.books import CreditEntry, CreditGrant, MakeGood, QuotaEntry
from access.models import LeaseEvent, PauseLease
from access.periods import Interval
from access.speed_holds import held_spans
from access.statement import Books
from access.statement_credits import Lasting, Movement
from access.subscribing import subscriptions_of
from access.vocabulary import EntryKind, GrantKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from sqlalchemy.orm import Session


def read_books(session: Session, account_id: str) -> Books:
    """Read everything kept of the account; of one never heard of there is nothing."""
    return Books(
        account_id=account_id,
        records=subscriptions_of(session, [account_id]).get(account_id, []),
        lasting=list(_lasting(session, account_id)),
        movements=list(_movements(session, account_id)),
        usage=_usage(session, account_id),
        held=held_spans(session, [account_id]).get(account_id, []),
        pauses=list(_pauses(session, account_id)),
        make_good=_make_good(session, account_id),
    )


def _lasting(session: Session, account_id: str) -> Iterator[Lasting]:
    grant = CreditGrant
    rows = session.execute(
        select(grant.id, grant.kind, grant.units, grant.since, grant.until).where(
            grant.account_id == account_id,
            grant.kind.in_((GrantKind.PACK, GrantKind.RETURNED)),
        )
    )
    for grant_id, kind, units, since, until in rows:
        yield Lasting(grant_id, kind is GrantKind.PACK, units, since, until)


def _movements(session: Session, account_id: str) -> Iterator[Movement]:
    rows = session.execute(
        select(CreditEntry.grant_id, CreditEntry.units, CreditEntry.at)
        .join(CreditGrant, CreditGrant.id == CreditEntry.grant_id)
        .where(CreditGrant.account_id == account_id, CreditEntry.kind != EntryKind.GRANTED)
    )
    return (Movement(*row) for row in rows)


def _usage(session: Session, account_id: str) -> dict[tuple[str, str], Decimal]:
    rows = session.execute(
        select(QuotaEntry.month, QuotaEntry.model, func.sum(QuotaEntry.units))
        .where(QuotaEntry.account_id == account_id)
        .group_by(QuotaEntry.month, QuotaEntry.model)
    )
    return {(month, model): units for month, model, units in rows}


def _pauses(session: Session, account_id: str) -> Iterator[Interval]:
    rows = session.execute(
        select(PauseLease.taken_at, PauseLease.ended_at, func.max(LeaseEvent.until))
        .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
        .where(PauseLease.account_id == account_id)
        .group_by(PauseLease.id, PauseLease.taken_at, PauseLease.ended_at)
        .order_by(PauseLease.taken_at)
    )
    for since, ended, until in rows:
        assert until is not None  # noqa: S101 - a lease is taken with an end; for the types
        # That a lease lifted itself may be written down long after it did.
        yield Interval(since, until if ended is None else min(ended, until))


def _make_good(session: Session, account_id: str) -> dict[str, float]:
    rows = session.execute(
        select(MakeGood.month, func.sum(MakeGood.share))
        .where(MakeGood.account_id == account_id)
        .group_by(MakeGood.month)
    )
    return {month: float(share) for month, share in rows}
