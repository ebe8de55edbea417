"""Reading a topic to its end or until stopped: what every worker of the program shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from threading import Event

    from fairuse.progress import Meter
    from streams.raw import Partition
    from streams.transport import Source


@dataclass(slots=True)
class Held:
    """Remembers which partitions are ours; nothing needs to be done when they come or go."""

    partitions: set[Partition] = field(default_factory=set)

    def assigned(self, partitions: Collection[Partition]) -> None:
        self.partitions |= set(partitions)

    def revoked(self, partitions: Collection[Partition]) -> None:
        self.partitions -= set(partitions)


@dataclass(slots=True)
class Goal:
    """The end of every held partition as it was when the partition came."""

    source: Source
    ends: dict[Partition, int] = field(default_factory=dict)

    def reached(self, held: Collection[Partition]) -> bool:
        """Tell whether all that was there has been read; False while nothing is held."""
        for partition in held:
            if partition not in self.ends:
                self.ends[partition] = self.source.end(partition)
        return bool(held) and all(
            self.source.position(partition) >= self.ends[partition] for partition in held
        )


def repeat(
    step: Callable[[], int],
    stop: Event,
    meter: Meter,
    done: Callable[[], bool] | None = None,
) -> int:
    """Step until stopped, or until `done` after a step; give how much was handled."""
    total = 0
    while not stop.is_set():
        amount = step()
        total += amount
        meter.advance(amount)
        if done is not None and done():
            break
    return total
