"""What the API gives of the catalogue: plans with their estimated capacity, models, packs.

Amounts are JSON numbers; prices are in `currency`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from access.capacity import capacity_of
from access.costs import UNIT_SECONDS
from access.vocabulary import Media
from review_api.schemas import Out

if TYPE_CHECKING:
    from access.capacity import Capacity
    from access.plans import Catalogue, Model, Plan


class RateOut(Out):
    """What an image, a step, or each started unit of time costs at one resolution."""

    resolution: str
    credits: float
    quota: float


class ModelOut(Out):
    """A model; the first of its rates is the default."""

    model: str
    title: str
    media: Media
    rates: list[RateOut]

    @classmethod
    def of(cls, model: Model) -> Self:
        rates = [
            RateOut(resolution=name, credits=float(rate.credits), quota=float(rate.quota))
            for name, rate in model.rates.items()
        ]
        return cls(model=model.name, title=model.title, media=model.media, rates=rates)


class QuotaOut(Out):
    """A monthly quota that its models share."""

    pool: str
    units: float
    models: list[str]


class StepOut(Out):
    """From so many days of unbroken subscription on, quota jobs run so many times as fast."""

    after_days: int
    factor: float


class CapacityOut(Out):
    """How many images, videos of 4 seconds or steps a month makes, all spent on one model.

    `by_quota` is null where the plan has no quota for the model.
    """

    model: str
    by_credits: int
    by_quota: int | None

    @classmethod
    def of(cls, capacity: Capacity) -> Self:
        return cls(
            model=capacity.model.name, by_credits=capacity.by_credits, by_quota=capacity.by_quota
        )


class PlanOut(Out):
    """A plan; plans stand in the order of upgrades."""

    plan: str
    title: str
    price: float
    credits: float
    quota: list[QuotaOut]
    concurrency: int
    credit_concurrency: int
    speed: list[StepOut]
    capacity: list[CapacityOut]

    @classmethod
    def of(cls, plan: Plan, catalogue: Catalogue) -> Self:
        return cls(
            plan=plan.name,
            title=plan.title,
            price=float(plan.price),
            credits=float(plan.credits),
            quota=[
                QuotaOut(pool=pool.name, units=float(pool.units), models=sorted(pool.models))
                for pool in plan.pools
            ],
            concurrency=plan.concurrency,
            credit_concurrency=plan.credit_concurrency,
            speed=[StepOut(after_days=s.after_days, factor=s.factor) for s in plan.ladder],
            capacity=[CapacityOut.of(each) for each in capacity_of(catalogue, plan)],
        )


class FeatureOut(Out):
    """An official feature and what it makes of a job's cost."""

    feature: str
    factor: float


class PackOut(Out):
    """Credits that can be bought at any time."""

    pack: str
    credits: float
    price: float


class PlansOut(Out):
    """Everything offered, in one version of the catalogue."""

    version: int
    currency: str
    zone: str
    unit_seconds: int = UNIT_SECONDS
    default_plan: str
    plans: list[PlanOut]
    models: list[ModelOut]
    features: list[FeatureOut]
    packs: list[PackOut]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        return cls(
            version=catalogue.version,
            currency=catalogue.currency,
            zone=catalogue.zone.key,
            default_plan=catalogue.default_plan,
            plans=[PlanOut.of(plan, catalogue) for plan in catalogue.plans.values()],
            models=[ModelOut.of(model) for model in catalogue.models.values()],
            features=[
                FeatureOut(feature=name, factor=float(factor))
                for name, factor in catalogue.features.items()
            ],
            packs=[
                PackOut(pack=pack.name, credits=float(pack.credits), price=float(pack.price))
                for pack in catalogue.packs
            ],
        )
