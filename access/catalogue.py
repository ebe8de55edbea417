"""Reads the catalogue of plans, models and packs from its TOML file, and refuses one that is wrong.

The packaged `catalogue.toml` is used unless the operator names another. An error names the file,
the table and the field: a plan must never be sold under a price nobody wrote.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from access.catalogue_tables import (
    MOST_FACTOR,
    HeadTable,
    ModelTable,
    Name,
    PackTable,
    PlanTable,
    RateTable,
)
from access.errors import CatalogueError
from access.plans import Catalogue, Model, Pack, Plan, Pool, Rate, Step
from access.units import units

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "PACKAGED",
    "Catalogue",
    "Model",
    "Pack",
    "Plan",
    "Pool",
    "Rate",
    "Step",
    "load_catalogue",
    "read_catalogue",
]

PACKAGED: Final = Path(__file__).with_name("catalogue.toml")

T = TypeVar("T")
_TABLES: Final = ("features", "models", "plans", "packs")


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read the catalogue at `path`, or the packaged one; `CatalogueError` says what is wrong."""
    path = path or PACKAGED
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: the catalogue cannot be read: {error}") from error
    return read_catalogue(text, str(path))


def read_catalogue(text: str, where: str) -> Catalogue:
    """Read a catalogue; `where` names it in errors."""
    try:
        file = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CatalogueError(f"{where}: this is not TOML: {error}") from error
    try:
        return _assemble(file)
    except ValueError as fault:
        raise CatalogueError(f"{where}: {fault}") from fault


def _assemble(file: dict[str, Any]) -> Catalogue:
    head = _table({k: v for k, v in file.items() if k not in _TABLES}, HeadTable, "at the top")
    models = {name: _model(name, raw) for name, raw in _named(file, "models")}
    plans = [_plan(name, raw, rank) for rank, (name, raw) in enumerate(_named(file, "plans"))]
    catalogue = Catalogue(
        version=head.version,
        currency=head.currency,
        zone=ZoneInfo(head.zone),
        default_plan=head.default_plan,
        plans={plan.name: plan for plan in plans},
        models=models,
        features=_features(file.get("features", {})),
        packs=_packs(file.get("packs", [])),
    )
    for plan in plans:
        _check_pools(plan, catalogue)
    _check_default(catalogue)
    return catalogue


def _model(name: str, raw: object) -> Model:
    table = _table(raw, ModelTable, f"[models.{name}]")
    rates = {
        resolution: _table(rate, RateTable, f"[models.{name}.rates] {resolution}")
        for resolution, rate in table.rates.items()
    }
    return Model(
        name,
        table.title,
        table.media,
        {resolution: Rate(units(r.credits), units(r.quota)) for resolution, r in rates.items()},
    )


def _plan(name: str, raw: object, rank: int) -> Plan:
    table = _table(raw, PlanTable, f"[plans.{name}]")
    return Plan(
        name=name,
        title=table.title,
        price=table.price,
        credits=units(table.credits),
        pools=tuple(Pool(p.name, units(p.units), frozenset(p.models)) for p in table.pools),
        concurrency=table.concurrency,
        credit_concurrency=table.credit_concurrency,
        ladder=tuple(Step(step.after_days, step.factor) for step in table.ladder),
        weight=table.weight,
        rank=rank,
    )


def _features(raw: object) -> dict[str, Decimal]:
    named = _table(raw, dict[Name, Any], "[features]")
    factors = {name: _table(value, Decimal, f"[features] {name}") for name, value in named.items()}
    for name, factor in factors.items():
        if not (factor.is_finite() and 0 < factor <= MOST_FACTOR):
            raise ValueError(f"[features] {name} must lie above 0 and up to {MOST_FACTOR}")
    return factors


def _packs(raw: object) -> tuple[Pack, ...]:
    tables = _table(raw, list[PackTable], "[[packs]]")
    _refuse_twice((pack.name for pack in tables), "[[packs]] name")
    return tuple(Pack(pack.name, units(pack.credits), pack.price) for pack in tables)


def _check_pools(plan: Plan, catalogue: Catalogue) -> None:
    place = f"[[plans.{plan.name}.pools]]"
    _refuse_twice((pool.name for pool in plan.pools), f"{place} name")
    for pool in plan.pools:
        if unknown := sorted(pool.models - catalogue.models.keys()):
            raise ValueError(f"{place} models: {pool.name} lists {unknown[0]}, which is no model")
    # A job must know which quota it draws on.
    _refuse_twice((model for pool in plan.pools for model in pool.models), f"{place} models")


def _check_default(catalogue: Catalogue) -> None:
    name = catalogue.default_plan
    if name not in catalogue.plans:
        raise ValueError(f"at the top: default_plan is {name}, and there is no [plans.{name}]")
    if catalogue.plans[name].price:
        raise ValueError(f"[plans.{name}]: price must be 0: default_plan is for who pays nothing")


def _refuse_twice(names: Iterable[str], place: str) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"{place}: {name} is there {count} times")


def _named(file: dict[str, Any], kind: str) -> list[tuple[str, object]]:
    named = _table(file.get(kind, {}), dict[Name, Any], f"[{kind}]")
    if not named:
        raise ValueError(f"[{kind}] is missing or empty")
    return list(named.items())


def _table(raw: object, shape: type[T], place: str) -> T:
    """Give the table as a value, or raise `ValueError` naming place and field."""
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        raise ValueError(f"{place} {_said(str(error))}") from error


def _said(fault: str) -> str:
    """Say msgspec's "Expected `int`, got `str` - at `$.price`" with the field first."""
    problem, _, path = fault.partition(" - at `$")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", problem):
        problem = f"{missing[1]} is missing"
    place = path.rstrip("`").removeprefix(".")
    return f"{place}: {problem}" if place else problem
