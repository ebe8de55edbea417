"""Waiting until a transaction waits for another: what makes a race happen on purpose."""

from __future__ import annotations

import threading

from sqlalchemy import text

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def until_one_waits(database):
    """Return once a transaction of this database waits; on SQLite it cannot even begin."""
    if database.engine.dialect.name != "postgresql":
        return
    for _ in range(300):
        with database.readers.begin() as session:
            if session.scalar(_WAITING):
                return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")
