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


def at_once(*jobs, caught):
    """Run the jobs at the same moment, each in a thread; give what each returned or raised."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place, job):
        gate.wait(20)
        try:
            results[place] = job()
        except caught as problem:
            results[place] = problem

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
