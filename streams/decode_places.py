"""Where the rows of a table stand in the log, kept so that a dead letter can name its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from streams.dead_letters import MAX_PAYLOAD_BYTES, DeadLetter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from streams.decode_faults import Fault
    from streams.raw import Partition


@dataclass(frozen=True, slots=True)
class Places:
    """The offset of each row's record, and the row's place within its record."""

    partition: Partition
    offsets: NDArray[np.int64]
    index: NDArray[np.int32]

    @staticmethod
    def of_records(partition: Partition, offsets: NDArray[np.int64]) -> Places:
        """Places of records that hold one event each."""
        return Places(partition, offsets, np.zeros(len(offsets), np.int32))

    def part(self, rows: slice | NDArray[Any] | list[int]) -> Places:
        """Only the places of `rows`."""
        return Places(self.partition, self.offsets[rows], self.index[rows])

    def within(self, records: Sequence[int], tables: Sequence[pa.Table]) -> Places:
        """Places of the rows of `tables`, each the whole of one of the `records`."""
        counts = [len(table) for table in tables]
        return Places(
            self.partition,
            np.repeat(self.offsets[list(records)], counts),
            np.concatenate([np.arange(count, dtype=np.int32) for count in counts]),
        )

    def letter(self, row: int, fault: Fault, payload: bytes) -> DeadLetter:
        """Write the dead letter of a row."""
        return DeadLetter(
            topic=self.partition.topic,
            partition=self.partition.number,
            offset=int(self.offsets[row]),
            index=int(self.index[row]),
            reason=fault.reason,
            field=fault.field,
            sentence=fault.sentence,
            payload=payload[:MAX_PAYLOAD_BYTES],
            size=len(payload),
        )
