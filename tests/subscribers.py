"""Subscriptions in a few words: a small catalogue, and records made from dates."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from access.plans import Catalogue, Plan, Pool, Step
from access.subscriptions import SubscriptionRecord, subscription_at
from access.units import units
from access.vocabulary import SubscriptionChange

CREDITS = {"free": 10, "basic": 100, "pro": 400, "ultimate": 1000}


def offers(zone="UTC", given=None):
    """Give a catalogue of four plans, in the order of upgrades."""
    plans = {
        name: _plan(name, rank, amount)
        for rank, (name, amount) in enumerate((given or CREDITS).items())
    }
    return Catalogue(
        version=1,
        currency="USD",
        zone=ZoneInfo(zone),
        default_plan="free",
        plans=plans,
        models={},
        features={},
        packs=(),
    )


def _plan(name, rank, given):
    pool = Pool("quota", units(50 * rank), frozenset({"reel"}))
    return Plan(
        name=name,
        title=name.title(),
        price=units(10 * rank),
        credits=units(given),
        pools=(pool,) if rank else (),
        concurrency=1 + rank,
        credit_concurrency=4,
        ladder=(Step(0, 1.0),),
        weight=1.0,
        rank=rank,
    )


def on(text):
    """Read a time such as `11-05` or `11-05 14:30`, in 2026 unless a year stands before it."""
    day, _, hour = text.partition(" ")
    day = day if day.count("-") == 2 else f"2026-{day}"
    return datetime.fromisoformat(f"{day}T{hour or '00:00'}").replace(tzinfo=UTC)


def said(kind, at, plan=None, end=None, event_id=None):
    """Make a record: said("started", "01-05", "basic")."""
    at = on(at) if isinstance(at, str) else at
    end = on(end) if isinstance(end, str) else end
    name = event_id or f"{kind}-{at.isoformat()}"
    return SubscriptionRecord(name, SubscriptionChange(kind), plan, at, end)


def held(records, now, catalogue=None):
    """Derive the subscription of the account `a` at a date."""
    now = on(now) if isinstance(now, str) else now
    return subscription_at("a", records, catalogue or offers(), now)


def credits_of(subscription):
    """Sum up what is due."""
    return sum(grant.units for grant in subscription.due)
