"""What an account is subscribed to at a moment, derived from what the platform said of it.

Nothing is written when a subscription renews or a month begins: plan, cycle and the credits that
are due follow from the facts whenever somebody asks. `docs/subscriptions.md` states the rules;
`access.subscribing` keeps the facts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from access.periods import Cycle, Interval, month_of, month_span
from access.terms import Term
from access.vocabulary import GrantKind, SubscriptionChange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from decimal import Decimal

    from access.plans import Catalogue, Plan

__all__ = ["Cycle", "DueGrant", "Interval", "Subscription", "SubscriptionRecord", "subscription_at"]

# Of what is said of one moment, the end of something old comes first and a choice comes last, so
# that a subscription replaced within a moment is not taken for one that ended.
_ORDER: Final = {
    SubscriptionChange.CANCELLED: 0,
    SubscriptionChange.STARTED: 1,
    SubscriptionChange.RENEWED: 2,
    SubscriptionChange.CHANGED: 3,
}


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """What the platform said of a subscription. `at` is when it took effect."""

    event_id: str
    kind: SubscriptionChange
    plan: str | None
    at: datetime
    period_end: datetime | None


@dataclass(frozen=True, slots=True)
class DueGrant:
    """Credits that the present cycle gives, whether or not anybody has written them down.

    `id` is the same whenever it is derived. A cycle's or an upgrade's credits that are written
    down and no longer among the due ones have ended; when they end is said here, not there.
    """

    id: str
    kind: GrantKind
    units: Decimal
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """What holds at a moment, until `cycle.end` if nothing more is said.

    Without a subscription: the default plan, not active, the calendar month as its cycle.
    `ends_at` is set while it stands cancelled. `since` is when the unbroken subscription began and
    `cancelled_for` the spans in which it stood cancelled; the last may end after now.
    """

    plan: Plan
    active: bool
    cycle: Cycle
    ends_at: datetime | None
    next_plan: Plan | None
    since: datetime | None
    cancelled_for: tuple[Interval, ...]
    due: tuple[DueGrant, ...]


def subscription_at(
    account_id: str, records: Iterable[SubscriptionRecord], catalogue: Catalogue, now: datetime
) -> Subscription:
    """Derive what holds at `now`; records come in any order, each once.

    Raises `UnknownPlanError` if a record names a plan that the catalogue no longer holds.
    """
    term: Term | None = None
    for record in sorted(records, key=_order):
        if record.at > now:
            break
        if term is not None and term.over(record.at):
            term = None
        term = _apply(term, record, catalogue)
    if term is None or term.over(now):
        return _unsubscribed(account_id, catalogue, now)
    return _subscribed(account_id, term)


def _order(record: SubscriptionRecord) -> tuple[datetime, int, str]:
    return record.at, _ORDER[record.kind], record.event_id


def _apply(term: Term | None, record: SubscriptionRecord, catalogue: Catalogue) -> Term | None:
    """Let one record take effect on the term that stands when it does, if one stands."""
    plan = None if record.plan is None else catalogue.plan(record.plan)
    end = record.period_end
    kind = record.kind
    if plan is not None and plan.name == catalogue.default_plan:
        # The default plan is what one has without a subscription.
        kind = SubscriptionChange.CANCELLED
        plan = None
    if term is None:
        ends = kind is SubscriptionChange.CANCELLED
        if plan is None or (ends and (end is None or end <= record.at)):
            return None
        term = Term.begin(plan, record.at, end, catalogue.zone)
        if ends:
            term.cancel(record.at, end)
        return term
    if kind is SubscriptionChange.CANCELLED:
        term.cancel(record.at, end)
    elif kind is SubscriptionChange.CHANGED:
        term.change(plan or term.plan, record.at, end)
    else:
        term.renew(plan or term.plan, record.at, end)
    return term


def _subscribed(account_id: str, term: Term) -> Subscription:
    cycle = Cycle(term.start, term.end if term.ends_at is None else term.ends_at)
    grants = [(GrantKind.CYCLE, term.first_plan.name, term.first_plan.credits, term.start)]
    grants += [(GrantKind.UPGRADE, plan, units, at) for plan, units, at in term.upgrades]
    return Subscription(
        plan=term.plan,
        active=True,
        cycle=cycle,
        ends_at=term.ends_at,
        next_plan=None if term.ends_at else term.next_plan,
        since=term.since,
        cancelled_for=term.cancelled_for(),
        due=tuple(
            DueGrant(_grant_id(account_id, term.start, kind, plan), kind, units, at, cycle.end)
            for kind, plan, units, at in grants
            if units > 0
        ),
    )


def _unsubscribed(account_id: str, catalogue: Catalogue, now: datetime) -> Subscription:
    plan = catalogue.plan(catalogue.default_plan)
    month = month_span(month_of(now, catalogue.zone), catalogue.zone)
    name = _grant_id(account_id, month.since, GrantKind.CYCLE, plan.name)
    due = DueGrant(name, GrantKind.CYCLE, plan.credits, month.since, month.until)
    return Subscription(
        plan=plan,
        active=False,
        cycle=Cycle(month.since, month.until),
        ends_at=None,
        next_plan=None,
        since=None,
        cancelled_for=(),
        due=(due,) if plan.credits > 0 else (),
    )


def _grant_id(account_id: str, start: datetime, kind: GrantKind, plan: str) -> str:
    moment = start.astimezone(UTC).isoformat()
    name = f"grant\x1f{account_id}\x1f{moment}\x1f{kind.value}\x1f{plan}".encode()
    return hashlib.blake2b(name, digest_size=16).hexdigest()
