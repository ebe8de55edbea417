"""Topic URLs: one line of text says which transport, where, and which topic.

kafka://host:port[,host:port]/topic    a Kafka cluster
log:PATH/topic                         the embedded log in the folder PATH (also log:///abs/PATH)
archive:PATH/topic                     an archive in the folder PATH, to read from
memory://name/topic                    a broker of this process, for tests
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from streams.archive import archive_files
from streams.archive_source import REPLAYS, ArchiveSink, ArchiveSource
from streams.embedded import EmbeddedSink, EmbeddedSource
from streams.embedded_group import EXPIRY_SECONDS
from streams.embedded_store import LogStore
from streams.memory import MemorySink, MemorySource, broker
from streams.transport import BadUrlError, TopicMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streams.clock import Clock
    from streams.kafka_edge import Cluster
    from streams.transport import Sink, Source, TopicSpec

Scheme = Literal["kafka", "log", "archive", "memory"]

TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")
ADDRESS: Final = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
FORMS: Final = "kafka://host:port/topic, log:PATH/topic, archive:PATH/topic or memory://name/topic"
FOLDERS: Final = ("log", "archive")
"""The transports that are a folder on this machine."""


@dataclass(frozen=True, slots=True)
class TopicUrl:
    """A topic and where it is: addresses joined by commas, a folder, or a broker's name."""

    scheme: Scheme
    place: str
    topic: str

    def __str__(self) -> str:
        slashes = "" if self.scheme in FOLDERS else "//"
        return f"{self.scheme}:{slashes}{self.place}/{self.topic}"


def is_topic_url(text: str) -> bool:
    """Tell a topic URL, well formed or not, from the name of a file."""
    return text.startswith(("kafka:", "log:", "archive:", "memory:"))


def parse(url: str) -> TopicUrl:
    """Read a topic URL; `BadUrlError` says what is wrong with a malformed one."""
    scheme, colon, rest = url.partition(":")
    place, slash, topic = rest.rpartition("/")
    if not (colon and slash) or scheme not in {"kafka", "log", "archive", "memory"}:
        raise BadUrlError(f"{url!r} is not a topic URL: write {FORMS}")
    if not TOPIC.fullmatch(topic) or topic in {".", ".."}:
        raise BadUrlError(
            f"{url!r} does not end in the name of a topic: letters, digits, '.', '_' and '-'"
        )
    if scheme == "log":
        return TopicUrl("log", _folder(url, place), topic)
    if scheme == "archive":
        return TopicUrl("archive", _folder(url, place), topic)
    if not place.startswith("//") or not place[2:] or "/" in place[2:]:
        raise BadUrlError(f"{url!r} is not a topic URL: write {FORMS}")
    if scheme == "memory":
        return TopicUrl("memory", place[2:], topic)
    for address in place[2:].split(","):
        found = ADDRESS.fullmatch(address)
        if not found or not 0 < int(found[2]) < 65536:  # noqa: PLR2004  a port has 16 bits
            raise BadUrlError(f"{url!r}: {address!r} is not host:port")
    return TopicUrl("kafka", place[2:], topic)


def _folder(url: str, place: str) -> str:
    scheme = url.partition(":")[0]
    if not place.strip("/"):
        raise BadUrlError(f"{url!r} names no folder for the {scheme}")
    if place.startswith("//") and not place.startswith("///"):
        raise BadUrlError(
            f"{url!r}: write {scheme}:PATH/topic, or {scheme}:///PATH/topic from the root"
        )
    return place.removeprefix("//")


def open_source(
    url: str,
    group: str,
    *,
    clock: Clock,
    session_seconds: float = EXPIRY_SECONDS,
    options: Mapping[str, Any] | None = None,
) -> Source:
    """Open a member of a consumer group where the URL says; it reads what it subscribes to.

    A member that was silent for `session_seconds` loses its partitions. `options` are
    kafka-python's connection settings and mean nothing to the others.
    """
    at = parse(url)
    if at.scheme == "log":
        return EmbeddedSource(Path(at.place), group, clock, session_seconds)
    if at.scheme == "archive":
        return ArchiveSource(Path(at.place), group, clock, session_seconds)
    if at.scheme == "memory":
        return MemorySource(broker(at.place), group)
    from streams.kafka_source import KafkaSource  # noqa: PLC0415  a quarter second nobody else pays

    return KafkaSource(_cluster(at, options), group, session_seconds)


def open_sink(
    url: str, *, clock: Clock, name: str | None = None, options: Mapping[str, Any] | None = None
) -> Sink:
    """Open a sink where the URL says; each record names its own topic.

    On Kafka a younger sink of the same name shuts the elder out; without one none is shut out.
    """
    at = parse(url)
    if at.scheme == "log":
        return EmbeddedSink(Path(at.place), clock)
    if at.scheme == "archive":
        return ArchiveSink(Path(at.place), clock)
    if at.scheme == "memory":
        return MemorySink(broker(at.place))
    from streams.kafka_sink import KafkaSink  # noqa: PLC0415  as above

    return KafkaSink(_cluster(at, options), name or f"fairuse-{uuid.uuid4().hex}")


def ensure_topics(
    url: str,
    topics: Iterable[TopicSpec],
    *,
    clock: Clock,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Create the listed topics that are not there, where the URL says."""
    at = parse(url)
    if at.scheme in FOLDERS:
        archived = at.scheme == "archive"
        if archived and not any(f.topic == at.topic for f in archive_files(Path(at.place))):
            raise TopicMissingError(f"there is no topic {at.topic} in the archive at {at.place}")
        store = LogStore(Path(at.place) / REPLAYS if archived else Path(at.place), clock)
        try:
            # What is archived has the partitions that its files have.
            store.ensure_topics(spec for spec in topics if not archived or spec.name != at.topic)
        finally:
            store.close()
    elif at.scheme == "memory":
        broker(at.place).ensure_topics(topics)
    else:
        from streams.kafka_edge import ensure_topics as ensure  # noqa: PLC0415  as above

        ensure(_cluster(at, options), topics)


def _cluster(at: TopicUrl, options: Mapping[str, Any] | None) -> Cluster:
    from streams.kafka_edge import Cluster  # noqa: PLC0415  as above

    return Cluster(tuple(at.place.split(",")), dict(options or {}))
