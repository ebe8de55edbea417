"""The same events as a network delivers them: some late, some twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from streams.simulator.chance import generator, happens


def disorder(
    table: pa.Table, seed: int, duplicates: float = 0.02, lateness_s: float = 30.0
) -> pa.Table:
    """Shuffle events by up to `lateness_s` of lateness and let some arrive a second time.

    Every event arrives; a duplicate is an exact copy, itself late by its own chance.
    """
    rng = generator(seed, 2)
    count = table.num_rows
    twice = np.flatnonzero(happens(rng, count, duplicates))
    arriving = np.concatenate([np.arange(count), twice])
    happened = table.column("occurred_at").to_numpy().astype("datetime64[us]").astype(np.int64)
    late = (rng.random(len(arriving)) ** 3 * lateness_s * 1e6).astype(np.int64)
    return table.take(pa.array(arriving[np.argsort(happened[arriving] + late, kind="stable")]))
