"""The three transports behind one face, for the contract suite and whoever needs a real one."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING

from streams.clock import SystemClock
from streams.embedded import EmbeddedSink, EmbeddedSource
from streams.embedded_store import LogStore
from streams.kafka_edge import Cluster, ensure_topics
from streams.kafka_sink import KafkaSink
from streams.kafka_source import KafkaSource
from streams.memory import MemoryBroker, MemorySink, MemorySource
from streams.transport import Record, TopicSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from streams.raw import Partition, RawBatch
    from streams.transport import Sink, Source

WAIT_SECONDS = 30.0


class Transport:
    """Opens sources and sinks of one kind, on fresh topics, and closes them all."""

    kind = ""

    def __init__(self) -> None:
        self.opened = ExitStack()
        self._names = count(1)
        self._run = uuid.uuid4().hex[:8]

    def name(self, word: str) -> str:
        return f"{word}-{self._run}-{os.getpid()}-{next(self._names)}"

    def topic(self, partitions: int = 2, *, compacted: bool = False) -> str:
        spec = TopicSpec(self.name("topic"), partitions, compacted)
        self.create(spec)
        return spec.name

    def source(self, group: str) -> Source:
        return self._kept(self.make_source(group))

    def sink(self) -> Sink:
        return self._kept(self.make_sink())

    def _kept(self, part):
        self.opened.callback(part.close)
        return part

    def create(self, spec: TopicSpec) -> None:
        raise NotImplementedError

    def make_source(self, group: str) -> Source:
        raise NotImplementedError

    def make_sink(self) -> Sink:
        raise NotImplementedError


class MemoryTransport(Transport):
    kind = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.broker = MemoryBroker()

    def create(self, spec):
        self.broker.ensure_topics([spec])

    def make_source(self, group):
        return MemorySource(self.broker, group)

    def make_sink(self):
        return MemorySink(self.broker)


class EmbeddedTransport(Transport):
    kind = "embedded"

    def __init__(self, folder: Path, clock=None, expiry: float = 45.0) -> None:
        super().__init__()
        self.folder, self.clock, self.expiry = folder, clock or SystemClock(), expiry

    def create(self, spec):
        store = LogStore(self.folder, self.clock)
        store.ensure_topics([spec])
        store.close()

    def make_source(self, group):
        return EmbeddedSource(self.folder, group, self.clock, self.expiry)

    def make_sink(self):
        return EmbeddedSink(self.folder, self.clock)


class KafkaTransport(Transport):
    kind = "kafka"

    def __init__(self, address: str, patience: float = 10.0) -> None:
        super().__init__()
        self.cluster = Cluster((address,), patience=patience)

    def create(self, spec):
        ensure_topics(self.cluster, [spec], replication=1)

    def make_source(self, group):
        return KafkaSource(self.cluster, group, session_seconds=2)

    def make_sink(self):
        return KafkaSink(self.cluster, self.name("sink"))


class Hooks:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.owned: set[Partition] = set()
        self.told: list[tuple[str, set[Partition]]] = []

    def assigned(self, partitions: Iterable[Partition]) -> None:
        assert not self.owned & set(partitions)
        self.owned |= set(partitions)
        self.told.append(("assigned", set(partitions)))

    def revoked(self, partitions: Iterable[Partition]) -> None:
        assert set(partitions) <= self.owned
        self.owned -= set(partitions)
        self.told.append(("revoked", set(partitions)))


class Reader:
    """A source with hooks, and everything it has read."""

    def __init__(self, transport: Transport, topic: str, group: str) -> None:
        self.source, self.hooks, self.batches = transport.source(group), Hooks(), []
        self.topic = topic
        self.source.subscribe([topic], self.hooks)

    def poll(self, timeout: float = 0.2, limit: int = 8192) -> list[RawBatch]:
        batches = self.source.poll(timeout, limit)
        self.batches += batches
        return batches

    def read(self, records: int) -> None:
        """Read until so many records have come in all."""
        await_that(lambda: self.poll() is not None and len(self.values()) >= records)

    def values(self) -> list[bytes]:
        return [value for batch in self.batches for value in batch.values]

    def offsets(self, partition: Partition) -> list[int]:
        return [
            int(offset)
            for batch in self.batches
            if batch.partition == partition
            for offset in batch.offsets
        ]

    def positions(self) -> dict[Partition, int]:
        """Where reading goes on after what was read."""
        return {batch.partition: batch.next_offset for batch in self.batches}

    def settle(self, partitions: int) -> None:
        """Poll until so many partitions are ours."""
        await_that(lambda: self.poll() is not None and len(self.hooks.owned) == partitions)


def await_that(condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Try until the condition holds; fail after a bounded wait."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"


def records(topic: str, values: Iterable[bytes], keys: int = 8) -> list[Record]:
    """Make one record a value; values keep turn among so many keys."""
    return [Record(topic, b"key-%d" % (n % keys), value) for n, value in enumerate(values)]
