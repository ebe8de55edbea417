"""What the API gives about a customer's plan, credits and quota, as a status page needs it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import PlainSerializer

from access.vocabulary import Entitlement, GrantKind, JobMode, Queue
from review_api.account_schemas import PauseOut
from review_api.schemas import Out

if TYPE_CHECKING:
    from access.overview import Overview, PoolUse
    from access.standings import Standing
    from access.switching import QuotaMode

Units = Annotated[Decimal, PlainSerializer(float, return_type=float)]


class QuotaModeOut(Out):
    """Whether the customer generates on the quota; `since` is null if nobody ever switched."""

    account_id: str
    on: bool
    since: datetime | None

    @classmethod
    def of(cls, account_id: str, mode: QuotaMode) -> Self:
        return cls(account_id=account_id, on=mode.on, since=mode.since)


class PlanOut(Out):
    """The plan, its present cycle, and what is known of its end.

    Without a subscription it is the default plan, not `active`, and the cycle is the month.
    """

    name: str
    title: str
    active: bool
    since: datetime | None
    cycle_start: datetime
    cycle_end: datetime
    ends_at: datetime | None
    next_plan: str | None


class GrantOut(Out):
    """Credits from one place; `until` null is never."""

    kind: GrantKind
    left: Units
    until: datetime | None


class CreditsOut(Out):
    """Credits that may be spent now, those that expire first at the top."""

    total: Units
    grants: list[GrantOut]


class PoolOut(Out):
    """A monthly quota that its models share; `allowance` holds what was `made_good`."""

    name: str
    models: list[str]
    allowance: Units
    made_good: Units
    used: Units
    left: Units
    refreshes_at: datetime

    @classmethod
    def of(cls, use: PoolUse) -> Self:
        return cls(
            name=use.pool.name,
            models=sorted(use.pool.models),
            allowance=use.allowance,
            made_good=use.made_good,
            used=use.used,
            left=use.left,
            refreshes_at=use.refreshes_at,
        )


class MadeGoodOut(Out):
    """For a pause of so many `seconds`, the `share` of a month's quota that is given on top."""

    month: str
    share: float
    seconds: float


class ConsumedOut(Out):
    """Quota that jobs of one model and feature took this month; `feature` null is none."""

    model: str
    feature: str | None
    units: Units
    jobs: int


class SpeedOut(Out):
    """The speed of quota jobs: `factor` by the ladder, `now` under the present load.

    `next_step_at` is when the ladder's next step is reached; `held` says that it waits.
    """

    factor: float
    now: float
    load_level: int
    next_step_at: datetime | None
    held: bool


class OpenJobOut(Out):
    """A job that was admitted and has not ended."""

    admission_id: str
    job_id: str
    model: str
    mode: JobMode
    queue: Queue
    units: Units
    at: datetime
    until: datetime


class StandingOut(Out):
    """Everything a customer may ask of their account at one moment."""

    account_id: str
    plan: PlanOut
    credits: CreditsOut
    month: str
    quota: list[PoolOut]
    made_good: list[MadeGoodOut]
    consumed: list[ConsumedOut]
    quota_mode: bool
    pause: PauseOut | None
    still_works: list[Entitlement]
    speed: SpeedOut
    open_jobs: list[OpenJobOut]

    @classmethod
    def of(cls, overview: Overview, now: datetime) -> Self:
        standing = overview.standing
        pause = standing.pause
        stopped = {pause.entitlement} if pause else set()
        return cls(
            account_id=standing.account_id,
            plan=_plan(standing),
            credits=_credits(standing, now),
            month=standing.usage.month,
            quota=[PoolOut.of(use) for use in overview.pools],
            made_good=[
                MadeGoodOut.model_validate(each, from_attributes=True)
                for each in overview.made_good
            ],
            consumed=[
                ConsumedOut.model_validate(each, from_attributes=True) for each in overview.consumed
            ],
            quota_mode=standing.quota_on,
            pause=PauseOut.model_validate(pause, from_attributes=True) if pause else None,
            still_works=[part for part in Entitlement if part not in stopped],
            speed=_speed(overview),
            open_jobs=[
                OpenJobOut(admission_id=job.id, **{name: getattr(job, name) for name in _OF_JOB})
                for job in standing.open_jobs
            ],
        )


_OF_JOB = tuple(name for name in OpenJobOut.model_fields if name != "admission_id")


def _plan(standing: Standing) -> PlanOut:
    subscription = standing.subscription
    return PlanOut(
        name=subscription.plan.name,
        title=subscription.plan.title,
        active=subscription.active,
        since=subscription.since,
        cycle_start=subscription.cycle.start,
        cycle_end=subscription.cycle.end,
        ends_at=subscription.ends_at,
        next_plan=subscription.next_plan.name if subscription.next_plan else None,
    )


def _credits(standing: Standing, now: datetime) -> CreditsOut:
    usable = sorted(
        (grant for grant in standing.purse.grants if grant.usable(now)), key=lambda each: each.turn
    )
    return CreditsOut(
        total=standing.purse.balance(now),
        grants=[GrantOut.model_validate(grant, from_attributes=True) for grant in usable],
    )


def _speed(overview: Overview) -> SpeedOut:
    ramp = overview.standing.ramp
    return SpeedOut(
        factor=ramp.factor,
        now=overview.load.speed_of(ramp.factor),
        load_level=overview.load.level,
        # While it stands cancelled the ramp holds to its very end: no step will come.
        next_step_at=None if overview.standing.subscription.ends_at else ramp.next_step_at,
        held=ramp.held,
    )
