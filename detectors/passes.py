"""Passes over a log, partition by partition: what every training, calibration and weighing is.

Live, each partition has a feature state of its own. A task therefore sees one partition, from its
beginning in log order, and gives arrays; what it gives depends on nothing else. Whoever runs the
tasks (this process, several, or a cluster) collects their results in the order of the partitions,
so the same log gives the same bits wherever it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

from features.state import FeatureState
from streams.columns import EventBatch
from streams.raw import Partition

if TYPE_CHECKING:
    from detectors.training import Replay

T = TypeVar("T")


Task: TypeAlias = Callable[[Partition, Iterable[EventBatch]], T]
"""Sees the batches of one partition in order. Both the task and what it gives must be picklable."""


@dataclass(frozen=True, slots=True)
class Continued:
    """Batches of a partition whose beginning is gone, with the feature state it has left behind."""

    before: Callable[[], FeatureState]
    batches: Iterable[EventBatch]

    def __iter__(self) -> Iterator[EventBatch]:
        return iter(self.batches)


def state_before(
    batches: Iterable[EventBatch], states: Callable[[], FeatureState] = FeatureState
) -> FeatureState:
    """Give the state a task begins with: an empty one of `states`, or what was left behind."""
    return batches.before() if isinstance(batches, Continued) else states()


ONE: Final = Partition("", 0)
"""The partition of what was never divided: files read one after the other."""


class Log(Protocol):
    """A log that can be read from its beginning as often as it is asked."""

    def partitions(self) -> tuple[Partition, ...]:
        """Name the partitions, in rising order."""

    def each(self, task: Task[T]) -> list[T]:
        """Run the task over every partition; gives the results in the order of `partitions`."""


@dataclass(frozen=True, slots=True)
class OneLog:
    """Files read as one partition, in this process."""

    replay: Replay
    name: Partition = ONE

    def partitions(self) -> tuple[Partition, ...]:
        return (self.name,)

    def each(self, task: Task[T]) -> list[T]:
        return [task(self.name, self.replay())]
