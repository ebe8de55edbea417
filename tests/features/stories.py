"""Small made-up logs: who did what when, written in a line or two, learnt by the real kernel."""

from __future__ import annotations

import numpy as np

from features.state import FeatureState
from features.view import VIEW
from streams.columns import EventBatch, empty_events
from streams.vocabulary import CLIENTS, MODES, NETWORKS, EventType

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = 20_510 * DAY  # 2026-02-26 would be a Thursday; any round day will do
QUOTA, CREDITS = MODES["quota"], MODES["credits"]
VPN, HOSTING = NETWORKS["vpn"], NETWORKS["hosting"]
API = CLIENTS["api"]


def seconds(*gaps, start=MONDAY):
    """Give times: `start`, then one after each gap in seconds."""
    return start + np.concatenate([[0], np.cumsum(np.asarray(gaps) * SECOND)]).astype(np.int64)


def events(t, kind=EventType.GENERATION_REQUESTED, **columns):
    """Rows of one kind at times `t`: requests on quota by account 1 unless told otherwise."""
    rows = empty_events(len(np.atleast_1d(t)))
    rows["t"], rows["type"], rows["account"] = t, kind, 1
    if kind is EventType.GENERATION_REQUESTED:
        rows["mode"] = QUOTA
    for name, value in columns.items():
        rows[name] = value
    return rows


def log(*parts, by_time=True):
    """Lay rows end to end as one batch: in order of time, each with its own id and offset."""
    rows = np.concatenate(parts)
    if by_time:
        rows = rows[np.argsort(rows["t"], kind="stable")]
    fresh = rows["event"] == 0
    above = max(int(rows["event"].max(initial=0)), 1 << 40) + 1
    rows["event"][fresh] = (above + np.arange(len(rows), dtype=np.uint64))[fresh]
    rows["offset"] = np.arange(len(rows))
    names = np.array([f"acc_{account}" for account in rows["account"]], dtype=object)
    return EventBatch(rows, names)


def learnt(batch, *, seen=1 << 12):
    """Give a fresh state that has learnt the batch."""
    state = FeatureState(capacity=16, seen=seen)
    state.update(batch)
    return state


def read(*parts, account=0):
    """Learn rows and give the numbers of the `account`-th account by name."""
    return named(learnt(log(*parts)).vectors()[account])


def named(vector):
    return dict(zip(VIEW.names, vector.tolist(), strict=True))


def busy_log(seed, *, accounts=6, count=600):
    """Make a log of everything at once: late, repeated, paid, official, failed, from the future."""
    rng = np.random.default_rng(seed)
    rows = empty_events(count)
    rows["account"] = rng.integers(1, accounts + 1, count)
    rows["t"] = MONDAY + np.cumsum(rng.choice([0, 1, 30, 700, 20_000], count)) * SECOND
    rows["t"] += rng.integers(0, SECOND, count) - np.where(rng.random(count) < 0.1, HOUR, 0)
    rows["t"][rng.random(count) < 0.004] += 400 * DAY
    rows["type"] = rng.choice([1, 1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 17, 18, 0], count)
    rows["mode"] = rng.choice([1, 1, 1, 2], count)
    rows["official"] = rng.random(count) < 0.1
    rows["units"] = rng.choice([np.nan, -1.0, 0.0, 2.0, 4.5], count)
    rows["sketch"] = rng.choice([0, 1, 3, 0xFFFF_FFFF_FFFF], count)
    rows["params"] = rng.integers(0, 3, count)
    rows["seed"] = rng.choice([-1, 5, 6, 7], count)
    rows["pointer"] = rng.integers(-1, 9, count)
    rows["event"] = rng.integers(1, count, count)  # about a third arrive again
    for name, limit in (("device", 12), ("block", 12), ("country", 7), ("model", 40), ("job", 30)):
        rows[name] = rng.integers(0, limit, count)
    rows["network"] = rng.integers(0, 7, count)
    rows["lat"], rows["lon"] = rng.uniform(-80, 80, count), rng.uniform(-180, 180, count)
    rows["client"], rows["system"] = rng.integers(0, 7, count), rng.integers(0, 6, count)
    rows["attested"] = rng.integers(-1, 2, count)
    rows["latency_ms"] = rng.integers(-1, 9000, count)
    rows["agent"], rows["declared"] = rng.integers(0, 3, count), rng.random(count) < 0.3
    return log(rows, by_time=False)
