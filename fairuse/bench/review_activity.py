"""Fills the review database with events of many accounts, as `fairuse activity` would in weeks.

The database makes the rows itself, a part at a time: half of them belong to one account in a
hundred, as on a real platform. Times go back from `now` for the days that events are kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from fairuse.progress import say
from review_api.activity_age import microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Engine

KEPT: Final = timedelta(days=35)
_PART: Final = 200_000
_BUSY: Final = 100
"""One account in so many does half of all."""

# Odd multipliers spread accounts and times without chance, so that a second run fills in the same.
_EVENTS: Final = """
INSERT INTO account_activity (account_id, t, event, session, device, network, type, client, media,
                              mode, units, model, feature)
SELECT 'acc_' || (CASE WHEN i % 2 = 0 THEN (i / 2 * 7919) % CAST(:busy AS bigint)
                  ELSE (i / 2 * 104729) % CAST(:accounts AS bigint) END),
       CAST(:until AS bigint) - i * 7368787 % CAST(:span AS bigint) * 1000,
       i, i / 40 % 50 + 1, i % 3 + 1, i / 400 % 6 + 1,
       CASE i % 10 WHEN 0 THEN 4 WHEN 1 THEN 5 WHEN 2 THEN 7 WHEN 3 THEN 8
                   WHEN 4 THEN 2 WHEN 5 THEN 2 WHEN 6 THEN 2 ELSE 1 END,
       1, 2, i % 4 / 3 + 1, 4, 'reel-3', NULL
FROM {series} WHERE true
ON CONFLICT DO NOTHING
"""
_NETWORKS: Final = """
INSERT INTO account_networks (account_id, network, kind, country, asn, zone, block, masked, sealed,
                              first_t, last_t)
SELECT 'acc_' || (i / 6), i % 6 + 1, i % 5 + 1, 17477, 64500 + i % 6, 1, i, '203.0.113.x', '',
       CAST(:until AS bigint) - CAST(:span AS bigint) * 1000, CAST(:until AS bigint)
FROM {series} WHERE true
ON CONFLICT DO NOTHING
"""
_SERIES: Final = {
    "postgresql": "generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS numbers(i)",
    "sqlite": (
        "(WITH RECURSIVE numbers(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM numbers "
        "WHERE i < :last) SELECT i FROM numbers)"
    ),
}


def fill_activity(engine: Engine, accounts: int, events: int, now: datetime) -> None:
    """Give accounts named `acc_0` and on so many events together, and six networks each."""
    say(f"filling in {events:,} events of {accounts:,} accounts ...")
    span = KEPT // timedelta(milliseconds=1)
    told = {"until": microseconds(now), "span": span}
    busy = {"accounts": accounts, "busy": max(accounts // _BUSY, 1)}
    _fill(engine, _NETWORKS, 6 * accounts, told)
    _fill(engine, _EVENTS, events, told | busy)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def _fill(engine: Engine, statement: str, rows: int, told: dict[str, int]) -> None:
    made = text(statement.format(series=_SERIES[engine.dialect.name]))
    for first in range(0, rows, _PART):
        last = min(first + _PART, rows) - 1
        with engine.begin() as connection:
            connection.execute(made, told | {"first": first, "last": last})
