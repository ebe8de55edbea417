"""Plays events into the books in their own time, as if each were booked when it happened.

`fairuse book` does the same with events from the log and the machine's time.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from access.booking import Booked, book_all
from access.platform_events import read_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from access.plans import Catalogue

PLAYED_AT_ONCE: Final = 100


def play(
    sessions: sessionmaker[Session], rows: Sequence[Mapping[str, Any]], catalogue: Catalogue
) -> Counter[Booked]:
    """Book the events, some in a transaction; count what became of them. Raises what is refused."""
    counts: Counter[Booked] = Counter()
    for start in range(0, len(rows), PLAYED_AT_ONCE):
        events = [read_event(row) for row in rows[start : start + PLAYED_AT_ONCE]]
        with sessions.begin() as session:
            now = max(event.at for event in events)
            for outcome in book_all(session, events, catalogue, now):
                if not isinstance(outcome, Booked):
                    raise outcome
                counts[outcome] += 1
    return counts
