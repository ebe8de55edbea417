"""The two protocols through which records enter and leave: `Source` and `Sink`.

Kafka, the embedded log and memory implement them and pass one contract suite; the docstrings here
are that contract. Nothing here knows what a record holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, runtime_checkable

import numpy as np

from streams.errors import StreamsError
from streams.raw import Encoding, Partition, RawBatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

MAX_RECORD_BYTES: Final = 1_000_000
"""Key, value and headers together; what Kafka accepts by default, less its own framing."""

POLL_LIMIT: Final = 8192

CONTENT_TYPE: Final = "content-type"
ARROW_STREAM: Final = "application/vnd.apache.arrow.stream"


class TransportError(StreamsError):
    """The transport failed. What was handled is what `Source.committed` says after reopening."""


class BadUrlError(TransportError):
    """A topic URL that cannot be read; the message shows the forms that can."""

    exit_status: ClassVar[int] = 2


class BrokerUnreachableError(TransportError):
    """Nobody answers at the named address within the time allowed."""


class FencedError(TransportError):
    """Another worker may own the partition now, and nothing was written.

    Drop the state, close source and sink, and start afresh.
    """


class TopicMissingError(TransportError):
    """The named topic does not exist; `ensure_topics` creates it."""


class RecordTooLargeError(TransportError):
    """A record is over `MAX_RECORD_BYTES`; nothing of its call was written."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record to write. Records of one key keep their order; keyless ones are spread."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def size(self) -> int:
        """Bytes that count towards `MAX_RECORD_BYTES`."""
        headers = sum(len(name.encode()) + len(value) for name, value in self.headers)
        return len(self.key or b"") + len(self.value) + headers


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic that should exist. A compacted one keeps at least the last record of every key."""

    name: str
    partitions: int = 4
    compacted: bool = False


class RebalanceListener(Protocol):
    """Hears which partitions come and go. Called from inside `Source.poll`, on the caller's thread.

    The source may be asked anything and sought anywhere from inside a call.
    """

    def assigned(self, partitions: Collection[Partition]) -> None:
        """Take these partitions: nobody else owns them, and no record of them was given yet."""

    def revoked(self, partitions: Collection[Partition]) -> None:
        """Forget these partitions: they are no longer ours; committing them is refused."""


@runtime_checkable
class Source(Protocol):
    """Reads topics as one member of a consumer group. Not for several threads at once.

    Every partition of the subscribed topics belongs to one member. A partition is read from its
    committed position, or from its beginning if it has none.
    """

    @property
    def group(self) -> str:
        """The consumer group's name."""

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """Say what to read; polling joins the group. `TopicMissingError` if one is not there."""

    def poll(self, timeout: float, limit: int = POLL_LIMIT) -> list[RawBatch]:
        """Give up to `limit` records, waiting at most about `timeout` seconds for the first.

        Within a partition batches and records come in log order, once, with strictly rising
        offsets; gaps are allowed. Records of a transaction that was not committed never come.
        A poll in which partitions came or went gives no records of the ones that came.
        """

    def seek(self, partition: Partition, offset: int) -> None:
        """Read on from `offset` in a partition that is ours; `FencedError` if it is not."""

    def position(self, partition: Partition) -> int:
        """Give the offset from which the next poll reads a partition that is ours.

        It passes gaps as polls come back empty, so it reaches `end` when all is read.
        """

    def committed(self, partition: Partition) -> int | None:
        """Give the group's position in a partition: the next offset to handle, None if unset."""

    def beginning(self, partition: Partition) -> int:
        """Give the first offset that may still be read."""

    def end(self, partition: Partition) -> int:
        """Give the offset after the last record that may be read."""

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Set the group's positions, durably; `FencedError`, and no change, if one is not ours."""

    def close(self) -> None:
        """Leave the group at once, committing nothing and calling no hook."""


@runtime_checkable
class Sink(Protocol):
    """Writes records. Not for several threads at once."""

    def claim(self, source: Source, partitions: Collection[Partition]) -> None:
        """Shut out whoever committed these input partitions before us.

        Call it from `RebalanceListener.assigned`, before asking what is committed: afterwards
        no predecessor's transaction is open, and one that still lives gets `FencedError`.
        """

    def send(self, records: Sequence[Record], timeout: float = 30.0) -> None:
        """Write all records or none; they are durable when this returns."""

    def send_and_commit(
        self,
        records: Sequence[Record],
        source: Source,
        positions: Mapping[Partition, int],
        timeout: float = 30.0,
    ) -> None:
        """Write the records and commit the source's positions in one transaction.

        The source must be of this sink's own transport. One partition a call fences best: a
        transaction is named after the first. `FencedError` if a partition is not ours: then
        neither the records nor the positions took effect.
        """

    def close(self) -> None:
        """Give back what the sink holds."""


def check_sizes(records: Iterable[Record]) -> None:
    """Refuse records that no transport would carry, before any is written."""
    for record in records:
        if record.size > MAX_RECORD_BYTES:
            raise RecordTooLargeError(
                f"a record for {record.topic} has {record.size:,} bytes;"
                f" {MAX_RECORD_BYTES:,} are allowed"
            )


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as a transport keeps it."""

    offset: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def raw_batch(partition: Partition, records: Sequence[Stored]) -> RawBatch:
    """Lay records of one partition, in log order and at least one, side by side."""
    return RawBatch(
        partition=partition,
        offsets=np.array([record.offset for record in records], dtype=np.int64),
        values=[record.value for record in records],
        encodings=np.array([encoding(record.headers) for record in records], dtype=np.uint8),
        next_offset=records[-1].offset + 1,
        keys=[record.key for record in records],
    )


def encoding(headers: Sequence[tuple[str, bytes]]) -> Encoding:
    """Tell how a record's value is written, by its content type; JSON unless it says otherwise."""
    for name, value in headers:
        if name.lower() == CONTENT_TYPE and value.strip().lower().startswith(ARROW_STREAM.encode()):
            return Encoding.ARROW
    return Encoding.JSON
