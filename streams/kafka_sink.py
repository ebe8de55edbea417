"""A `Sink` on Kafka: every call is one transaction, fenced by producer epoch and group membership.

kafka-python's own waits for a transaction have no bound, so this module waits on the results
beneath them; the version is pinned for that reason, and the contract tests watch it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

from streams.kafka_edge import ours, partition_counts, translated
from streams.kafka_source import KafkaSource, as_kafka
from streams.partitions import partition_for
from streams.transport import TransportError, check_sizes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from streams.kafka_edge import Cluster
    from streams.raw import Partition
    from streams.transport import Record, Source

TRANSACTION_SECONDS: Final = 60.0
"""After this long the broker gives up a transaction whose producer fell silent."""

ABORT_SECONDS: Final = 2.0
CLOSE_SECONDS: Final = 5.0


class KafkaSink:
    """A `Sink` on a Kafka cluster.

    `name` is the transactional id of plain `send`s: of two sinks with one name the younger works
    and the elder is fenced. `send_and_commit` uses one id for each input partition.
    """

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster, self.name = cluster, name
        self._counts: dict[str, int] = {}
        self._producers: dict[str, _Transactions] = {}

    def claim(self, source: Source, partitions: Collection[Partition]) -> None:
        """See `Sink.claim`. Opening a producer ends and fences whatever its id did before."""
        if not isinstance(source, KafkaSource):
            raise TransportError("the source is not on Kafka")
        kept = {transactional_id(source.group, part) for part in source.owned()}
        for name in [name for name in self._producers if name not in kept and name != self.name]:
            self._discard(name)
        for part in partitions:
            name = transactional_id(source.group, part)
            self._discard(name)
            self._producers[name] = _Transactions(self.cluster, name)

    def send(self, records: Sequence[Record], timeout: float = 30.0) -> None:
        """See `Sink.send`."""
        if records:
            self._write(self.name, records, None, timeout)

    def send_and_commit(
        self,
        records: Sequence[Record],
        source: Source,
        positions: Mapping[Partition, int],
        timeout: float = 30.0,
    ) -> None:
        """See `Sink.send_and_commit`."""
        if not isinstance(source, KafkaSource) or source.cluster != self.cluster:
            raise TransportError("the source and the sink are not on the same Kafka cluster")
        if not positions:
            raise ValueError("nothing to commit: use send")
        name = transactional_id(source.group, min(positions))
        offsets = (as_kafka(positions), source.membership(positions))
        self._write(name, records, offsets, timeout)

    def _write(
        self, name: str, records: Sequence[Record], offsets: tuple[Any, Any] | None, timeout: float
    ) -> None:
        check_sizes(records)
        placed = [(record, self._partition(record)) for record in records]
        if name not in self._producers:
            self._producers[name] = _Transactions(self.cluster, name)
        try:
            self._producers[name].write(placed, offsets, timeout)
        except BaseException:
            # A producer that failed once is never used again: the next one starts from what the
            # broker holds, not from what this one believes.
            self._discard(name)
            raise

    def _partition(self, record: Record) -> int:
        if record.topic not in self._counts:
            self._counts.update(partition_counts(self.cluster, [record.topic]))
        return partition_for(record.key, record.value, self._counts[record.topic])

    def _discard(self, name: str) -> None:
        if name in self._producers:
            self._producers.pop(name).close()

    def close(self) -> None:
        """See `Sink.close`."""
        for name in list(self._producers):
            self._discard(name)


def transactional_id(group: str, partition: Partition) -> str:
    """Name the transactions that commit a group's position in a partition."""
    return f"{group}-{partition.topic}-{partition.number}"


class _Transactions:
    """One transactional producer whose waits have bounds."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        cluster.await_listener()
        with translated(cluster):
            self._producer = KafkaProducer(
                **cluster.client,
                transactional_id=name,
                metrics_enabled=False,
                transaction_timeout_ms=int(TRANSACTION_SECONDS * 1000),
                max_block_ms=int(cluster.patience * 1000),
                delivery_timeout_ms=int(TRANSACTION_SECONDS * 1000),
                allow_auto_create_topics=False,
                compression_type="lz4",
                batch_size=256 << 10,
                max_request_size=2 << 20,
                # The last transaction's end is still being written when the next begins; the
                # default of 100 ms would be paid by every transaction.
                retry_backoff_ms=5,
            )
            self._manager = self._producer._transaction_manager  # noqa: SLF001  see the module
            # After a stale epoch kafka-python asks for a fresh one and would so take the name
            # back from the worker that fenced it. Told that it cannot, it fails instead.
            self._manager._supports_epoch_bump = lambda: False  # noqa: SLF001
            try:
                self._producer.init_transactions()
            except BaseException:
                self.close()
                raise

    def write(
        self,
        placed: Sequence[tuple[Record, int]],
        offsets: tuple[Any, Any] | None,
        timeout: float,
    ) -> None:
        """Write records and offsets in one transaction, or fail and leave nothing to see."""
        deadline = time.monotonic() + timeout
        try:
            self._producer.begin_transaction()
            sent = [
                self._producer.send(
                    record.topic,
                    key=record.key,
                    value=record.value,
                    headers=list(record.headers),
                    partition=partition,
                )
                for record, partition in placed
            ]
            if offsets is not None:
                self._wait(self._manager.send_offsets_to_transaction(*offsets), deadline)
            self._producer.flush(max(0.0, deadline - time.monotonic()))
            for future in sent:
                future.get(timeout=0)
            self._wait(self._manager.begin_commit(), deadline)
        except KafkaError as error:
            # What the manager saw first says more than the refusal that followed.
            cause = self._manager.last_error or error
            self._abort()
            raise ours(self._cluster, cause) from error
        except BaseException:
            self._abort()
            raise

    def _wait(self, result: Any, deadline: float) -> None:
        self._producer._sender.wakeup()  # noqa: SLF001
        if not result.wait(timeout_ms=max(0.0, deadline - time.monotonic()) * 1000):
            raise KafkaTimeoutError("the transaction took too long")

    def _abort(self) -> None:
        """End the transaction now, if the broker still lets us; else it ends by itself later."""
        with suppress(KafkaError):
            self._wait(self._manager.begin_abort(), time.monotonic() + ABORT_SECONDS)

    def close(self) -> None:
        """Stop the producer's threads; what was not committed is not sent any more."""
        self._producer._sender.force_close()  # noqa: SLF001  a plain close would wait to send
        with suppress(KafkaError):
            self._producer.close(timeout=CLOSE_SECONDS)
