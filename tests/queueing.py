"""Whether what the queue keeps is what follows from the cases."""

from __future__ import annotations

from sqlalchemy import inspect, select

from review_api.models import Case
from review_api.queue_entries import Worth, columns_of, newest_verdict, waits
from review_api.queue_records import QueueEntry


def columns(entry):
    return {each.key: getattr(entry, each.key) for each in inspect(QueueEntry).column_attrs}


def kept(database):
    """Give the queue as it is kept, by case."""
    with database.readers.begin() as session:
        return {each.case_id: columns(each) for each in session.scalars(select(QueueEntry))}


def derived(database):
    """Give the queue as it follows from the cases; plans and prices are taken over."""
    with database.readers.begin() as session:
        held = {each.case_id: each for each in session.scalars(select(QueueEntry))}
        found = {}
        for case in session.scalars(select(Case)):
            if waits(case):
                known = held.get(case.id)
                worth = Worth(known.plan, known.price) if known else Worth()
                verdict = newest_verdict(session, case.id)
                found[case.id] = columns_of(session, case, verdict, worth)
        return found
