"""Accounts as rows: the lock under which everything about one account's access changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from access.models import Account

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def lock_account(session: Session, account_id: str, now: datetime) -> Account:
    """Give the account's row, new if never seen, locked until this transaction ends.

    Whoever changes a case or a lease takes this lock first, so two of them on one account
    happen one after the other. On SQLite the whole database is already ours to write.
    """
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    row = {"id": account_id, "plan": None, "first_seen": now}
    session.execute(insert(Account).values(row).on_conflict_do_nothing())
    wanted = select(Account).where(Account.id == account_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
