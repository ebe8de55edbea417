"""Reads one partition again, from its beginning up to one place: from files, an archive or the log.

The log is read as a group of this process alone, which commits nothing and disturbs nobody.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fairuse.errors import ProgramError, WrongInputError
from fairuse.progress import say
from fairuse.topics import Topics
from streams.archive import read_archive
from streams.clock import SystemClock
from streams.decode import decode
from streams.files import read_events

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence

    from fairuse.settings import Settings
    from streams.columns import EventBatch
    from streams.raw import Partition
    from streams.transport import Source


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in the log."""

    partition: Partition
    offset: int
    index: int


def events_to(settings: Settings, place: Place, paths: Sequence[str]) -> Generator[EventBatch]:
    """Give the partition's events up to and with the one at `place`, in order.

    `paths` are files or archives; without any the configured log is read.
    """
    batches = _archived(settings, place, paths) if paths else _logged(settings, place)
    with closing(batches):
        for batch in batches:
            offset, index = batch.events["offset"], batch.events["index"]
            known = (offset < place.offset) | ((offset == place.offset) & (index <= place.index))
            yield batch.where(known)
            if not known.all():
                return


def _archived(settings: Settings, place: Place, paths: Sequence[str]) -> Generator[EventBatch]:
    for path in map(Path, paths):
        if path.is_dir():
            parts = read_archive(path, key=settings.hash_key, only=place.partition)
        else:
            parts = read_events(path, key=settings.hash_key)
        for decoded in parts:
            batch = decoded.events
            yield batch.where(batch.events["partition"] == place.partition.number)


@dataclass(slots=True)
class _Alone:
    """Reads one partition from its beginning and lets the others be."""

    source: Source
    place: Place
    end: int | None = field(default=None)

    def assigned(self, partitions: Collection[Partition]) -> None:
        """Begin at the beginning; what is not asked for counts as read."""
        for partition in partitions:
            if partition != self.place.partition:
                self.source.seek(partition, self.source.end(partition))
                continue
            self.end = self.source.end(partition)
            first = self.source.beginning(partition)
            self.source.seek(partition, first)
            if first > 0:
                say(f"records before {first} are gone from the log: what rests on them will differ")

    def revoked(self, partitions: Collection[Partition]) -> None:
        """Nobody else is in the group, so nothing is ever taken away for long."""


def _logged(settings: Settings, place: Place) -> Generator[EventBatch]:
    topics, clock = Topics.at(settings.events_url), SystemClock()
    if topics.events != place.partition.topic:
        raise WrongInputError(
            f"the verdict rests on the topic {place.partition.topic}, FAIRUSE_EVENTS_URL names "
            f"{topics.events}: give the events with --events"
        )
    group = f"{settings.group}-explain-{os.getpid()}"
    with closing(topics.source(group, settings, clock)) as source:
        alone = _Alone(source, place)
        source.subscribe([topics.events], alone)
        waiting_until = clock.monotonic() + 2 * settings.session_seconds
        while alone.end is None or source.position(place.partition) <= place.offset:
            if alone.end is not None and alone.end <= place.offset:
                raise ProgramError(f"{topics.url} ends at {alone.end}, before {place.offset}")
            if alone.end is None and clock.monotonic() > waiting_until:
                raise ProgramError(f"{topics.url} gives nobody partition {place.partition.number}")
            for raw in source.poll(settings.poll_seconds, settings.batch_events):
                if raw.partition == place.partition:
                    yield decode(raw, settings.hash_key).events
