"""Accounts as rows: the lock under which everything about one account's access changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from access.among import among
from access.database import rows_of
from access.models import Account

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


LOCK_NOT_AVAILABLE: Final = "55P03"


def lock_account(session: Session, account_id: str, now: datetime) -> Account:
    """Give the account's row, new if never seen, locked until this transaction ends.

    Whoever changes a case or a lease takes this lock first, so two of them on one account
    happen one after the other. On SQLite the whole database is already ours to write.
    """
    _make(session, [account_id], now)
    wanted = select(Account).where(Account.id == account_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def lock_free_accounts(
    session: Session, account_ids: Collection[str], now: datetime
) -> frozenset[str]:
    """Lock the accounts that nobody else holds, new ones included; give which those are.

    Nobody is waited for, so whoever locks a batch of accounts holds none up and deadlocks with
    none. What is held by others is left out: the caller comes back for it.
    """
    free = _lock_free(session, account_ids)
    if missing := set(account_ids) - free:
        unheard = missing - set(rows_of(session, _KNOWN, {"accounts": missing}).scalars())
        if unheard:
            _make_unheld(session, sorted(unheard), now)
            free |= _lock_free(session, unheard)
    return frozenset(free)


def _lock_free(session: Session, account_ids: Collection[str]) -> set[str]:
    return set(rows_of(session, _FREE, {"accounts": account_ids}).scalars())


def _make(session: Session, account_ids: Sequence[str], now: datetime) -> None:
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    rows = [{"id": each, "plan": None, "first_seen": now} for each in account_ids]
    session.execute(insert(Account).on_conflict_do_nothing(), rows)


def _make_unheld(session: Session, account_ids: Sequence[str], now: datetime) -> None:
    """Make accounts, except those that somebody else is making and has not committed."""
    if not _is_postgres(session):
        _make(session, account_ids, now)
    elif not _made_at_once(session, account_ids, now):
        for each in account_ids:
            _made_at_once(session, [each], now)


def _made_at_once(session: Session, account_ids: Sequence[str], now: datetime) -> bool:
    # An insert has no SKIP LOCKED: it waits for whoever inserts the same, and we may hold what
    # that one waits for.
    try:
        with session.begin_nested():
            session.execute(_WAIT_A_MOMENT)
            _make(session, account_ids, now)
            session.execute(_WAIT_AS_USUAL)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


_KNOWN: Final = select(Account.id).where(among(Account.id, "accounts"))
_FREE: Final = _KNOWN.order_by(Account.id).with_for_update(skip_locked=True)
_WAIT_A_MOMENT: Final = text("SET LOCAL lock_timeout = '10ms'")
_WAIT_AS_USUAL: Final = text("SET LOCAL lock_timeout TO DEFAULT")
