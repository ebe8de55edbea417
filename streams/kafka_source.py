"""A `Source` on Kafka: one member of a consumer group, reading committed records only."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import RetriableError

from streams.kafka_edge import partition_counts, translated
from streams.raw import Partition
from streams.transport import POLL_LIMIT, FencedError, Stored, raw_batch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from kafka.structs import ConsumerGroupMetadata

    from streams.kafka_edge import Cluster
    from streams.raw import RawBatch
    from streams.transport import RebalanceListener

SESSION_SECONDS: Final = 45.0
"""How long a member may be silent before its partitions go to others."""

LEAST_SECONDS: Final = 0.1
"""How long kafka-python waits for records at least, if it was given so long."""


class KafkaSource:
    """A `Source` on a Kafka cluster.

    kafka-python calls its hooks on its own thread, where asking it anything would block its
    heartbeats; ours are told in `poll`, on the caller's, and what was fetched meanwhile is fetched
    again, because they may seek.
    """

    def __init__(
        self, cluster: Cluster, group: str, session_seconds: float = SESSION_SECONDS
    ) -> None:
        self.cluster, self.group = cluster, group
        self._timeout_ms = int(cluster.patience * 1000)
        self._listener: RebalanceListener | None = None
        self._changes = _Changes()
        cluster.await_listener()
        with translated(cluster):
            self._consumer = KafkaConsumer(
                **cluster.client,
                group_id=group,
                enable_auto_commit=False,
                metrics_enabled=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                partition_assignment_strategy=[CooperativeStickyAssignor],
                session_timeout_ms=int(session_seconds * 1000),
                heartbeat_interval_ms=int(session_seconds * 1000 / 20),
            )
        rest_while_a_heartbeat_is_due(self._consumer)

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """See `Source.subscribe`."""
        partition_counts(self.cluster, topics)
        self._listener = listener
        with translated(self.cluster):
            self._consumer.subscribe(topics=list(topics), listener=self._changes)

    def poll(self, timeout: float, limit: int = POLL_LIMIT) -> list[RawBatch]:
        """See `Source.poll`. While no broker answers there are no records; the client retries."""
        found = self._fetch(timeout, limit)
        changes = self._changes.take()
        if not changes:
            return [raw_batch(part, records) for part, records in found.items()]
        for part, records in found.items():
            self.seek(part, records[0].offset)
        for came, partitions in changes:
            if self._listener and partitions:
                tell = self._listener.assigned if came else self._listener.revoked
                tell(partitions)
        return []

    def _fetch(self, timeout: float, limit: int) -> dict[Partition, list[Stored]]:
        """Read what is there: the one place that knows how kafka-python hands records over."""
        keep_finished_join(self._consumer)
        until = time.monotonic() + timeout
        with translated(self.cluster):
            try:
                found = self._consumer.poll(timeout_ms=timeout * 1000, max_records=limit)
            except RetriableError:
                # It says so at once: whoever asks again would ask as fast as the machine can.
                time.sleep(max(0.0, until - time.monotonic()))
                return {}
        return {
            Partition(place.topic, place.partition): [
                Stored(record.offset, record.key, record.value or b"", tuple(record.headers))
                for record in records
            ]
            for place, records in found.items()
        }

    def seek(self, partition: Partition, offset: int) -> None:
        """See `Source.seek`."""
        try:
            self._consumer.seek(TopicPartition(partition.topic, partition.number), offset)
        except ValueError as error:
            raise FencedError(f"{partition} is not ours to seek in") from error

    def position(self, partition: Partition) -> int:
        """See `Source.position`."""
        self._check_owned([partition])
        with translated(self.cluster):
            place = TopicPartition(partition.topic, partition.number)
            return int(self._consumer.position(place, timeout_ms=self._timeout_ms))

    def committed(self, partition: Partition) -> int | None:
        """See `Source.committed`."""
        with translated(self.cluster):
            place = TopicPartition(partition.topic, partition.number)
            found = self._consumer.committed(place, timeout_ms=self._timeout_ms)
        return None if found is None else int(found)

    def beginning(self, partition: Partition) -> int:
        """See `Source.beginning`."""
        place = TopicPartition(partition.topic, partition.number)
        with translated(self.cluster):
            found = self._consumer.beginning_offsets([place], timeout_ms=self._timeout_ms)
        return int(found[place])

    def end(self, partition: Partition) -> int:
        """See `Source.end`."""
        place = TopicPartition(partition.topic, partition.number)
        with translated(self.cluster):
            found = self._consumer.end_offsets([place], timeout_ms=self._timeout_ms)
        return int(found[place])

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """See `Source.commit`."""
        self._check_owned(positions)
        with translated(self.cluster):
            self._consumer.commit(as_kafka(positions), timeout_ms=self._timeout_ms)

    def membership(self, positions: Collection[Partition]) -> ConsumerGroupMetadata:
        """Give what proves to the broker that we may commit these; `FencedError` if we may not.

        A member that was thrown out has no identity left, and the broker would take a commit
        without one from anybody: so it is refused here.
        """
        self._check_owned(positions)
        member = self._consumer.group_metadata()
        if not member.member_id or member.generation_id < 0:
            raise FencedError(f"no longer a member of group {self.group}")
        return member

    def owned(self) -> frozenset[Partition]:
        """Give the partitions that are ours now."""
        return self._changes.owned()

    def close(self) -> None:
        """See `Source.close`."""
        self._listener = None
        with translated(self.cluster):
            self._consumer.close(autocommit=False, timeout_ms=self._timeout_ms)

    def _check_owned(self, partitions: Collection[Partition]) -> None:
        strange = set(partitions) - self.owned()
        if strange:
            raise FencedError(f"{min(strange)} of group {self.group} has another owner now")


def as_kafka(positions: Mapping[Partition, int]) -> dict[TopicPartition, OffsetAndMetadata]:
    """Write positions as kafka-python wants them."""
    return {
        TopicPartition(part.topic, part.number): OffsetAndMetadata(offset, "", -1)
        for part, offset in positions.items()
    }


def keep_finished_join(consumer: KafkaConsumer) -> None:
    """See that a join which finished between two polls counts.

    kafka-python 3.0 takes a finished join for none at the next poll and joins anew, which makes
    every other member join anew: members whose polls alternate would do so for ever.
    """
    coordinator = consumer._coordinator  # noqa: SLF001  pinned, and the contract suite watches it
    if coordinator._join_task is not None and coordinator._join_task.succeeded():  # noqa: SLF001
        coordinator._join_task = _FinishedJoin(coordinator._join_task)  # noqa: SLF001


def rest_while_a_heartbeat_is_due(consumer: KafkaConsumer) -> None:
    """See that polling waits for records although an answer to a heartbeat is overdue.

    kafka-python 3.0 does not wait at all then, but its heartbeats need no poll: a broker that hangs
    would cost a whole core until they time out.
    """
    coordinator = consumer._coordinator  # noqa: SLF001  pinned, and a test watches it
    due = coordinator.time_to_next_poll
    coordinator.time_to_next_poll = lambda: max(due(), LEAST_SECONDS)


class _FinishedJoin:
    """A finished join that says it is not, so that it is awaited, at once, and not repeated."""

    is_done = False

    def __init__(self, task: Any) -> None:
        self.add_callback = task.add_callback
        self.add_errback = task.add_errback

    def succeeded(self) -> bool:
        return False


class _Changes(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Keeps what kafka-python's thread says of partitions until the caller's thread asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owned: frozenset[Partition] = frozenset()
        self._waiting: list[tuple[bool, list[Partition]]] = []

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        self._note(came=True, places=assigned)

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        self._note(came=False, places=revoked)

    def _note(self, *, came: bool, places: Iterable[Any]) -> None:
        partitions = sorted(Partition(place.topic, place.partition) for place in places)
        with self._lock:
            self._owned = self._owned | set(partitions) if came else self._owned - set(partitions)
            self._waiting.append((came, partitions))

    def take(self) -> list[tuple[bool, list[Partition]]]:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        return [change for change in waiting if change[1]]

    def owned(self) -> frozenset[Partition]:
        with self._lock:
            return self._owned
