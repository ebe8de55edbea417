"""A small archive of simulated traffic: two partitions, and a file a day in each."""

from __future__ import annotations

import os
import signal
import zlib
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from streams.archive import file_name
from streams.archive_rows import ARCHIVE
from streams.archive_write import write_file
from streams.encode import conform
from streams.raw import Partition
from streams.simulator import simulate

TOPIC = "usage-events"
PARTITIONS = (Partition(TOPIC, 0), Partition(TOPIC, 1))


def rows(table: pa.Table, partition: Partition, first: int) -> pa.Table:
    """Give events as rows of the archive, one a record from the offset `first` on."""
    count = len(table)
    columns = [
        table.column(field.name).combine_chunks().cast(field.type)
        if field.name in table.column_names
        else pa.nulls(count, field.type)
        for field in ARCHIVE
        if not field.name.startswith("_")
    ]
    columns.append(pa.array(np.full(count, partition.number, dtype=np.int32)))
    columns.append(pa.array(np.arange(first, first + count)))
    columns.append(pa.array(np.zeros(count, dtype=np.int32)))
    return pa.Table.from_arrays(columns, schema=ARCHIVE)


def write_archive(folder, accounts=40, days=3, seed=5):
    """Archive simulated traffic; gives each partition's next offset."""
    ends = dict.fromkeys(PARTITIONS, 0)
    for day, table in enumerate(map(conform, simulate(accounts, days, seed).tables())):
        names = table.column("account_id").to_pylist()
        homes = np.array([zlib.crc32(name.encode()) % len(PARTITIONS) for name in names])
        for partition, first in ends.items():
            mine = rows(table.filter(pa.array(homes == partition.number)), partition, first)
            if len(mine):
                ingest = date(2026, 1, 1) + timedelta(days=day)
                ends[partition] = first + len(mine)
                place = file_name(folder, ingest, partition, first, ends[partition] - 1)
                write_file(place, [mine])
    return ends


def counted(_partition, batches):
    """Count events; a task lives here, where another process finds it."""
    return sum(map(len, batches))


def ended(_partition, _batches):
    """End the process, as a kernel does that is short of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def wrong(_partition, batches):
    """Fail as a faulty task would."""
    return len(list(batches)) // 0
