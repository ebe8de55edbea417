"""Opens the archive for a night's passes, on this machine or on Spark, and shows how they go on."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from fairuse.progress import meter
from fairuse.retrain.logs import ArchiveLog
from fairuse.retrain.spark import SparkLog
from fairuse.retrain.spark_session import open_spark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.passes import Log, Task
    from fairuse.progress import Meter
    from fairuse.retrain.plan import Plan
    from fairuse.settings import Settings
    from streams.raw import Partition

T = TypeVar("T")

ENGINES: Final = ("local", "spark")


@dataclass(slots=True)
class Shown:
    """A log that shows how many partitions a pass has done."""

    log: Log
    meters: list[Meter] = field(default_factory=list)

    def partitions(self) -> tuple[Partition, ...]:
        return self.log.partitions()

    def each(self, task: Task[T]) -> list[T]:
        with meter(f"{type(task).__name__}, partitions", len(self.partitions())) as shown:
            self.meters[:] = [shown]
            return self.log.each(task)

    def told(self, _partition: Partition) -> None:
        """Hear of a partition that is done."""
        for each in self.meters:
            each.advance()


@contextmanager
def open_log(
    settings: Settings, plan: Plan, processes: int | None = None, master: str | None = None
) -> Iterator[Log]:
    """Open the archive up to the plan's positions; what runs for it ends with the block.

    `processes` of this machine, or the Spark at `master`, as the plan's engine says.
    """
    place = settings.archive_dir, settings.hash_key, plan.upto
    with ExitStack() as stack:
        log: ArchiveLog | SparkLog
        if plan.engine == "spark":
            log = SparkLog(*place, spark=stack.enter_context(open_spark(master)))
        else:
            log = stack.enter_context(ArchiveLog(*place))
            log.processes = processes or log.processes
        shown = Shown(log)
        log.told = shown.told
        yield shown
