"""What the platform's events do to the books: subscriptions, packs, and jobs heard of afterwards.

Every effect is dated by its event and happens once, whatever comes twice. A job that we admitted is
ended by its events; one that ran without asking is charged when its request is heard of, as far as
there is anything to charge, and refunded if it failed. So the order of its news does not matter.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from access.accounts import lock_account
from access.after_jobs import ACTOR, charge, forestall
from access.books import CreditGrant
from access.credits import Grant
from access.ending import Ended, Ending, end_jobs
from access.errors import AccessError
from access.ledger import admission_id, jobs_by_id
from access.platform_events import COMPLETED, JOB_TYPES, PURCHASE, REQUESTED, SUBSCRIPTION
from access.refunds import refund
from access.rows import Rows
from access.subscribing import note_subscription
from access.subscriptions import SubscriptionRecord
from access.vocabulary import AdmissionEndKind, AdmissionOrigin, GrantKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.ledger import Job
    from access.plans import Catalogue
    from access.platform_events import PlatformEvent


class Booked(StrEnum):
    """What became of an event."""

    NOTED = "noted"  # what was said of a subscription is kept
    GRANTED = "granted"  # credits were bought
    CHARGED = "charged"  # a job that ran without asking is paid for
    SHORT = "short"  # as far as there was anything to pay it with; nothing goes below zero
    SETTLED = "settled"  # a job that we admitted has ended
    RELEASED = "released"  # it failed, and got back what was reserved
    REFUNDED = "refunded"  # it failed, and got back what it was charged
    KNOWN = "known"  # the books knew it already: nothing changed
    NOTHING = "nothing"  # it says nothing to the books


def book_all(
    session: Session, events: Sequence[PlatformEvent], catalogue: Catalogue, now: datetime
) -> list[Booked | AccessError]:
    """Book events in the order in which they happened; what became of each, or why it was refused.

    Locks every account first, in one order, so that two who book never wait for each other in a
    ring. A refused event changes nothing, and the others go on.
    """
    for account_id in sorted({event.account_id for event in events}):
        lock_account(session, account_id, now)
    outcomes: dict[int, Booked | AccessError] = {}
    for place in sorted(range(len(events)), key=lambda place: events[place].at):
        try:
            outcomes[place] = book(session, events[place], catalogue, now)
        except AccessError as error:
            outcomes[place] = error
    return [outcomes[place] for place in range(len(events))]


def book(session: Session, event: PlatformEvent, catalogue: Catalogue, now: datetime) -> Booked:
    """Book one event; the caller holds the account's lock.

    `now` is when it is written down. Raises `UnknownPlanError` before anything is written.
    """
    if event.type in SUBSCRIPTION:
        return _subscription(session, event, catalogue, now)
    if event.type == PURCHASE:
        return _purchase(session, event, catalogue)
    if event.job_id is None or event.type not in JOB_TYPES:
        return Booked.NOTHING
    name = admission_id(event.account_id, event.job_id)
    job = jobs_by_id(session, [name]).get(name)
    if event.type == REQUESTED:
        return Booked.KNOWN if job else _request(session, event, catalogue)
    if job is None:
        return _end_of_the_unknown(session, event, catalogue)
    return _end_of_the_known(session, event, job, catalogue)


def _subscription(
    session: Session, event: PlatformEvent, catalogue: Catalogue, now: datetime
) -> Booked:
    if event.plan is not None:
        catalogue.plan(event.plan)
    record = SubscriptionRecord(
        event.event_id, SUBSCRIPTION[event.type], event.plan, event.at, event.period_end
    )
    new = note_subscription(session, event.account_id, record, now)
    return Booked.NOTED if new else Booked.KNOWN


def _purchase(session: Session, event: PlatformEvent, catalogue: Catalogue) -> Booked:
    if not event.units:
        return Booked.NOTHING
    name = f"pack\x1f{event.account_id}\x1f{event.event_id}".encode()
    grant_id = hashlib.blake2b(name, digest_size=16).hexdigest()
    if session.scalar(select(exists().where(CreditGrant.id == grant_id))):
        return Booked.KNOWN
    rows = Rows()
    pack = Grant(grant_id, GrantKind.PACK, event.at, None, event.units, 0)
    rows.grant(event.account_id, pack, catalogue.version, event.at)
    rows.write(session)
    return Booked.GRANTED


def _request(session: Session, event: PlatformEvent, catalogue: Catalogue) -> Booked:
    if event.mode is None or event.model is None or event.units is None:
        return Booked.NOTHING
    charged = charge(session, event, catalogue)
    return Booked.CHARGED if charged == event.units else Booked.SHORT


def _end_of_the_unknown(session: Session, event: PlatformEvent, catalogue: Catalogue) -> Booked:
    if event.type == COMPLETED:
        return Booked.NOTHING
    forestall(session, event, catalogue)
    return Booked.RELEASED


def _end_of_the_known(
    session: Session, event: PlatformEvent, job: Job, catalogue: Catalogue
) -> Booked:
    done = event.type == COMPLETED
    if job.origin is AdmissionOrigin.ASKED:
        kind = AdmissionEndKind.SETTLED if done else AdmissionEndKind.RELEASED
        ending = Ending(job.id, kind, None, ACTOR)
        (ended,) = end_jobs(session, [ending], catalogue, event.at)
        if isinstance(ended, Ended) and not ended.repeated:
            return Booked.SETTLED if done else Booked.RELEASED
    # What was settled and is then said to have failed costs nothing after all.
    again = done or not refund(session, job, catalogue, event.at)
    return Booked.KNOWN if again else Booked.REFUNDED
