"""Where one event stands in a log: the one order there is."""

from __future__ import annotations

from dataclasses import dataclass

from streams.raw import Partition


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Topic, number of the partition, offset of the record, index of the event in the record."""

    topic: str
    number: int
    offset: int
    index: int = 0

    @property
    def partition(self) -> Partition:
        """The partition it stands in."""
        return Partition(self.topic, self.number)
