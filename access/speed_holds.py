"""Reads the spans that hold the speed boost of many accounts: speed holds and pauses.

What a person restored holds nothing, also looking back: neither a hold or pause that was lifted,
nor one that had lifted itself before its case was restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import exists, func, select, union_all

from access.among import among
from access.database import rows_of
from access.models import Clearance, LeaseEvent, Measure, MeasureEnd, PauseLease
from access.periods import Interval
from access.vocabulary import MeasureEndKind, MeasureKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session


def held_spans(session: Session, account_ids: Collection[str]) -> dict[str, list[Interval]]:
    """Give each account's spans in one statement; an account without any is left out.

    Spans may overlap, and one that stands ends in the future: at the end it was given.
    """
    spans: dict[str, list[Interval]] = {}
    for account_id, since, until in rows_of(session, _HELD, {"accounts": account_ids}):
        spans.setdefault(account_id, []).append(Interval(since, until))
    return spans


def _not_restored(
    account: InstrumentedAttribute[str], case: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    # Whoever restores a case clears the account in its name, also where nothing stood any more.
    return ~exists().where(Clearance.account_id == account, Clearance.case_id == case)


_PAUSES: Final = (
    # An end only ever moves away, so the furthest one is the one that counts.
    select(PauseLease.account_id, PauseLease.taken_at, func.max(LeaseEvent.until))
    .join(LeaseEvent, LeaseEvent.lease_id == PauseLease.id)
    .where(
        among(PauseLease.account_id, "accounts"),
        _not_restored(PauseLease.account_id, PauseLease.case_id),
    )
    .group_by(PauseLease.id, PauseLease.account_id, PauseLease.taken_at)
)

_HOLDS: Final = select(Measure.account_id, Measure.since, Measure.until).where(
    among(Measure.account_id, "accounts"),
    Measure.kind == MeasureKind.SPEED_HOLD,
    _not_restored(Measure.account_id, Measure.case_id),
    ~exists().where(
        MeasureEnd.measure_id == Measure.id, MeasureEnd.kind == MeasureEndKind.RESTORED
    ),
)

_HELD: Final[Any] = union_all(_PAUSES, _HOLDS)
