"""Measures the first pass of a night: an archive on disk to a census, with all processes."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.census import census
from fairuse.bench.figures import Figure
from fairuse.retrain.logs import ArchiveLog
from streams.archive import ArchiveWriter
from streams.encode import encode_table
from streams.raw import Encoding, Partition, RawBatch
from streams.simulator import simulate

if TYPE_CHECKING:
    from streams.clock import Clock

PARTITIONS: Final = 2
ACCOUNTS: Final = 600
DAYS: Final = 14.0


def bench_replay(clock: Clock) -> list[Figure]:
    """Replay an archive through the kernels once more, when the processes know them already."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(PARTITIONS):
            _write(folder, number)
        with ArchiveLog(folder) as log:
            census(log)  # starts the processes, which load the kernels
            began = clock.monotonic()
            counted = census(log)
            seconds = clock.monotonic() - began
    note = f"{counted.events:,} events from Parquet to a census, {os.cpu_count()} cores"
    return [Figure("replay", counted.events / seconds, "events/s", note)]


def _write(folder: Path, number: int) -> None:
    writer, offset, day = ArchiveWriter(folder), 0, date(2026, 1, 1)
    for table in simulate(ACCOUNTS, DAYS, 5 + number).tables():
        values = encode_table(table)
        count = len(values)
        encodings = np.full(count, Encoding.JSON, dtype=np.uint8)
        batch = RawBatch(
            Partition("bench", number), offset + np.arange(count), values, encodings,
            offset + count, [None] * count,
        )  # fmt: skip
        writer.add(batch)
        offset += count
    writer.flush(day)
