"""The kernel's own source on plain Python objects in a dict: the same features, uncompiled.

Run as a program with `NUMBA_DISABLE_JIT=1`, where the decorators leave the functions as they are;
prints events a second. Small tables are lists, as one would write it by hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fairuse.bench.figures import Figure, batches
from streams.clock import SystemClock

if TYPE_CHECKING:
    from streams.columns import EventBatch

EVENTS: Final = 60_000
ACCOUNTS: Final = EVENTS // 4
MINUTES: Final = 10


def bench_uncompiled() -> list[Figure]:
    """Measure in a process of its own: whether Numba compiles is settled when it is imported."""
    done = subprocess.run(
        [sys.executable, "-m", "fairuse.bench.uncompiled"],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        check=True,
        capture_output=True,
        text=True,
        timeout=60 * MINUTES,
    )
    note = f"the kernel's features, {ACCOUNTS:,} accounts, {EVENTS:,} events, one core"
    return [Figure("dict of objects", float(done.stdout), "events/s", note)]


class Cells(list[Any]):
    """A list that can be filled whole, as an array can."""

    def __setitem__(self, place: Any, value: Any) -> None:
        if isinstance(place, slice):
            value = [value] * len(self)
        super().__setitem__(place, value)


def fresh(layout: np.dtype[Any]) -> SimpleNamespace:
    """Give an account nothing is known of."""
    row = SimpleNamespace()
    for name in layout.names or ():
        shape = layout[name].shape
        zero: Any = 0.0 if layout[name].base.kind == "f" else 0
        if len(shape) > 1:
            zero = np.zeros(shape, layout[name].base)
        elif shape:
            zero = Cells([zero] * shape[0])
        setattr(row, name, zero)
    return row


def events_of(batch: EventBatch) -> list[SimpleNamespace]:
    """Give the events as plain objects."""
    names = batch.events.dtype.names or ()
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in batch.events.tolist()]


def measure() -> float:
    """Learn and read as the kernel does; give events a second."""
    from features import account, kernel, platform  # noqa: PLC0415 - only here may it come uncompiled
    from features.layout import STATE, WIDTH  # noqa: PLC0415

    clock = SystemClock()
    state: dict[int, SimpleNamespace] = {}
    whole = fresh(platform.STATE)
    seen: set[int] = set()
    out = np.empty(WIDTH)
    work = [event for batch in batches(ACCOUNTS, EVENTS, seed=2) for event in events_of(batch)]
    began = clock.monotonic()
    for event in work:
        row = state.get(event.account)
        if row is None:
            row = state[event.account] = fresh(STATE)
        if event.event in seen:
            continue
        seen.add(event.event)
        account.learn(row, event)
        kernel.observe(whole, event)
        if kernel.due(row):
            kernel.read(row, whole, out)
            row.unscored, row.scored_t = 0, row.last_t
    return len(work) / (clock.monotonic() - began)


if __name__ == "__main__":
    np.seterr(all="ignore")
    sys.stdout.write(f"{measure():.1f}\n")
