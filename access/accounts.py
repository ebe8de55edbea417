"""Accounts as rows: the lock under which everything about one account's access changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from access.among import among
from access.database import rows_of
from access.models import Account

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


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
            _make(session, sorted(unheard), now)
            free |= _lock_free(session, unheard)
    return frozenset(free)


def _lock_free(session: Session, account_ids: Collection[str]) -> set[str]:
    return set(rows_of(session, _FREE, {"accounts": account_ids}).scalars())


def _make(session: Session, account_ids: Sequence[str], now: datetime) -> None:
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    rows = [{"id": each, "plan": None, "first_seen": now} for each in account_ids]
    session.execute(insert(Account).on_conflict_do_nothing(), rows)


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


_KNOWN: Final = select(Account.id).where(among(Account.id, "accounts"))
_FREE: Final = _KNOWN.order_by(Account.id).with_for_update(skip_locked=True)
