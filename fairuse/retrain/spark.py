"""The archive as a log that tasks pass over on a Spark cluster: the same files, code and bits.

Spark finds the files, brings those of a partition of the log to one of its own, in log order and
compressed as they lie, and collects the results. What happens to them is `spark_executor`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from fairuse.archiving.base import base_partition
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
FILES: Final = "*.{parquet,snapshot}"
PARTITION: Final = r"^(.+?-\d+)(?:-\d{20}){1,2}\.(?:parquet|snapshot)$"
"""Of a file's name what says the partition, in five digits, or in as many as needed."""


class _Found(NamedTuple):
    """A file of the archive, or without `file` a base, and its name as Spark says it."""

    partition: Partition
    path: str
    file: ArchiveFile | None


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
        wanted = [one for one in self._listed() if _first(one) < self.upto.get(one.partition, 0)]
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

        slots = {one: n for n, one in enumerate(sorted({one.partition for one in wanted}))}
        groups = {_group(one): slots[one.partition] for one in wanted}
        words = (functions.lit(word) for pair in groups.items() for word in pair)
        name = functions.substring_index("path", "/", -1)
        slot = functions.create_map(*words)[functions.regexp_extract(name, PARTITION, 1)]
        # One file an Arrow batch: it may hold millions of events.
        self.spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1")
        with spoken(self.folder):
            return (
                self._bytes([one.path for one in wanted])
                .select(slot.alias("slot"), name.alias("name"), "path", "content")
                .repartitionById(len(slots), "slot")
                # The base first, in which the others go on.
                .sortWithinPartitions(functions.col("name").endswith(".parquet"), "name", "path")
                .mapInArrow(passing.run, ROWS)
                .toArrow()
            )

    def _listed(self) -> list[_Found]:
        folder = self.folder
        place = f"file:{folder.absolute()}" if isinstance(folder, Path) else folder
        with spoken(folder):
            rows = self._bytes([place]).select("path").collect()
        found = sorted(filter(None, (_found(row.path) for row in rows)), key=lambda one: one[:2])
        if not any(one.file for one in found):
            raise WrongInputError(
                f"{folder}: there is no archive here; `fairuse archive` writes one"
            )
        return found

    def _bytes(self, places: list[str]) -> DataFrame:
        reading = self.spark.read.format("binaryFile").option("recursiveFileLookup", value=True)
        return reading.option("pathGlobFilter", FILES).load(places)


def _found(path: str) -> _Found | None:
    place = Path(path)
    file = archive_file(place)
    partition = base_partition(place) if file is None else file.partition
    return None if partition is None else _Found(partition, path, file)


def _first(found: _Found) -> int:
    """Give the first offset of a file; a base is for everything that comes after."""
    return -1 if found.file is None else found.file.first


def _group(found: _Found) -> str:
    name = re.fullmatch(PARTITION, Path(found.path).name)
    if name is None:
        raise ValueError(f"{found.path} is no file of an archive")
    return name[1]


def _positions(files: list[_Found]) -> dict[Partition, int]:
    reached: dict[Partition, int] = {}
    for file in (one.file for one in files if one.file is not None):
        reached[file.partition] = max(reached.get(file.partition, 0), file.last + 1)
    return reached
