"""May this job run: which mode, which queue, how fast, and if not, why not.

A pure decision over one account's standing. A pause, a speed hold or load can only ever touch a
quota job: what decides a credit job never looks at them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from access.costs import Job, cost_of
from access.ledger import admission_id
from access.quota import left
from access.sentences import retry_at, sentence_of
from access.sharing import Turn, turn_of
from access.vocabulary import DenialReason, Entitlement, JobMode, Queue, Wish

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from access.credits import Draw
    from access.load import Load
    from access.plans import Catalogue
    from access.standings import Standing

QUEUE_OF: Final = {JobMode.QUOTA: Queue.BASIC, JobMode.CREDITS: Queue.PRIORITY}


@dataclass(frozen=True, slots=True)
class Ask:
    """One job that the platform asks about. `units` is its own price, None to let us compute it."""

    account_id: str
    job_id: str
    job: Job
    wish: Wish | None = None
    units: Decimal | None = None

    @property
    def admission_id(self) -> str:
        """The id under which the job is known once it is admitted."""
        return admission_id(self.account_id, self.job_id)

    def costs(self, catalogue: Catalogue, mode: JobMode) -> Decimal:
        """Give what the job costs in `mode`; errors of the catalogue go through."""
        if self.units is None:
            return cost_of(catalogue, self.job, mode)
        catalogue.model(self.job.model)
        return self.units


@dataclass(frozen=True, slots=True)
class Denied:
    """The job may not run as asked. `retry_at` is when it might, if time alone helps."""

    reason: DenialReason
    sentence: str
    still_works: tuple[Entitlement, ...]
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The job may run. `draws` are the credits it takes, none of a quota job."""

    mode: JobMode
    queue: Queue
    units: Decimal
    speed: float
    concurrency: int
    turn: float | None = None
    draws: tuple[Draw, ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """What is the same for every account at one moment."""

    catalogue: Catalogue
    load: Load
    now: datetime


def decide(ask: Ask, standing: Standing, house: House) -> Admitted | Denied:
    """Decide one job. Raises what the catalogue says of a model or a cost it does not know."""
    wish = ask.wish or (Wish.QUOTA if standing.quota_on else Wish.CREDITS)
    if wish is Wish.CREDITS:
        return _on_credits(ask, standing, house)
    answer = _on_quota(ask, standing, house)
    if wish is Wish.EITHER and isinstance(answer, Denied):
        return _or_on_credits(answer, _on_credits(ask, standing, house))
    return answer


def _or_on_credits(denied: Denied, answer: Admitted | Denied) -> Admitted | Denied:
    """Give the answer on credits; of two denials, what neither stops and when the quota is back."""
    if isinstance(answer, Admitted):
        return answer
    works = tuple(each for each in answer.still_works if each in denied.still_works)
    return replace(answer, still_works=works, retry_at=denied.retry_at)


def _on_quota(ask: Ask, standing: Standing, house: House) -> Admitted | Denied:
    plan = standing.subscription.plan
    units = ask.costs(house.catalogue, JobMode.QUOTA)
    concurrency = house.load.jobs_of(plan.concurrency)
    running = [job for job in standing.open_jobs if job.mode is JobMode.QUOTA]
    reason = _why_no_quota(ask, standing, house, units)
    if reason is None and len(running) >= concurrency:
        reason = DenialReason.TOO_MANY_JOBS
    if reason is not None:
        return _denied(reason, standing, house)
    open_turns = [Turn(job.turn, float(job.units)) for job in running if job.turn is not None]
    return Admitted(
        mode=JobMode.QUOTA,
        queue=QUEUE_OF[JobMode.QUOTA],
        units=units,
        speed=house.load.speed_of(standing.ramp.factor),
        concurrency=concurrency,
        turn=turn_of(house.now.timestamp(), open_turns, plan.weight),
    )


def _why_no_quota(
    ask: Ask, standing: Standing, house: House, units: Decimal
) -> DenialReason | None:
    if not standing.quota_on:
        return DenialReason.QUOTA_MODE_OFF
    if standing.pause is not None and house.now < standing.pause.until:
        return DenialReason.QUOTA_PAUSED
    pool = standing.subscription.plan.pool_of(ask.job.model)
    if pool is None:
        return DenialReason.QUOTA_NOT_IN_PLAN
    if left(pool, standing.usage, standing.make_good) < units:
        return DenialReason.QUOTA_USED_UP
    return None


def _on_credits(ask: Ask, standing: Standing, house: House) -> Admitted | Denied:
    units = ask.costs(house.catalogue, JobMode.CREDITS)
    most = standing.subscription.plan.credit_concurrency
    if sum(job.mode is JobMode.CREDITS for job in standing.open_jobs) >= most:
        return _denied(DenialReason.TOO_MANY_JOBS, standing, house)
    draws = standing.purse.spend(units, house.now)
    if draws is None:
        return _denied(DenialReason.CREDITS_SHORT, standing, house)
    return Admitted(
        mode=JobMode.CREDITS,
        queue=QUEUE_OF[JobMode.CREDITS],
        units=units,
        speed=house.catalogue.full_speed,
        concurrency=most,
        draws=draws,
    )


def _denied(reason: DenialReason, standing: Standing, house: House) -> Denied:
    sentence = sentence_of(reason, standing, house)
    return Denied(
        reason, sentence, _still_works(reason, standing), retry_at(reason, standing, house)
    )


def _still_works(reason: DenialReason, standing: Standing) -> tuple[Entitlement, ...]:
    quota = standing.quota_on and standing.pause is None and bool(standing.subscription.plan.pools)
    stopped = {
        DenialReason.CREDITS_SHORT: Entitlement.CREDITS,
        DenialReason.QUOTA_USED_UP: Entitlement.MONTHLY_QUOTA,
    }.get(reason)
    works = tuple(Entitlement) if quota else (Entitlement.CREDITS,)
    return tuple(each for each in works if each is not stopped)
