"""What accounts did, for the tests of the case page: events into the database in one call."""

from __future__ import annotations

from datetime import timedelta

from review_api.activity_intake import note_activity
from review_api.addresses import AddressSeal
from streams.hashing import DEFAULT_KEY
from streams.named import read_named
from tests.streams.samples import batch, record
from tests.verdicts import MONDAY

SEAL = AddressSeal(b"a secret of the tests")


def did(account="acc_1", at=MONDAY, **more):
    """Write one event; its id tells it from others of another time or type."""
    said = {"account_id": account, "occurred_at": at.isoformat(), **more}
    name = f"{account} {said['occurred_at']} {said.get('type', '')}"
    return record(**{"event_id": name} | said)


def every(seconds, count, *, end=MONDAY, **more):
    """Write events that came one after the other, the last at `end`."""
    apart = timedelta(seconds=seconds)
    return [did(at=end - apart * number, **more) for number in reversed(range(count))]


def note(database, *records, seal=SEAL):
    """Keep events as the worker would; give how many were kept."""
    kept = 0
    with database.writers.begin() as session:
        for named in read_named(batch(list(records)), DEFAULT_KEY):
            kept += note_activity(session, named, seal)
    return kept
