"""Measures the program's own parts: decoding, the kernel, scoring a file, snapshots."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fairuse.archived import score_files
from fairuse.bench.figures import BATCH, Figure, batches
from fairuse.settings import load_settings
from fairuse.simulating import write_traffic
from features.layout import STATE
from features.snapshots import Header, Snapshot, SnapshotStore
from features.state import FeatureState
from features.view import VIEW
from streams.decode import decode
from streams.encode import encode_table
from streams.raw import Encoding, Partition, RawBatch
from streams.simulator import simulate

if TYPE_CHECKING:
    from streams.clock import Clock

DECODED: Final = 200_000
UPDATED: Final = 2_000_000
RATE: Final = "events/s"


def bench_decode(clock: Clock) -> list[Figure]:
    """JSON records as they come from a log, to columns, on one core."""
    values: list[bytes] = []
    for table in simulate(400, 14, seed=5).tables():
        values += encode_table(table)
        if len(values) >= DECODED:
            break
    values = values[:DECODED]
    decode(_raw(values[:10_000]))  # compiles
    began = clock.monotonic()
    for start in range(0, len(values), 8192):
        decode(_raw(values[start : start + 8192]))
    rate = len(values) / (clock.monotonic() - began)
    return [Figure("decode", rate, RATE, f"{len(values):,} JSON records, one core")]


def bench_kernel(clock: Clock, accounts: int) -> list[Figure]:
    """Update all features of random accounts, every account known before."""
    state = _populated(accounts)
    work = list(batches(accounts, UPDATED, seed=2))
    began = clock.monotonic()
    for batch in work:
        state.update(batch)
    rate = UPDATED / (clock.monotonic() - began)
    note = f"{len(VIEW.names)} features, {accounts:,} accounts, {UPDATED:,} events, one core"
    return [
        Figure("kernel", rate, RATE, note),
        Figure("state", STATE.itemsize, "bytes/account", "one record"),
    ]


def bench_score(clock: Clock) -> list[Figure]:
    """Run `fairuse score` on an NDJSON file: reading, decoding, features, scores, CSV."""
    with tempfile.TemporaryDirectory() as folder:
        file, registry = Path(folder) / "events.ndjson", Path(folder) / "registry"
        write_traffic(1200, 14, 5, str(file), None)
        settings = load_settings(registry_dir=registry)
        out = Path(folder) / "verdicts.csv"
        small = Path(folder) / "small.ndjson"
        write_traffic(20, 1, 6, str(small), None)
        score_files(settings, [str(small)], out, None)  # compiles, and trains the first model
        began = clock.monotonic()
        facts = score_files(settings, [str(file)], out, None)
        seconds = clock.monotonic() - began
        events = facts["events"]
    if not isinstance(events, int):
        raise TypeError("the number of events is a whole number")
    note = f"{events:,} NDJSON events to a CSV, {os.cpu_count()} cores, file to file"
    return [Figure("score", events / seconds, RATE, note)]


def bench_snapshot(clock: Clock, accounts: int) -> list[Figure]:
    """Write a partition's whole state to disk and make it again."""
    state = _populated(accounts)
    header = Header(
        topic="bench", partition=0, next_offset=1, fingerprint=VIEW.fingerprint,
        model_version="", arrays={},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        store = SnapshotStore(folder)
        began = clock.monotonic()
        path = store.save(Snapshot(header, state.arrays()))
        saved = clock.monotonic()
        found = store.load("bench", 0, VIEW.fingerprint)
        if found is None:
            raise RuntimeError("the snapshot just written could not be read")
        restored = FeatureState.from_arrays(found.arrays)
        done = clock.monotonic()
        size = path.stat().st_size
    note = f"{restored.accounts:,} accounts, {size / 1e6:,.0f} MB on disk"
    return [
        Figure("snapshot", saved - began, "s", note),
        Figure("restore", done - saved, "s", note),
    ]


def _populated(accounts: int) -> FeatureState:
    # Room for one more batch: a state about to grow would copy all its rows in the first update.
    state = FeatureState(accounts + BATCH)
    for batch in batches(accounts, accounts, seed=1, each=True):
        state.update(batch)
    return state


def _raw(values: list[bytes]) -> RawBatch:
    count = len(values)
    return RawBatch(
        partition=Partition("bench", 0),
        offsets=np.arange(count),
        values=values,
        encodings=np.full(count, Encoding.JSON, dtype=np.uint8),
        next_offset=count,
        keys=[None] * count,
    )
