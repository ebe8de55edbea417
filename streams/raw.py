"""Raw buffers with their positions: what a source yields, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Encoding(IntEnum):
    """How a record is written, told by its `content-type` header."""

    JSON = 1  # application/json (the default) or application/cloudevents+json: one event
    ARROW = 2  # application/vnd.apache.arrow.stream: an Arrow IPC stream, a batch of events


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One ordered part of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Records of one partition in log order, undecoded."""

    partition: Partition
    offsets: NDArray[np.int64]  # one a record, ascending, gaps allowed
    values: list[bytes]  # one a record
    encodings: NDArray[np.uint8]  # `Encoding` of each record
    next_offset: int  # where reading goes on after this batch
    keys: list[bytes | None]

    def __len__(self) -> int:
        return len(self.values)
