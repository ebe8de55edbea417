"""What a Spark executor does in a pass: files of partitions come in, results go out.

Files come as they lie in the archive, bytes and name, those of a partition one after the other, and
are read by the code that reads them on one machine. No Spark in here: Arrow batches in and out.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import pyarrow as pa

from fairuse.archiving.base import base_partition, state_of, unpack_base
from fairuse.errors import ProgramError
from fairuse.retrain.logs import from_base
from fairuse.retrain.source import code_digest
from features.view import VIEW
from streams.archive import ArchiveFile, archive_file, read_file
from streams.errors import StreamsError
from streams.raw import Partition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detectors.passes import Task
    from features.state import FeatureState
    from streams.columns import EventBatch

T = TypeVar("T")

ANSWER: Final = pa.schema(
    [
        pa.field("topic", pa.string()),
        pa.field("number", pa.int32()),
        pa.field("piece", pa.int32()),
        pa.field("body", pa.binary()),
    ]
)
"""A result, pickled and cut: no cell of Arrow and no message of Spark holds two gigabytes."""

PIECE: Final = 1 << 24


class OtherCode(ProgramError):  # noqa: N818 - named for what it means
    """An executor runs other sources than the driver, so the bits would be those of neither."""


class Answer(NamedTuple):
    """What came of a partition: a result, or the error that whoever asked should see."""

    result: Any = None
    error: Exception | None = None


class _Held(NamedTuple):
    """A file of a partition; without `file` its base, which comes before the others."""

    partition: Partition
    path: Path
    file: ArchiveFile | None
    content: pa.Buffer


def own_code() -> str:
    """Name the code that runs here by what its results depend on."""
    return f"{VIEW.fingerprint}-{code_digest()}"


@dataclass(frozen=True, slots=True)
class Passing(Generic[T]):
    """One pass of a task up to the offsets `upto`; `code` is the driver's `own_code`."""

    task: Task[T]
    key: bytes
    upto: Mapping[Partition, int]
    code: str

    def run(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give the rows of `ANSWER` for every partition in `batches` of (path, content)."""
        for partition, files in groupby(_files(batches), lambda held: held.partition):
            yield from _pieces(partition, self._answer(partition, files))

    def _answer(self, partition: Partition, files: Iterator[_Held]) -> Answer:
        try:
            if own_code() != self.code:
                raise OtherCode(
                    f"an executor runs other code ({own_code()}) than the driver ({self.code}): "
                    "give it the same release"
                )
            base, files = _apart(files)
            upto = self.upto[partition]
            batches = partial(self._events, files, upto)
            return Answer(self.task(partition, from_base(base, batches, partition, upto)))
        except (ProgramError, StreamsError) as error:
            # Not left to Spark, which would try again as often as its settings say.
            return Answer(error=error)

    def _events(self, files: Iterator[_Held], upto: int, start: int) -> Iterator[EventBatch]:
        for _, _, file, content in files:
            if file is None or file.last < start:
                continue
            for decoded in read_file(file, start, self.key, content):
                early = decoded.events.events["offset"] < upto
                yield decoded.events if early.all() else decoded.events.where(early)
            start = file.last + 1


def answers(table: pa.Table) -> dict[Partition, Answer]:
    """Put the rows of `ANSWER` together again, in whatever order they came."""
    pieces: dict[Partition, dict[int, bytes]] = {}
    for batch in table.to_batches():
        for topic, number, piece, body in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            pieces.setdefault(Partition(topic, number), {})[piece] = body
    return {
        partition: pickle.loads(b"".join(found[n] for n in sorted(found)))  # noqa: S301 - our own
        for partition, found in pieces.items()
    }


def _apart(files: Iterator[_Held]) -> tuple[tuple[FeatureState, int] | None, Iterator[_Held]]:
    """Give the newest base, if there is one, and the files after it."""
    base, first = None, next(files, None)
    while first is not None and first.file is None:
        base, first = first, next(files, None)
    rest = chain([] if first is None else [first], files)
    if base is None:
        return None, rest
    return state_of(unpack_base(base.content.to_pybytes(), base.path), base.path.parent), rest


def _files(batches: Iterator[pa.RecordBatch]) -> Iterator[_Held]:
    for batch in batches:
        for name, content in zip(batch.column("path"), batch.column("content"), strict=True):
            path = Path(name.as_py())
            file = archive_file(path)
            partition = base_partition(path) if file is None else file.partition
            if partition is not None:
                yield _Held(partition, path, file, content.as_buffer())


def _pieces(partition: Partition, answer: Answer) -> Iterator[pa.RecordBatch]:
    body = memoryview(pickle.dumps(answer, protocol=5))
    for piece, at in enumerate(range(0, len(body), PIECE)):
        row = ([partition.topic], [partition.number], [piece], [bytes(body[at : at + PIECE])])
        yield pa.RecordBatch.from_arrays(
            [pa.array(value, kind) for value, kind in zip(row, ANSWER.types, strict=True)],
            schema=ANSWER,
        )
