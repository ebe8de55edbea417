"""The progressive speed boost: how much faster an account's quota jobs run, and since when.

Speed grows with the time a subscription has stood, less the time it was held: by a cancellation
that was not yet taken back, by a speed hold, by a pause. A hold keeps the step that was reached
and never takes one; whatever a person restores counts as if it had never been held. Only the end
of the subscription, or a plan with a lower ladder, lowers the factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from access.periods import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from access.plans import Step

_NONE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Ramp:
    """How far the boost has grown.

    `factor` multiplies the speed of quota jobs, 1.0 is the plan's own. `grown` is the time that
    counts. `next_step_at` is when the next step is reached if nothing else holds and the
    subscription stays; None at the top of the ladder and without a subscription.
    """

    factor: float
    grown: timedelta
    next_step_at: datetime | None
    held: bool


def ramp(
    ladder: tuple[Step, ...], since: datetime | None, held: Iterable[Interval], now: datetime
) -> Ramp:
    """Say how fast the account's quota jobs run at `now`.

    `ladder` rises and begins at 0 days; a day is 24 hours. `since` is when the subscription that
    stands began, None if there is none; `held` are the spans that hold, in any order, which may
    overlap, lie before `since` or end after `now`.
    """
    if since is None:
        return Ramp(ladder[0].factor, _NONE, None, held=False)
    spans = _union(held, since)
    stood = sum((min(span.until, now) - span.since for span in spans if span.since < now), _NONE)
    grown = max(now - since - stood, _NONE)
    # A part of a day is no day: timedelta keeps whole days apart and rounds down.
    reached = sum(step.after_days <= grown.days for step in ladder)
    wait = timedelta(ladder[reached].after_days) - grown if reached < len(ladder) else None
    return Ramp(
        factor=ladder[reached - 1].factor,
        grown=grown,
        next_step_at=None if wait is None else _after(max(now, since), wait, spans),
        held=any(span.since <= now < span.until for span in spans),
    )


def _union(spans: Iterable[Interval], since: datetime) -> list[Interval]:
    """Cut off what lies before `since` or is covered already; disjoint and in order."""
    union: list[Interval] = []
    covered = since
    for span in sorted(spans, key=lambda span: span.since):
        start = max(span.since, covered)
        if start < span.until:
            union.append(Interval(start, span.until))
            covered = span.until
    return union


def _after(now: datetime, wait: timedelta, spans: Sequence[Interval]) -> datetime:
    """Give the moment at which `wait` will have passed outside the spans."""
    at = now + wait
    for span in spans:
        if now < span.until and span.since < at:
            at += span.until - max(span.since, now)
    return at
