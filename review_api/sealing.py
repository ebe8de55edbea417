"""Seals the audit log: links the entries that were committed and are not in the chain yet.

Requests only append entries and wait for nobody; one sealer at a time numbers what it finds. An
entry whose transaction commits late gets a later number, which is all that lateness changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, func, select, text

from access.locks import AdvisoryLock
from review_api.audit_chain import Head, link
from review_api.records import AuditEntry, AuditLink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session, sessionmaker

LIMIT: Final = 1000
"""Entries sealed in one transaction."""

REACH: Final = 20_000
"""How many entries before the newest sealed one a late one is looked for; the verb looks at all."""


def seal_due(sessions: sessionmaker[Session], limit: int = LIMIT) -> int:
    """Seal what waits, at most `limit` entries in a transaction of its own; give how many."""
    with sessions.begin() as session:
        return seal(session, limit, reach=REACH)


def seal(session: Session, limit: int = LIMIT, *, reach: int | None = None) -> int:
    """Link at most `limit` entries that are not in the chain; give how many.

    The lock is held until the transaction ends, so that two servers never fork the chain: the
    second sees what the first linked.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AdvisoryLock.SEALING.value}
        )
    head = head_of(session)
    entries = _unsealed(session, limit, _floor(session, head, reach))
    for entry in entries:
        head = Head(head.n + 1, link(head.hash, entry))
        session.add(AuditLink(n=head.n, entry_id=entry.id, hash=head.hash))
    session.flush()
    return len(entries)


def head_of(session: Session) -> Head:
    """Give the newest link; `Head()` while nothing is sealed."""
    last = session.scalars(select(AuditLink).order_by(AuditLink.n.desc()).limit(1)).one_or_none()
    return Head(last.n, last.hash) if last else Head()


def count_unsealed(session: Session, *, reach: int | None = None) -> int:
    """Count entries that are not in the chain; with a `reach`, only among the newest."""
    floor = _floor(session, head_of(session), reach)
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.id > floor, ~_SEALED)
    return session.scalar(waiting) or 0


def _floor(session: Session, head: Head, reach: int | None) -> int:
    if reach is None or head.n == 0:
        return 0
    newest = session.scalar(select(AuditLink.entry_id).where(AuditLink.n == head.n)) or 0
    return newest - reach


def _unsealed(session: Session, limit: int, floor: int) -> Sequence[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.id > floor, ~_SEALED)
    return session.scalars(found.order_by(AuditEntry.id).limit(limit)).all()


_SEALED: Final = exists().where(AuditLink.entry_id == AuditEntry.id)
