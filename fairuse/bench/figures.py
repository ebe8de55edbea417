"""A measured figure, and synthetic events to measure with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from streams.columns import EventBatch, empty_events
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 8192
SECOND: Final = 1_000_000
START: Final = 1_772_409_600 * SECOND


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit and what was done to get it."""

    name: str
    value: float
    unit: str
    note: str

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def batches(accounts: int, events: int, seed: int, *, each: bool = False) -> Iterator[EventBatch]:
    """Give synthetic requests and views of random accounts, or of `each` account in turn."""
    chance = np.random.default_rng(seed)
    for start in range(0, events, BATCH):
        count = min(BATCH, events - start)
        who = np.arange(start, start + count) if each else chance.integers(0, accounts, count)
        rows = empty_events(count)
        rows["t"] = START + (seed * events + np.arange(start, start + count)) * 50_000
        rows["event"] = chance.integers(1, 2**63, count, dtype=np.uint64)
        rows["account"] = who.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
        rows["device"] = rows["account"] ^ chance.integers(1, 3, count, dtype=np.uint64)
        rows["block"] = rows["account"] ^ chance.integers(1, 4, count, dtype=np.uint64)
        rows["sketch"] = chance.integers(1, 2**63, count, dtype=np.uint64)
        rows["units"] = 1.0
        rows["mode"] = 1
        kinds = (EventType.GENERATION_REQUESTED, EventType.RESULT_VIEWED, EventType.UI_INTERACTION)
        rows["type"] = chance.choice([int(kind) for kind in kinds], count, p=(0.5, 0.3, 0.2))
        names = np.array([f"acc_{number}" for number in who], dtype=object)
        yield EventBatch(rows, names)
