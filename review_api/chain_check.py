"""Walks the chain of the audit log from its first link, and names the first that is not whole.

It reads in short transactions of bounded size, so that a walk of an hour holds nobody up. Links cut
off at the end leave a chain that is whole: only a head that was kept elsewhere can show that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, func, select

from review_api.audit_chain import START, Head, link
from review_api.records import AuditEntry, AuditLink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    _Links = Sequence[tuple[AuditLink, AuditEntry | None]]

BATCH: Final = 2000


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk found. `head` is the last link that is whole; `wrong` says what follows it."""

    head: Head
    unsealed: int
    wrong: str | None

    @property
    def whole(self) -> bool:
        """Whether nothing was found wrong."""
        return self.wrong is None


def check_chain(
    sessions: sessionmaker[Session],
    kept: str | None = None,
    *,
    batch: int = BATCH,
    advance: Callable[[int], None] = lambda _links: None,
) -> ChainReport:
    """Walk the whole chain; `kept` is a head that was noted elsewhere and has to be in it.

    `advance` is told how many links each batch held.
    """
    head, wrong, found = Head(), None, kept is None or kept == START
    while wrong is None:
        with sessions.begin() as session:
            links = _after(session, head.n, batch)
            before = head
            head, wrong = _follow(links, head)
        found = found or any(stored.hash == kept for stored, _ in links)
        advance(head.n - before.n)
        if len(links) < batch:
            break
    if wrong is None and not found:
        wrong = f"the kept head {kept} is not in the chain: it was cut off or written anew"
    return ChainReport(head, _unsealed(sessions, batch), wrong)


def _after(session: Session, n: int, batch: int) -> _Links:
    found = select(AuditLink, AuditEntry).outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
    rows = session.execute(found.where(AuditLink.n > n).order_by(AuditLink.n).limit(batch))
    return [(row[0], row[1]) for row in rows]


def _follow(links: _Links, head: Head) -> tuple[Head, str | None]:
    for stored, entry in links:
        if stored.n != head.n + 1:
            return head, f"link {head.n + 1} is missing: link {stored.n} follows {head.n}"
        if entry is None:
            return head, f"entry {stored.entry_id} is missing: link {stored.n} names it"
        if link(head.hash, entry) != stored.hash:
            return head, (
                f"entry {entry.id} ({entry.at:%Y-%m-%d %H:%M:%S} UTC) was altered or moved: "
                f"its link {stored.n} has another hash"
            )
        head = Head(stored.n, stored.hash)
    return head, None


def _unsealed(sessions: sessionmaker[Session], batch: int) -> int:
    sealed = exists().where(AuditLink.entry_id == AuditEntry.id)
    waiting, last, many = 0, 0, batch
    while many == batch:
        with sessions.begin() as session:
            window = (
                select(AuditEntry.id, sealed.label("sealed"))
                .where(AuditEntry.id > last)
                .order_by(AuditEntry.id)
                .limit(batch)
                .subquery()
            )
            many, newest, linked = session.execute(
                select(func.count(), func.max(window.c.id), func.count().filter(window.c.sealed))
            ).one()
        waiting, last = waiting + many - linked, newest
    return waiting
