"""The embedded durable log: the default for one machine, with nothing to install.

One SQLite file in a folder holds topics, records and positions, so outputs and input positions
commit together by nature. Any number of processes on the machine may read and write it.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Final

from streams.embedded_group import EXPIRY_SECONDS, Membership
from streams.embedded_store import LogStore
from streams.transport import POLL_LIMIT, FencedError, TransportError, check_sizes, raw_batch

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from streams.clock import Clock
    from streams.raw import Partition, RawBatch
    from streams.transport import RebalanceListener, Record, Source, Stored

POLL_BYTES: Final = 32 << 20
"""What one poll reads at most, about; keeps large records from filling the memory."""

# SQLite tells nobody of new records: an idle reader looks again after these pauses, in seconds.
FIRST_PAUSE: Final = 0.002
LAST_PAUSE: Final = 0.05


class EmbeddedSource:
    """A `Source` on the log of a folder."""

    def __init__(
        self, folder: Path, group: str, clock: Clock, expiry: float = EXPIRY_SECONDS
    ) -> None:
        self.store = LogStore(folder, clock)
        self.group = group
        # A member's name must be new on every start; nothing else depends on it.
        self.membership = Membership(self.store, group, uuid.uuid4().hex, clock, expiry)
        self._positions: dict[Partition, int] = {}
        self._listener: RebalanceListener | None = None

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """See `Source.subscribe`."""
        self.membership.join(topics)
        self._listener = listener

    def poll(self, timeout: float, limit: int = POLL_LIMIT) -> list[RawBatch]:
        """See `Source.poll`."""
        deadline = time.monotonic() + timeout
        pause = FIRST_PAUSE
        while True:
            if self._rebalance():
                return []
            batches = self._read(limit)
            wait = deadline - time.monotonic()
            if batches or wait <= 0:
                return batches
            time.sleep(min(pause, wait))
            pause = min(pause * 2, LAST_PAUSE)

    def seek(self, partition: Partition, offset: int) -> None:
        """See `Source.seek`."""
        if partition not in self._positions:
            raise FencedError(f"{partition} is not ours to seek in")
        self._positions[partition] = offset

    def position(self, partition: Partition) -> int:
        """See `Source.position`."""
        if partition not in self._positions:
            raise FencedError(f"{partition} is not ours to read")
        return self._positions[partition]

    def committed(self, partition: Partition) -> int | None:
        """See `Source.committed`."""
        return self.store.position(self.group, partition)

    def beginning(self, partition: Partition) -> int:
        """See `Source.beginning`."""
        return self.store.bounds(partition)[0]

    def end(self, partition: Partition) -> int:
        """See `Source.end`."""
        return self.store.bounds(partition)[1]

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """See `Source.commit`."""
        with self.store.transaction():
            self.membership.check_owned(positions)
            self.store.set_positions(self.group, positions)

    def close(self) -> None:
        """See `Source.close`."""
        try:
            self.membership.leave()
        finally:
            self._positions.clear()
            self.store.close()

    def _rebalance(self) -> bool:
        """Hand partitions over, tell the listener; true if any came or went."""
        came, went = self.membership.settle(self._positions)
        for part in went:
            del self._positions[part]
        for part in came:
            committed = self.committed(part)
            self._positions[part] = self.beginning(part) if committed is None else committed
        if self._listener and went:
            self._listener.revoked(went)
        if self._listener and came:
            self._listener.assigned(came)
        return bool(came or went)

    def _read(self, limit: int) -> list[RawBatch]:
        batches, budget = [], POLL_BYTES
        for part, position in self._positions.items():
            if limit <= 0 or budget <= 0:
                break
            found = self._records(part, position, limit, budget)
            if found:
                batches.append(raw_batch(part, found))
                limit -= len(found)
                budget -= sum(len(record.value) for record in found)
        for batch in batches:
            # Moved on to the back of the order, so that a busy partition does not starve the rest.
            del self._positions[batch.partition]
            self._positions[batch.partition] = batch.next_offset
        return batches

    def _records(self, part: Partition, position: int, limit: int, budget: int) -> list[Stored]:
        return self.store.read(part, position, limit, budget)


class EmbeddedSink:
    """A `Sink` on the log of a folder."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.store = LogStore(folder, clock)

    def claim(self, source: Source, partitions: Collection[Partition]) -> None:
        """Do nothing: owning a partition already shuts everybody else out."""

    def send(self, records: Sequence[Record], timeout: float = 30.0) -> None:  # noqa: ARG002  SQLite's own
        """See `Sink.send`. Waits at most the store's own bound for other writers."""
        check_sizes(records)
        with self.store.transaction():
            self.store.append(records)

    def send_and_commit(
        self,
        records: Sequence[Record],
        source: Source,
        positions: Mapping[Partition, int],
        timeout: float = 30.0,  # noqa: ARG002  the store's own bound holds
    ) -> None:
        """See `Sink.send_and_commit`."""
        if not isinstance(source, EmbeddedSource) or source.store.folder != self.store.folder:
            raise TransportError("the source and the sink are not on the same embedded log")
        check_sizes(records)
        # On the source's connection, which knows what the source owns.
        with source.store.transaction():
            source.membership.check_owned(positions)
            source.store.append(records)
            source.store.set_positions(source.group, positions)

    def close(self) -> None:
        """See `Sink.close`."""
        self.store.close()
