"""What is offered: models with their rates, plans with their quota and ladder, credit packs.

Values only, as the catalogue file gives them (`access.catalogue` reads and checks it). Amounts are
units with three decimals (`access.units`), prices are in the catalogue's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access.errors import UnknownModelError, UnknownPlanError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from access.vocabulary import Media


@dataclass(frozen=True, slots=True)
class Rate:
    """What an image, a step of an agent, or each started 4 seconds of video or lip-sync costs."""

    credits: Decimal
    quota: Decimal


@dataclass(frozen=True, slots=True)
class Model:
    """A generation model; its rates are by resolution, and the first is the default."""

    name: str
    title: str
    media: Media
    rates: Mapping[str, Rate]

    @property
    def default_resolution(self) -> str:
        """The resolution of a job that names none."""
        return next(iter(self.rates))


@dataclass(frozen=True, slots=True)
class Pool:
    """A monthly quota that its models share."""

    name: str
    units: Decimal
    models: frozenset[str]


@dataclass(frozen=True, slots=True)
class Step:
    """After so many days of unbroken subscription, quota jobs run so many times as fast."""

    after_days: int
    factor: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. `credits` are per billing cycle, pools per calendar month.

    `concurrency` and `credit_concurrency` are how many jobs may run at once on quota and on
    credits; `weight` is the account's share of the basic queue; a higher `rank` is an upgrade.
    """

    name: str
    title: str
    price: Decimal
    credits: Decimal
    pools: tuple[Pool, ...]
    concurrency: int
    credit_concurrency: int
    ladder: tuple[Step, ...]
    weight: float
    rank: int

    def pool_of(self, model: str) -> Pool | None:
        """Give the quota that jobs of this model draw on; None if the plan has none for it."""
        return next((pool for pool in self.pools if model in pool.models), None)


@dataclass(frozen=True, slots=True)
class Pack:
    """Credits that can be bought at any time; they outlive the billing cycle."""

    name: str
    credits: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything offered, in one version. Plans stand in the order of upgrades.

    `zone` is where months and billing days begin; `default_plan` is the plan of whoever has no
    subscription; `features` are cost factors of official features.
    """

    version: int
    currency: str
    zone: ZoneInfo
    default_plan: str
    plans: Mapping[str, Plan]
    models: Mapping[str, Model]
    features: Mapping[str, Decimal]
    packs: tuple[Pack, ...]

    @property
    def full_speed(self) -> float:
        """The speed of credit jobs: the highest step of any plan's ladder."""
        return max(step.factor for plan in self.plans.values() for step in plan.ladder)

    def plan(self, name: str) -> Plan:
        """Give the plan of this name, or raise `UnknownPlanError`."""
        found = self.plans.get(name)
        if found is None:
            raise UnknownPlanError(f"there is no plan {name!r}; there are {', '.join(self.plans)}")
        return found

    def model(self, name: str) -> Model:
        """Give the model of this name, or raise `UnknownModelError`."""
        found = self.models.get(name)
        if found is None:
            raise UnknownModelError(f"there is no model {name!r}; GET /v1/plans lists them")
        return found
