"""How much a plan makes in a month: the estimate that the pricing page states.

Each figure supposes that everything goes into one model, at its default resolution and without a
feature. A video or a lip-sync is 4 seconds long; an agent is counted in steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from access.plans import Catalogue, Model, Plan
    from access.vocabulary import Media


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many of one model's images, videos or steps a plan makes in a month.

    `by_quota` is None where the plan has no quota for the model.
    """

    model: Model
    by_credits: int
    by_quota: int | None

    @property
    def together(self) -> int:
        """With the quota and with the credits."""
        return self.by_credits + (self.by_quota or 0)


def capacity_of(catalogue: Catalogue, plan: Plan) -> tuple[Capacity, ...]:
    """Estimate the plan's month for every model, in the catalogue's order."""
    return tuple(_capacity(plan, model) for model in catalogue.models.values())


def at_most(capacities: Iterable[Capacity]) -> dict[Media, int]:
    """Give the most a plan makes of each medium in a month: the figures that it is sold by."""
    most: dict[Media, int] = {}
    for each in capacities:
        most[each.model.media] = max(each.together, most.get(each.model.media, 0))
    return most


def _capacity(plan: Plan, model: Model) -> Capacity:
    rate = model.rates[model.default_resolution]
    pool = plan.pool_of(model.name)
    return Capacity(
        model,
        by_credits=_whole(plan.credits, rate.credits),
        by_quota=_whole(pool.units, rate.quota) if pool else None,
    )


def _whole(amount: Decimal, each: Decimal) -> int:
    return int(amount // each)
