"""Writes the books: entries of chains, admitted jobs and their ends, many in one statement.

A decision is first turned into rows, which touches no database, and all rows of a batch are then
written together. Core inserts pass by the ORM's guard of facts, so this is the only module that
may use them on the books; whoever writes holds the accounts' locks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, insert, update

from access.books import Admission, AdmissionEnd, CreditEntry, CreditGrant, QuotaEntry
from access.ledger import Job
from access.vocabulary import EntryKind

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.columns import Base
    from access.credits import Draw, Grant, Purse
    from access.quota import Usage, Used
    from access.vocabulary import AdmissionEndKind


@dataclass(slots=True)
class Rows:
    """Rows to be written together, in as many statements as there are tables."""

    admissions: list[dict[str, Any]] = field(default_factory=list)
    grants: list[dict[str, Any]] = field(default_factory=list)
    credits: list[dict[str, Any]] = field(default_factory=list)
    quota: list[dict[str, Any]] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)

    def write(self, session: Session) -> None:
        """Write them; the database refuses a forked chain, a second end, a negative sum."""
        written: tuple[tuple[type[Base], list[dict[str, Any]]], ...] = (
            (Admission, self.admissions),
            (CreditGrant, self.grants),
            (CreditEntry, self.credits),
            (QuotaEntry, self.quota),
            (AdmissionEnd, self.ends),
        )
        for table, rows in written:
            if rows:
                session.execute(insert(_table_of(table)), rows)
        if self.ends:
            # Through the table, not the ORM: no object of this session is out of date by it.
            ended = Admission.id.in_([end["admission_id"] for end in self.ends])
            at = max(end["at"] for end in self.ends)
            session.execute(update(_table_of(Admission)).where(ended).values(ended_at=at))

    def admit(self, job: Job) -> None:
        """Add an admitted job."""
        self.admissions.append({each.name: getattr(job, each.name) for each in fields(Job)})

    def end(self, job: Job, kind: AdmissionEndKind, units: Decimal, at: datetime, by: str) -> None:
        """Add how a job ended and what it is charged."""
        self.ends.append(
            {"admission_id": job.id, "kind": kind, "units": units, "at": at, "actor": by}
        )

    def grant(self, account_id: str, grant: Grant, catalogue: int, at: datetime) -> None:
        """Add credits that came, with the entry that begins their chain."""
        self.grants.append(
            {
                "id": grant.id,
                "account_id": account_id,
                "kind": grant.kind,
                "units": grant.left,
                "since": grant.since,
                "until": grant.until,
                "catalogue": catalogue,
                "recorded_at": at,
            }
        )
        self.credit(grant.id, 1, EntryKind.GRANTED, grant.left, grant.left, at)

    def credit(  # noqa: PLR0913, PLR0917 - the columns of an entry
        self,
        grant_id: str,
        number: int,
        kind: EntryKind,
        units: Decimal,
        after: Decimal,
        at: datetime,
        admission_id: str | None = None,
    ) -> None:
        """Add an entry to a grant's chain."""
        self.credits.append(
            {
                "grant_id": grant_id,
                "number": number,
                "kind": kind,
                "admission_id": admission_id,
                "units": units,
                "after": after,
                "at": at,
            }
        )

    def use(self, job: Job, used: Used, kind: EntryKind, units: Decimal, at: datetime) -> None:
        """Add an entry to the chain of a model's use in the job's month."""
        self.quota.append(
            {
                "account_id": job.account_id,
                "month": job.month,
                "model": job.model,
                "number": used.number + 1,
                "kind": kind,
                "admission_id": job.id,
                "units": units,
                "after": used.units + units,
                "at": at,
            }
        )


def reserve_credits(rows: Rows, purse: Purse, draws: tuple[Draw, ...], job: Job) -> Purse:
    """Take the draws for the job; gives the purse afterwards."""
    for grant, units in ((draw.grant, draw.units) for draw in draws):
        if grant.number == 0:
            rows.grant(job.account_id, grant, job.catalogue, job.at)
        number, after = max(grant.number, 1) + 1, grant.left - units
        rows.credit(grant.id, number, EntryKind.RESERVED, -units, after, job.at, job.id)
    return purse.after(draws)


def reserve_quota(rows: Rows, usage: Usage, job: Job) -> Usage:
    """Count the job's units as used; gives the usage afterwards."""
    rows.use(job, usage.of(job.model), EntryKind.RESERVED, job.units, job.at)
    return usage.after(job.model, job.units)


def _table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - declared classes have no other; for the types
    return table
