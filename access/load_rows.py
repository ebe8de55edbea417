"""Keeps what the platform reports of the basic queue, and reads which load holds now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from access.books import QueueLoad
from access.database import rows_of
from access.load import FULL, Load, QueueReport, Standing, follow
from access.vocabulary import Queue

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_BASIC: Final = QueueLoad.queue == Queue.BASIC
_LEVEL: Final = select(QueueLoad.level, QueueLoad.level_since, QueueLoad.reported_at).where(_BASIC)


@dataclass(frozen=True, slots=True)
class ReportedLoad:
    """The last report, and the level that follows from it and those before."""

    report: QueueReport
    standing: Standing


def load_now(session: Session, now: datetime) -> Load:
    """Give the load that holds at `now`; full speed if nobody has reported for two minutes."""
    found = rows_of(session, _LEVEL, {}).first()
    return FULL if found is None else Standing(*found).load(now)


def reported_load(session: Session) -> ReportedLoad | None:
    """Give the last report; None before the first one."""
    row = session.scalars(select(QueueLoad).where(_BASIC)).one_or_none()
    if row is None:
        return None
    report = QueueReport(row.waiting, row.running, row.workers, row.longest_wait_seconds)
    return ReportedLoad(report, _standing(row))


def note_report(session: Session, report: QueueReport, now: datetime) -> ReportedLoad:
    """Keep the report in the place of the one before, and say which level stands then."""
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    first = {"queue": Queue.BASIC, **_columns(report, follow(None, report, now))}
    session.execute(insert(QueueLoad).values(first).on_conflict_do_nothing())
    # Of two reports that come at once, the second is judged by what the first left.
    locked = select(QueueLoad).where(_BASIC).with_for_update()
    row = session.scalars(locked.execution_options(populate_existing=True)).one()
    standing = follow(_standing(row), report, now)
    for name, value in _columns(report, standing).items():
        setattr(row, name, value)
    session.flush()
    return ReportedLoad(report, standing)


def _columns(report: QueueReport, standing: Standing) -> dict[str, Any]:
    return {
        **asdict(report),
        "level": standing.level,
        "level_since": standing.since,
        "reported_at": standing.reported_at,
    }


def _standing(row: QueueLoad) -> Standing:
    return Standing(row.level, row.level_since, row.reported_at)


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
