"""A made-up platform of honest people, and logs of machines among them."""

from __future__ import annotations

import numpy as np

from streams.vocabulary import EventType
from tests.features.stories import DAY, HOUR, MINUTE, MONDAY, SECOND, events, log

LATENCY = 20 * SECOND


def person(account, *, acts=200, start=MONDAY, seed=None, **columns):
    """Rows of one person: visits of a few requests, nights off, results looked at."""
    rng = np.random.default_rng(account if seed is None else seed)
    gaps = rng.lognormal(4.3, 1.1, acts)
    pauses = rng.lognormal(10.0, 0.6, acts)
    t = start + np.cumsum(np.where(rng.random(acts) < 0.1, pauses, gaps) * SECOND).astype(np.int64)
    nights = (t % DAY < 7 * HOUR).cumsum() // 10  # some nights are slept through
    t += nights * 6 * HOUR
    device = account * 10 + (rng.random(acts) < rng.uniform(0, 0.2))
    given = {
        "account": account, "device": device, "block": device, "country": 300 + account % 5,
        "network": 1, "agent": 5, "units": rng.choice([1.0, 2.0, 4.0], acts),
        "model": rng.integers(1, 5, acts).astype(np.uint64) << np.uint64(17),
        "sketch": rng.integers(1, 2**62, acts // 2 + 1).astype(np.uint64).repeat(2)[:acts],
        "params": rng.integers(1, 4, acts), "seed": rng.integers(0, 2**31, acts),
    }  # fmt: skip
    asked = events(t, **(given | columns))
    looked = rng.random(acts) < rng.uniform(0.4, 0.9)
    extra = [
        events(t + LATENCY, EventType.GENERATION_COMPLETED, account=account),
        events(t[looked] + LATENCY + 3 * SECOND, EventType.RESULT_VIEWED, account=account),
        events(t + LATENCY + SECOND, EventType.UI_INTERACTION, account=account,
               pointer=rng.integers(1, 40, acts), keys=rng.integers(0, 60, acts)),
    ]  # fmt: skip
    return np.concatenate([asked, *extra])


def machine(account, *, every=60.0, acts=400, start=MONDAY, **columns):
    """Rows of a script: a request on the tick, nothing looked at, nothing touched."""
    t = start + (np.arange(acts) * every * SECOND).astype(np.int64)
    given = {"account": account, "device": account, "block": account, "units": 2.0, "network": 1}
    return events(t, **(given | columns))


def platform(accounts=60, *, first=1, **more):
    """Give the log of a platform of honest people."""
    return log(*(person(account, **more) for account in range(first, first + accounts)))


def pieces(batch, count, seed=0):
    """Cut a batch into `count` pieces at random places."""
    cuts = np.sort(np.random.default_rng(seed).integers(0, len(batch), count - 1)).tolist()
    edges = [0, *cuts, len(batch)]
    return [batch[a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]  # noqa: RUF007


__all__ = ["MINUTE", "machine", "person", "pieces", "platform"]
