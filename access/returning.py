"""Gives back what jobs have taken: credits to the grants they came from, quota to its month.

Of a job's credits those that expire last come back first, the inverse of how they were taken.
Credits whose grant has ended meanwhile come back as a grant of their own that lasts a day, so that
a job which failed late costs nobody anything. When a cycle's credits end is the subscription's to
say: a change may have ended them sooner, or later, than was written down with them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import func, select

from access.among import among
from access.books import CreditEntry, CreditGrant
from access.credits import Grant
from access.database import rows_of
from access.ledger import NEWEST_USE
from access.quota import Used
from access.subscribing import subscriptions_of
from access.subscriptions import subscription_at
from access.vocabulary import GrantKind, JobMode

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.ledger import Job
    from access.plans import Catalogue
    from access.rows import Rows
    from access.vocabulary import EntryKind

OF_A_CYCLE: Final = frozenset({GrantKind.CYCLE, GrantKind.UPGRADE})

RETURNED_LASTS: Final = timedelta(days=1)
"""How long credits last that come back after their grant has ended."""


class Chain(NamedTuple):
    """The chain of a model's use in a month."""

    account_id: str
    month: str
    model: str


@dataclass(slots=True)
class Returns:
    """What some jobs have taken, and the newest entries of the chains it goes back to."""

    rows: Rows
    now: datetime
    taken: dict[str, list[Grant]]
    """Of each admission: the grants it took from, `left` being what it has of them now."""
    heads: dict[str, Grant]
    usage: dict[Chain, Used]

    def give_back(self, job: Job, units: Decimal, kind: EntryKind) -> None:
        """Give `units` back; no more than the job has, and nothing of nothing."""
        if units <= 0:
            return
        if job.mode is JobMode.QUOTA:
            self._unuse(job, units, kind)
            return
        for grant in sorted(self.taken[job.id], key=lambda each: each.turn, reverse=True):
            share = min(units, grant.left)
            if share > 0:
                self._return(job, grant, share, kind)
                units -= share

    def _unuse(self, job: Job, units: Decimal, kind: EntryKind) -> None:
        chain = Chain(job.account_id, job.month, job.model)
        used = self.usage[chain]
        self.rows.use(job, used, kind, -units, self.now)
        self.usage[chain] = Used(used.number + 1, used.units - units)

    def _return(self, job: Job, grant: Grant, units: Decimal, kind: EntryKind) -> None:
        if grant.until is not None and grant.until <= self.now:
            fresh, end = returned_id(job, grant.id, kind), self.now + RETURNED_LASTS
            returned = Grant(fresh, GrantKind.RETURNED, self.now, end, units, 0)
            self.rows.grant(job.account_id, returned, job.catalogue, self.now)
            return
        head = self.heads[grant.id]
        after = replace(head, left=head.left + units, number=head.number + 1)
        self.rows.credit(grant.id, after.number, kind, units, after.left, self.now, job.id)
        self.heads[grant.id] = after


def returned_id(job: Job, grant_id: str, kind: EntryKind) -> str:
    """Name the grant of what came back to one that had ended.

    A job gives back when it ends, and once more if it is refunded.
    """
    name = f"returned\x1f{job.id}\x1f{grant_id}\x1f{kind}".encode()
    return hashlib.blake2b(name, digest_size=16).hexdigest()


def read_returns(
    session: Session, jobs: Collection[Job], rows: Rows, catalogue: Catalogue, now: datetime
) -> Returns:
    """Read what these jobs have taken, in at most four statements."""
    on_credits = [job for job in jobs if job.mode is JobMode.CREDITS]
    chains = {Chain(j.account_id, j.month, j.model) for j in jobs if j.mode is JobMode.QUOTA}
    taken = _taken(session, on_credits, catalogue, now) if on_credits else {}
    grants = {grant.id for each in taken.values() for grant in each}
    return Returns(
        rows,
        now,
        taken,
        _heads(session, grants) if grants else {},
        _usage(session, chains) if chains else {},
    )


def _taken(
    session: Session, jobs: Collection[Job], catalogue: Catalogue, now: datetime
) -> dict[str, list[Grant]]:
    taken: dict[str, list[Grant]] = defaultdict(list)
    # An end may be dated by a slower clock than its job was, and before the job's cycle began.
    at = max(now, *(job.at for job in jobs))
    ends = _ends_of_due(session, {job.account_id for job in jobs}, catalogue, at)
    rows = rows_of(session, _TAKEN, {"admissions": [job.id for job in jobs]})
    for admission_id, grant_id, kind, since, written, units in rows:
        assert admission_id is not None  # noqa: S101 - it was asked for; for the types
        until = ends.get(grant_id, now) if kind in OF_A_CYCLE else written
        taken[admission_id].append(Grant(grant_id, kind, since, until, -units, 0))
    return taken


def _ends_of_due(
    session: Session, account_ids: Collection[str], catalogue: Catalogue, now: datetime
) -> dict[str, datetime]:
    """Say when each cycle's credits end; those that are due no more have ended."""
    records = subscriptions_of(session, account_ids)
    subscriptions = (
        subscription_at(each, records.get(each, ()), catalogue, now) for each in account_ids
    )
    return {due.id: due.until for each in subscriptions for due in each.due}


def _heads(session: Session, grant_ids: Collection[str]) -> dict[str, Grant]:
    rows = rows_of(session, _HEADS, {"grants": grant_ids})
    return {
        grant_id: Grant(grant_id, kind, since, until, after, number)
        for grant_id, kind, since, until, number, after in rows
    }


def _usage(session: Session, chains: Collection[Chain]) -> dict[Chain, Used]:
    # Words of a chain are looked up apart, so a few chains nobody asked for may come along.
    accounts, months, models = (set(words) for words in zip(*chains, strict=True))
    wanted = {"accounts": accounts, "months": months, "models": models}
    rows = rows_of(session, NEWEST_USE, wanted)
    return {
        Chain(account_id, month, model): Used(number, after)
        for account_id, month, model, number, after in rows
    }


_GRANT: Final = (CreditGrant.kind, CreditGrant.since, CreditGrant.until)
_TAKEN: Final = (
    select(CreditEntry.admission_id, CreditGrant.id, *_GRANT, func.sum(CreditEntry.units))
    .join(CreditGrant, CreditGrant.id == CreditEntry.grant_id)
    .where(among(CreditEntry.admission_id, "admissions"))
    .group_by(CreditEntry.admission_id, CreditGrant.id, *_GRANT)
)
_newest = (
    select(func.max(CreditEntry.number))
    .where(CreditEntry.grant_id == CreditGrant.id)
    .correlate(CreditGrant)
    .scalar_subquery()
)
_HEADS: Final = (
    select(CreditGrant.id, *_GRANT, CreditEntry.number, CreditEntry.after)
    .join(CreditEntry, (CreditEntry.grant_id == CreditGrant.id) & (CreditEntry.number == _newest))
    .where(among(CreditGrant.id, "grants"))
)
