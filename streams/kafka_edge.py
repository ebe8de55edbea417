"""Where kafka-python begins: how to reach a cluster, its errors in our words, and its topics.

Every wait has a bound, and every error names the brokers it is about.
"""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kafka import KafkaAdminClient, errors
from kafka.net.inet import KafkaNetSocket

from streams.transport import (
    BrokerUnreachableError,
    FencedError,
    RecordTooLargeError,
    TopicMissingError,
    TransportError,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from streams.transport import TopicSpec

PATIENCE_SECONDS: Final = 10.0
"""How long to wait for a broker to answer before saying that it does not."""

OURS: Final[tuple[tuple[type[BaseException], type[TransportError], str], ...]] = (
    (errors.ProducerFencedError, FencedError, "another worker took over"),
    (errors.InvalidProducerEpochError, FencedError, "another worker took over"),
    (errors.CommitFailedError, FencedError, "the group has moved on"),
    (errors.IllegalGenerationError, FencedError, "the group has moved on"),
    (errors.UnknownMemberIdError, FencedError, "the group has moved on"),
    (errors.RebalanceInProgressError, FencedError, "the group is moving"),
    (errors.FencedInstanceIdError, FencedError, "another worker has this instance name"),
    (errors.MessageSizeTooLargeError, RecordTooLargeError, "a record is too large"),
    (errors.RecordListTooLargeError, RecordTooLargeError, "a record is too large"),
    (errors.UnknownTopicOrPartitionError, TopicMissingError, "no such topic or partition"),
    (errors.KafkaTimeoutError, BrokerUnreachableError, "no answer in time"),
    (errors.KafkaConnectionError, BrokerUnreachableError, "no connection"),
    (errors.NodeNotReadyError, BrokerUnreachableError, "no connection"),
    (errors.KafkaError, TransportError, "refused"),
)
"""kafka-python's errors and ours, the first match counts."""


class _DirectSocket(KafkaNetSocket):  # type: ignore[misc]  # kafka-python has no types
    """Connects without a proxy, and closes the socket when nobody answers.

    kafka-python leaves that to the garbage collector: an outage would cost a socket each retry.
    """

    SCHEMES = ("direct",)

    async def sock_connect(self, net: Any, sock: Any, *place: Any, **limits: Any) -> Any:
        try:
            return await super().sock_connect(net, sock, *place, **limits)
        except errors.KafkaError:
            sock.close()
            raise


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Kafka cluster: its bootstrap addresses and how its clients are to connect.

    `options` go to kafka-python as they are: `security_protocol`, `sasl_mechanism` and the like.
    """

    addresses: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    patience: float = PATIENCE_SECONDS

    def __str__(self) -> str:
        return ",".join(self.addresses)

    @property
    def client(self) -> dict[str, Any]:
        """Settings that every client shares."""
        return {
            "bootstrap_servers": list(self.addresses),
            "bootstrap_timeout_ms": int(self.patience * 1000),
            "request_timeout_ms": int(self.patience * 1000),
            # The default grows to 30 s, which a broker that is back would have to wait out.
            "reconnect_backoff_max_ms": 1000,
            "proxy_url": "direct://",
            **self.options,
        }

    def await_listener(self) -> None:
        """Wait until one address accepts a connection; `BrokerUnreachableError` if none does.

        A kafka-python client that cannot bootstrap leaves its thread and sockets behind, so none
        is made before somebody is there.
        """
        deadline = time.monotonic() + self.patience
        while True:
            for address in self.addresses:
                host, _, port = address.rpartition(":")
                with suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), 2):
                    return
            if time.monotonic() > deadline:
                raise BrokerUnreachableError(
                    f"no Kafka broker answers at {self} within {self.patience:g} s"
                )
            time.sleep(0.1)


@contextmanager
def translated(cluster: Cluster) -> Iterator[None]:
    """Turn kafka-python's errors into ours, naming the brokers."""
    try:
        yield
    except errors.KafkaError as error:
        raise ours(cluster, error) from error


def ours(cluster: Cluster, error: BaseException) -> TransportError:
    """Give our error for one of kafka-python's."""
    for theirs, kind, words in OURS:
        if isinstance(error, theirs):
            return kind(f"Kafka at {cluster}: {words} ({error or type(error).__name__})")
    return TransportError(f"Kafka at {cluster}: {error}")


@contextmanager
def admin(cluster: Cluster) -> Iterator[Any]:
    """Open an administration client for a few questions."""
    cluster.await_listener()
    with translated(cluster):
        client = KafkaAdminClient(**cluster.client)
        try:
            yield client
        finally:
            client.close()


def ensure_topics(cluster: Cluster, topics: Iterable[TopicSpec], replication: int = -1) -> None:
    """Create the topics that are not there; the others stay as they are.

    Replication is the cluster's default unless given.
    """
    with admin(cluster) as client:
        there = set(client.list_topics())
        missing = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": {"cleanup.policy": "compact"} if topic.compacted else {},
            }
            for topic in topics
            if topic.name not in there
        }
        if missing:
            with suppress(errors.TopicAlreadyExistsError):  # another process was faster
                client.create_topics(missing)
            client.wait_for_topics(list(missing), timeout_ms=int(cluster.patience * 1000))


def partition_counts(cluster: Cluster, topics: Collection[str]) -> dict[str, int]:
    """Give each topic's number of partitions; `TopicMissingError` if one is not there."""
    with admin(cluster) as client:
        found = {
            topic["name"]: len(topic["partitions"]) for topic in client.describe_topics(topics)
        }
    for topic in topics:
        if not found.get(topic):
            raise TopicMissingError(f"there is no topic {topic} in Kafka at {cluster}")
    return found
