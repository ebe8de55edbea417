"""Checks the books against themselves: every chain is added up again, every job has one end.

The database refuses most of this when it is written; the audit is for what came by another way,
such as a restored backup or a hand at the console. It reads everything and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select

from access.books import Admission, AdmissionEnd, CreditEntry, CreditGrant, QuotaEntry
from access.vocabulary import EntryKind, JobMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which chain or job."""

    of: str
    wrong: str


def audit_books(session: Session) -> Iterator[Fault]:
    """Give every fault of the books, chains before jobs, each named once for each thing wrong."""
    for what, statement in _CHECKS:
        for row in session.execute(statement.execution_options(yield_per=1000)):
            yield Fault(" ".join(str(word) for word in row), what)


def _broken(table: type[Any], *chain: Any) -> Select[Any]:
    """Select chains with a gap, or with a sum that is not that of the entries up to it."""
    upto = {"partition_by": chain, "order_by": table.number}
    entries = select(
        *chain,
        (table.number != func.row_number().over(**upto)).label("gap"),
        (table.after != func.sum(table.units).over(**upto)).label("off"),
        (table.after < 0).label("below"),
    ).subquery()
    found = entries.c
    names = [found[column.key] for column in chain]
    return select(*names).where(or_(found.gap, found.off, found.below)).distinct().order_by(*names)


_first = and_(CreditEntry.grant_id == CreditGrant.id, CreditEntry.number == 1)
_GRANTS: Final = (
    select(CreditGrant.id)
    .outerjoin(CreditEntry, _first)
    .where(
        or_(
            CreditEntry.number.is_(None),
            CreditEntry.kind != EntryKind.GRANTED,
            CreditEntry.units != CreditGrant.units,
        )
    )
    .order_by(CreditGrant.id)
)
_ENDS: Final = (
    select(Admission.id)
    .outerjoin(AdmissionEnd, AdmissionEnd.admission_id == Admission.id)
    .where(Admission.ended_at.is_(None) != AdmissionEnd.admission_id.is_(None))
    .order_by(Admission.id)
)
_kept = (
    select(QuotaEntry.admission_id, func.sum(QuotaEntry.units).label("units"))
    .where(QuotaEntry.kind != EntryKind.REFUNDED)
    .group_by(QuotaEntry.admission_id)
    .subquery()
)
_CHARGES: Final = (
    select(Admission.id)
    .join(AdmissionEnd, AdmissionEnd.admission_id == Admission.id)
    .outerjoin(_kept, _kept.c.admission_id == Admission.id)
    .where(Admission.mode == JobMode.QUOTA, func.coalesce(_kept.c.units, 0) != AdmissionEnd.units)
    .order_by(Admission.id)
)
_CHECKS: Final[tuple[tuple[str, Select[Any]], ...]] = (
    ("the chain of the grant does not add up", _broken(CreditEntry, CreditEntry.grant_id)),
    ("the grant's chain does not begin with what was granted", _GRANTS),
    (
        "the chain of quota does not add up",
        _broken(QuotaEntry, QuotaEntry.account_id, QuotaEntry.month, QuotaEntry.model),
    ),
    ("the job says that it ended and not how, or how and not that", _ENDS),
    ("the job was charged otherwise than its entries say", _CHARGES),
)
