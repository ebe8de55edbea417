"""The credits of a statement: what came, what was spent and what expired, each at its moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from access.subscriptions import subscription_at
from access.units import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal

    from access.plans import Catalogue
    from access.statement import Books
    from access.subscriptions import DueGrant


class Lasting(NamedTuple):
    """Credits of no cycle: `bought`, or given back by a job; `until` None is never."""

    id: str
    bought: bool
    units: Decimal
    since: datetime
    until: datetime | None


class Movement(NamedTuple):
    """Units that a job took from a grant, below zero, or gave back to it."""

    grant_id: str
    units: Decimal
    at: datetime


class Flow(NamedTuple):
    """Credits that come or go at a moment."""

    at: datetime
    granted: Decimal = ZERO
    spent: Decimal = ZERO
    expired: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class CreditLine:
    """A month's credits: `spent` is less what was given back, `left` is at the month's end."""

    granted: Decimal = ZERO
    spent: Decimal = ZERO
    expired: Decimal = ZERO
    left: Decimal = ZERO

    def next_month(self, flows: Iterable[Flow]) -> CreditLine:
        """Give the line of the month that follows, in which these flows came and went."""
        granted = spent = expired = ZERO
        for flow in flows:
            granted += flow.granted
            spent += flow.spent
            expired += flow.expired
        return CreditLine(granted, spent, expired, self.left + granted - spent - expired)


def flows_of(books: Books, catalogue: Catalogue, since: datetime, now: datetime) -> list[Flow]:
    """Give everything that moved credits until `now`."""
    moved: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for movement in books.movements:
        moved[movement.grant_id] += movement.units
    flows = [Flow(move.at, spent=-move.units) for move in books.movements]
    for grant in books.lasting:
        # What comes back to a grant that had ended was spent less.
        came = {"granted": grant.units} if grant.bought else {"spent": -grant.units}
        flows.append(Flow(grant.since, **came))
        if grant.until is not None and grant.until <= now:
            flows.append(Flow(grant.until, expired=grant.units + moved[grant.id]))
    return [*flows, *_of_cycles(books, catalogue, since, now, moved)]


def _of_cycles(
    books: Books,
    catalogue: Catalogue,
    since: datetime,
    now: datetime,
    moved: Mapping[str, Decimal],
) -> Iterator[Flow]:
    """Walk through the cycles. A grant comes when it is first due, and what is left of it goes."""
    due: dict[str, DueGrant] = {}
    for at, grants in _walk(books, catalogue, since, now):
        for each in due.values():
            if each.id not in grants:
                yield Flow(at, expired=each.units + moved.get(each.id, ZERO))
        for each in grants.values():
            if each.id not in due:
                yield Flow(at, granted=each.units)
        due = grants


def _walk(
    books: Books, catalogue: Catalogue, since: datetime, now: datetime
) -> Iterator[tuple[datetime, dict[str, DueGrant]]]:
    """Give what is due at each moment at which it may change."""
    turns = sorted({record.at for record in books.records if since < record.at <= now})
    at = since
    while at <= now:
        held = subscription_at(books.account_id, books.records, catalogue, at)
        yield at, {grant.id: grant for grant in held.due}
        at = min([held.cycle.end, *(turn for turn in turns if turn > at)])
