"""A broker that lives in this process's memory: for tests, and honest enough to stand for Kafka.

It keeps consumer groups, hands partitions over one poll at a time, refuses commits by a member that
no longer owns a partition, and leaves a gap in the offsets after every transaction, as Kafka does.
Nothing outlives the process.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from threading import Condition
from typing import TYPE_CHECKING

from streams.partitions import partition_for, shares
from streams.raw import Partition
from streams.transport import (
    POLL_LIMIT,
    FencedError,
    Stored,
    TopicMissingError,
    TransportError,
    check_sizes,
    raw_batch,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from streams.raw import RawBatch
    from streams.transport import RebalanceListener, Record, Source, TopicSpec


@dataclass(slots=True)
class _Log:
    records: list[Stored] = field(default_factory=list)
    end: int = 0


@dataclass(slots=True)
class _Group:
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    owners: dict[tuple[str, int], str] = field(default_factory=dict)
    positions: dict[Partition, int] = field(default_factory=dict)


class MemoryBroker:
    """Topics and consumer groups, shared by the sources and sinks opened on it."""

    def __init__(self) -> None:
        self.changed = Condition()
        self._logs: dict[str, list[_Log]] = {}
        self.groups: defaultdict[str, _Group] = defaultdict(_Group)
        self.names = count(1)

    def ensure_topics(self, topics: Iterable[TopicSpec]) -> None:
        """Create the topics that are not there; the others stay as they are."""
        with self.changed:
            for topic in topics:
                self._logs.setdefault(topic.name, [_Log() for _ in range(topic.partitions)])

    def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """Give each topic's number of partitions; `TopicMissingError` if one is not there."""
        return {topic: len(self._topic(topic)) for topic in topics}

    def log(self, partition: Partition) -> _Log:
        """Give the log of one partition."""
        return self._topic(partition.topic)[partition.number]

    def write(
        self,
        records: Sequence[Record],
        group: str = "",
        member: str = "",
        positions: Mapping[Partition, int] | None = None,
    ) -> None:
        """Write records and a group's positions together, or fail and write nothing."""
        check_sizes(records)
        with self.changed:
            touched: dict[int, _Log] = {}
            places = [self._place(record) for record in records]
            for partition in positions or ():
                if self.groups[group].owners.get((partition.topic, partition.number)) != member:
                    raise FencedError(f"{partition} of group {group} has another owner now")
            self.groups[group].positions.update(positions or {})
            for record, log in zip(records, places, strict=True):
                log.records.append(Stored(log.end, record.key, record.value, record.headers))
                log.end += 1
                touched[id(log)] = log
            for log in touched.values():
                log.end += 1  # where Kafka puts the mark that ends a transaction
            self.changed.notify_all()

    def _topic(self, topic: str) -> list[_Log]:
        if topic not in self._logs:
            raise TopicMissingError(f"there is no topic {topic}")
        return self._logs[topic]

    def _place(self, record: Record) -> _Log:
        logs = self._topic(record.topic)
        return logs[partition_for(record.key, record.value, len(logs))]


_BROKERS: defaultdict[str, MemoryBroker] = defaultdict(MemoryBroker)


def broker(name: str) -> MemoryBroker:
    """Give this process's broker of that name, the same one every time."""
    return _BROKERS[name]


class MemorySource:
    """A `Source` on a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, group: str) -> None:
        self.broker, self.group = broker, group
        self.member = f"member-{next(broker.names)}"
        self._positions: dict[Partition, int] = {}
        self._listener: RebalanceListener | None = None

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """See `Source.subscribe`."""
        with self.broker.changed:
            self.broker.partitions(topics)
            self.broker.groups[self.group].members[self.member] = frozenset(topics)
            self._listener = listener

    def poll(self, timeout: float, limit: int = POLL_LIMIT) -> list[RawBatch]:
        """See `Source.poll`."""
        deadline = time.monotonic() + timeout
        with self.broker.changed:
            while True:
                came, went = self._settle()
                batches = [] if came or went else self._read(limit)
                wait = deadline - time.monotonic()
                if came or went or batches or wait <= 0:
                    break
                self.broker.changed.wait(wait)
        if self._listener and went:
            self._listener.revoked(went)
        if self._listener and came:
            self._listener.assigned(came)
        return batches

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
        with self.broker.changed:
            return self.broker.groups[self.group].positions.get(partition)

    def beginning(self, partition: Partition) -> int:
        """See `Source.beginning`."""
        log = self.broker.log(partition)
        return log.records[0].offset if log.records else log.end

    def end(self, partition: Partition) -> int:
        """See `Source.end`."""
        return self.broker.log(partition).end

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """See `Source.commit`."""
        self.broker.write([], self.group, self.member, positions)

    def close(self) -> None:
        """See `Source.close`."""
        with self.broker.changed:
            group = self.broker.groups[self.group]
            group.members.pop(self.member, None)
            for place in [place for place, owner in group.owners.items() if owner == self.member]:
                del group.owners[place]
            self._positions.clear()
            self.broker.changed.notify_all()

    def _settle(self) -> tuple[list[Partition], list[Partition]]:
        """Let go of what another member should have, take what is ours and free."""
        group = self.broker.groups[self.group]
        topics = {topic for read in group.members.values() for topic in read}
        target = shares(group.members, self.broker.partitions(topics), group.owners)
        went = [part for part in self._positions if target[part.topic, part.number] != self.member]
        for part in went:
            del group.owners[part.topic, part.number], self._positions[part]
        came = [
            Partition(*place)
            for place, member in target.items()
            if member == self.member and place not in group.owners
        ]
        for part in came:
            group.owners[part.topic, part.number] = self.member
            self._positions[part] = group.positions.get(part, self.beginning(part))
        if went:
            self.broker.changed.notify_all()
        return came, went

    def _read(self, limit: int) -> list[RawBatch]:
        batches = []
        for part, position in self._positions.items():
            if limit <= 0:
                break
            records = self.broker.log(part).records
            first = bisect_left(records, position, key=lambda record: record.offset)
            found = records[first : first + limit]
            if found:
                batches.append(raw_batch(part, found))
                limit -= len(found)
            else:
                self._positions[part] = max(position, self.broker.log(part).end)
        for batch in batches:
            # Moved on to the back of the order, so that a busy partition does not starve the rest.
            del self._positions[batch.partition]
            self._positions[batch.partition] = batch.next_offset
        return batches


class MemorySink:
    """A `Sink` on a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker

    def claim(self, source: Source, partitions: Collection[Partition]) -> None:
        """Do nothing: owning a partition already shuts everybody else out."""

    def send(self, records: Sequence[Record], timeout: float = 30.0) -> None:  # noqa: ARG002  never waits
        """See `Sink.send`."""
        self.broker.write(records)

    def send_and_commit(
        self,
        records: Sequence[Record],
        source: Source,
        positions: Mapping[Partition, int],
        timeout: float = 30.0,  # noqa: ARG002  memory never waits
    ) -> None:
        """See `Sink.send_and_commit`."""
        if not isinstance(source, MemorySource) or source.broker is not self.broker:
            raise TransportError("the source and the sink are not on the same memory broker")
        self.broker.write(records, source.group, source.member, positions)

    def close(self) -> None:
        """See `Sink.close`."""
