"""The tables of a catalogue file, each with its fields and the bounds of each field.

What one table can say about itself is checked here; what tables say about each other is checked in
`access.catalogue`. A check raises `ValueError`, which msgspec turns into an error with its place.
"""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from access.units import MOST, PLACES
from access.vocabulary import Media

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]

MOST_FACTOR: Final = 100


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file: a field that is not listed is an error."""


class RateTable(_Table, frozen=True):
    credits: Decimal
    quota: Decimal

    def __post_init__(self) -> None:
        _above_zero("credits", self.credits)
        _above_zero("quota", self.quota)


class ModelTable(_Table, frozen=True):
    title: Title
    media: Media
    rates: dict[Name, Any]

    def __post_init__(self) -> None:
        if not self.rates:
            raise ValueError("rates name no resolution")


class PoolTable(_Table, frozen=True):
    name: Name
    units: Decimal
    models: list[Name]

    def __post_init__(self) -> None:
        _above_zero("units", self.units)
        if not self.models:
            raise ValueError("models is empty")


class StepTable(_Table, frozen=True):
    after_days: Annotated[int, msgspec.Meta(ge=0, le=100_000)]
    factor: float

    def __post_init__(self) -> None:
        _check_factor("factor", self.factor)


class PlanTable(_Table, frozen=True):
    title: Title
    price: Decimal
    credits: Decimal
    concurrency: Positive
    credit_concurrency: Positive
    weight: float
    ladder: list[StepTable]
    pools: list[PoolTable] = []

    def __post_init__(self) -> None:
        _not_negative("price", self.price)
        _not_negative("credits", self.credits)
        _check_factor("weight", self.weight)
        _check_ladder(self.ladder)


class PackTable(_Table, frozen=True):
    name: Name
    credits: Decimal
    price: Decimal

    def __post_init__(self) -> None:
        _above_zero("credits", self.credits)
        _not_negative("price", self.price)


class HeadTable(_Table, frozen=True):
    """What stands before the first table."""

    version: Positive
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    default_plan: Name
    zone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"zone names no time zone: {self.zone!r}") from None


def _check_ladder(steps: list[StepTable]) -> None:
    if not steps or steps[0].after_days != 0:
        raise ValueError("ladder must begin with a step after 0 days")
    for lower, higher in pairwise(steps):
        if higher.after_days <= lower.after_days:
            raise ValueError(f"ladder has its step after {higher.after_days} days out of order")
        if higher.factor < lower.factor:
            raise ValueError(f"ladder falls after {higher.after_days} days")


def _above_zero(field: str, amount: Decimal) -> None:
    _not_negative(field, amount)
    if amount == 0:
        raise ValueError(f"{field} must be above 0")


def _not_negative(field: str, amount: Decimal) -> None:
    if not amount.is_finite() or amount > MOST:
        raise ValueError(f"{field} is no amount: {amount}")
    if amount < 0:
        raise ValueError(f"{field} is negative: {amount}")
    if amount != amount.quantize(PLACES):
        raise ValueError(f"{field} has more than three decimals: {amount}")


def _check_factor(field: str, factor: float) -> None:
    if not (math.isfinite(factor) and 0 < factor <= MOST_FACTOR):
        raise ValueError(f"{field} must lie above 0 and up to {MOST_FACTOR}, not {factor:g}")
