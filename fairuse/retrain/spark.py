"""The archive as a log that tasks pass over on a Spark cluster: the same files, code and bits.

Spark finds the files, brings those of a partition of the log to one of its own, in log order and
compressed as they lie, and collects the results. What happens to them is `spark_executor`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from fairuse.archiving.base import partitions_with_base
from fairuse.errors import WrongInputError
from fairuse.retrain.spark_executor import Passing, answers, own_code
from fairuse.retrain.spark_session import spoken
from streams.archive import ArchiveFile, archive_file
from streams.hashing import DEFAULT_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyspark.sql import DataFrame, SparkSession

    from detectors.passes import Task
    from streams.raw import Partition

T = TypeVar("T")

ROWS: Final = "topic string, number int, piece int, body binary"
PARTITION: Final = r"^(.+-\d{5})-\d{20}-\d{20}\.parquet$"


class _Found(NamedTuple):
    """A file of the archive, and its name as Spark says it."""

    file: ArchiveFile
    path: str


@dataclass
class SparkLog:
    """An archive up to the offsets `upto`, all partitions in it, as `ArchiveLog` is.

    `folder` is one that every executor sees, or the URL of a file system that Spark knows.
    """

    folder: Path | str
    key: bytes = DEFAULT_KEY
    upto: Mapping[Partition, int] = field(default_factory=dict)
    told: Callable[[Partition], None] = lambda _: None
    spark: SparkSession = field(kw_only=True)

    def __post_init__(self) -> None:
        self.upto = dict(self.upto) or _positions(self._listed())

    def partitions(self) -> tuple[Partition, ...]:
        """Name the partitions, in rising order."""
        return tuple(sorted(self.upto))

    def each(self, task: Task[T]) -> list[T]:
        """Run the task over every partition; raises what reading or the task raises."""
        # Listed for each pass: between two of them files may have been compacted.
        wanted = [
            one for one in self._listed() if one.file.first < self.upto.get(one.file.partition, 0)
        ]
        passing = Passing(task, self.key, dict(self.upto), own_code())
        found = answers(self._passed(wanted, passing)) if wanted else {}
        results = []
        for partition in self.partitions():
            if partition not in found:  # nothing is kept of it any more
                results.append(task(partition, iter(())))
            elif (error := found[partition].error) is not None:
                raise error
            else:
                results.append(found[partition].result)
            self.told(partition)
        return results

    def _passed(self, wanted: list[_Found], passing: Passing[Any]) -> Any:
        from pyspark.sql import functions  # noqa: PLC0415 - an extra

        groups = sorted({_group(one) for one in wanted})
        words = (functions.lit(word) for n, group in enumerate(groups) for word in (group, n))
        name = functions.substring_index("path", "/", -1)
        slot = functions.create_map(*words)[functions.regexp_extract(name, PARTITION, 1)]
        # One file an Arrow batch: it may hold millions of events.
        self.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1")
        with spoken(self.folder):
            return (
                self._bytes([one.path for one in wanted])
                .select(slot.alias("slot"), name.alias("name"), "path", "content")
                .repartitionById(len(groups), "slot")
                .sortWithinPartitions("name", "path")
                .mapInArrow(passing.run, ROWS)
                .toArrow()
            )

    def _listed(self) -> list[_Found]:
        folder = self.folder
        place = f"file:{folder.absolute()}" if isinstance(folder, Path) else folder
        if isinstance(folder, Path) and partitions_with_base(folder):
            raise WrongInputError(
                f"{folder}: its oldest days went and left a base, which Spark does not read: "
                "use the local engine"
            )
        with spoken(folder):
            rows = self._bytes([place]).select("path").collect()
        named = ((archive_file(Path(row.path)), row.path) for row in rows)
        found = sorted(_Found(file, path) for file, path in named if file is not None)
        if not found:
            raise WrongInputError(
                f"{folder}: there is no archive here; `fairuse archive` writes one"
            )
        return found

    def _bytes(self, places: list[str]) -> DataFrame:
        reading = self.spark.read.format("binaryFile").option("recursiveFileLookup", value=True)
        return reading.option("pathGlobFilter", "*.parquet").load(places)


def _group(found: _Found) -> str:
    return f"{found.file.topic}-{found.file.number:05d}"


def _positions(files: list[_Found]) -> dict[Partition, int]:
    reached: dict[Partition, int] = {}
    for file, _ in files:
        reached[file.partition] = max(reached.get(file.partition, 0), file.last + 1)
    return reached
