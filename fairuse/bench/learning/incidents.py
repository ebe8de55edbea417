"""What goes wrong on a simulated platform: people who are not what they seem, and one who lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
from sqlalchemy import select

from review_api.queue_records import QueueEntry
from streams.simulator import START, Mix, simulate

if TYPE_CHECKING:
    from datetime import datetime

    from fairuse.bench.learning.reviewing import Reviewers
    from streams.simulator import Simulation

LIBRARY: Final = "python-requests/2.32.3"


def misnamed(accounts: int, days: float, seed: int, start: datetime = START) -> Simulation:
    """Give honest people whose official app, since its last release, names its HTTP library."""
    return simulate(accounts, days, seed, start=start, mix=Mix({"power_user": 1.0}))


def with_library(events: pa.Table, accounts: frozenset[str]) -> pa.Table:
    """Let the events of these accounts name a program as what sent them."""
    names = events.column("account_id").to_pylist()
    agents = events.column("user_agent").to_pylist()
    said = [LIBRARY if n in accounts else agent for n, agent in zip(names, agents, strict=True)]
    place = events.column_names.index("user_agent")
    return events.set_column(place, events.schema.field(place), pa.array(said, pa.string()))


def lie(reviewers: Reviewers, liar: str) -> list[str]:
    """Uphold every open case of an honest account; give the cases."""
    with reviewers.sessions.begin() as session:
        waiting = session.execute(select(QueueEntry.case_id, QueueEntry.account_id)).all()
    cases = [case_id for case_id, account in waiting if account not in reviewers.truth]
    for case_id in cases:
        reviewers.decide(case_id, abusive=True, reviewer=liar)
    return cases


def set_right(reviewers: Reviewers, cases: list[str], lead: str) -> None:
    """Restore what should never have been upheld."""
    for case_id in cases:
        reviewers.decide(case_id, abusive=False, reviewer=lead)
