"""One unbroken subscription as it runs through its cycles, from its start to its lapse.

The rules of `docs/subscriptions.md`, one method each. A term is walked forward through the records
of one account by `access.subscriptions` and thrown away; nothing here is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from access.periods import Interval, months_after, months_between

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from access.plans import Plan


@dataclass(slots=True)
class Term:
    """A subscription in its present cycle.

    The cycle lasts from `start` to `end`, which is `months` after `anchor`; it began with
    `first_plan`, and `upgrades` are what higher plans added since. `next_plan` and `next_end` are
    said of the cycle to come.
    """

    zone: ZoneInfo
    since: datetime
    first_plan: Plan
    plan: Plan
    anchor: datetime
    months: int
    start: datetime
    end: datetime
    next_plan: Plan | None = None
    next_end: datetime | None = None
    cancelled_at: datetime | None = None
    ends_at: datetime | None = None
    upgrades: list[tuple[str, Decimal, datetime]] = field(default_factory=list)
    stood_cancelled: list[Interval] = field(default_factory=list)

    @classmethod
    def begin(cls, plan: Plan, at: datetime, period_end: datetime | None, zone: ZoneInfo) -> Term:
        """Begin a subscription; its first cycle ends a month later, or at `period_end`."""
        at = at.astimezone(UTC)
        term = cls(zone, at, plan, plan, at, 1, at, months_after(at, 1, zone))
        term._end_at(period_end, at)
        return term

    def over(self, at: datetime) -> bool:
        """Walk forward to `at`; tells whether the subscription has lapsed by then."""
        if self.ends_at is not None:
            return self.ends_at <= at
        if self.end <= at:
            self._turn()
            if self.end <= at:
                self._skip(at)
        return False

    def cancel(self, at: datetime, period_end: datetime | None) -> None:
        """End with the present cycle, or at `period_end`; at once if that has passed."""
        if self.cancelled_at is None:
            self.cancelled_at = at
            self.ends_at = self.end
        if period_end is not None:
            self.ends_at = max(period_end, at).astimezone(UTC)

    def renew(self, plan: Plan, at: datetime, period_end: datetime | None) -> None:
        """Confirm the renewal that would come by itself, and take a cancellation back.

        In the later half of a cycle, a `period_end` beyond it is the end of the next one.
        """
        self._take_back(at)
        if period_end is not None and self.end < period_end and self.end - at < at - self.start:
            self.next_end = period_end
        else:
            self._end_at(period_end, at)
        if plan is not self.plan and plan is not self.next_plan:
            self._choose(plan, at)

    def change(self, plan: Plan, at: datetime, period_end: datetime | None) -> None:
        """Go to a higher plan at once, to a lower one with the next cycle; stay if it is this one.

        Whoever chooses a plan stays: a cancellation is taken back.
        """
        self._take_back(at)
        self._end_at(period_end, at)
        self._choose(plan, at)

    def cancelled_for(self) -> tuple[Interval, ...]:
        """Give the spans in which it stood cancelled, oldest first."""
        if self.cancelled_at is None or self.ends_at is None:
            return tuple(self.stood_cancelled)
        return (*self.stood_cancelled, Interval(self.cancelled_at, self.ends_at))

    def _choose(self, plan: Plan, at: datetime) -> None:
        if plan.rank < self.plan.rank:
            self.next_plan = plan
            return
        self.next_plan = None
        if plan.rank > self.plan.rank:
            self.plan = plan
            given = self.first_plan.credits + sum(units for _, units, _ in self.upgrades)
            if plan.credits > given:
                self.upgrades.append((plan.name, plan.credits - given, at))

    def _take_back(self, at: datetime) -> None:
        if self.cancelled_at is None:
            return
        if self.cancelled_at < at:
            self.stood_cancelled.append(Interval(self.cancelled_at, at))
        self.cancelled_at = self.ends_at = None
        # A later end than the cycle's was said with the cancellation: the cycles in between were.
        self.over(at)

    def _turn(self) -> None:
        """Begin the next cycle where this one ends."""
        self.start = self.end
        self.months += 1
        self.end = months_after(self.anchor, self.months, self.zone)
        self.plan = self.first_plan = self.next_plan or self.plan
        self.next_plan = None
        self.upgrades = []
        said, self.next_end = self.next_end, None
        self._end_at(said, self.start)

    def _skip(self, at: datetime) -> None:
        """Go to the cycle of `at`; nothing was said of those in between."""
        self.months = 1 + months_between(self.anchor, at, self.zone)
        self.start = months_after(self.anchor, self.months - 1, self.zone)
        self.end = months_after(self.anchor, self.months, self.zone)
        self.first_plan = self.plan
        self.upgrades = []

    def _end_at(self, period_end: datetime | None, at: datetime) -> None:
        """End the present cycle there, and count the next ones from there."""
        if period_end is None or period_end <= at or period_end == self.end:
            return
        self.end = self.anchor = period_end.astimezone(UTC)
        self.months = 0
