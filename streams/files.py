"""Files of events: NDJSON (plain or gzip) and Parquet, read in order with bounded memory.

Broken lines and rows become dead letters whose offset is their place in the file, so
``offset + 1`` is the line. A file that cannot be read at all raises `InputError`.
"""

from __future__ import annotations

import functools
import gzip
import itertools
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from streams.archive import read_archive
from streams.decode import Decoded, decode_json, decode_table
from streams.decode_arrow import sound
from streams.decode_places import Places
from streams.encode import conform, encode_table
from streams.errors import InputError
from streams.hashing import DEFAULT_KEY
from streams.lines import Block, read_blocks
from streams.raw import Partition
from streams.schema import EVENT_FIELDS, EVENTS, REQUIRED
from streams.workers import ordered_map

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Progress: TypeAlias = Callable[[int, int], None]  # bytes done, bytes in all

PLAIN: Final = (".ndjson", ".jsonl")
GZIP: Final = (".ndjson.gz", ".jsonl.gz")
NAMES: Final = "its name must end in .ndjson, .ndjson.gz or .parquet"

ROWS: Final = 1 << 16
"""Rows read from Parquet at a time."""

WORTH_WORKERS: Final = 32 << 20
"""Below this many bytes, starting processes takes longer than they save."""


def read_events(
    path: Path,
    *,
    key: bytes = DEFAULT_KEY,
    workers: int = 0,
    progress: Progress | None = None,
) -> Iterator[Decoded]:
    """Yield the events of a file, or of a folder written by `fairuse archive`, in order.

    With `workers`, NDJSON is decoded in as many processes, still yielded in order. `progress` is
    called after each piece.
    """
    tell = progress or _nobody
    if path.is_dir():
        yield from _some(path, read_archive(path, key=key, progress=tell))
    elif not path.is_file():
        raise InputError("there is no such file", file=str(path))
    elif path.name.endswith((*PLAIN, *GZIP)):
        yield from _some(path, _read_lines(path, key, workers, tell))
    elif path.suffix == ".parquet":
        yield from _some(path, _read_parquet(path, key, tell))
    else:
        raise InputError(NAMES, file=str(path))


def write_events(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write tables of events as the file's name says; gives the number of events.

    The file appears under its name only once it is whole.
    """
    begun = path.with_name(path.name + ".begun")
    try:
        count = _writer(path)(begun, tables)
        begun.replace(path)
    except OSError as error:
        raise InputError(f"it cannot be written: {error.strerror}", file=str(path)) from error
    finally:
        begun.unlink(missing_ok=True)
    return count


def _writer(path: Path) -> Callable[[Path, Iterable[pa.Table]], int]:
    if path.suffix == ".parquet":
        return _write_parquet
    if path.name.endswith(GZIP):
        return functools.partial(_write_lines, gzip.open)
    if path.name.endswith(PLAIN):
        return functools.partial(_write_lines, open)
    raise InputError(NAMES, file=str(path))


def _write_parquet(path: Path, tables: Iterable[pa.Table]) -> int:
    count = 0
    with pq.ParquetWriter(path, EVENTS, compression="zstd") as file:
        for table in tables:
            file.write_table(conform(table))
            count += len(table)
    return count


def _write_lines(opener: Any, path: Path, tables: Iterable[pa.Table]) -> int:
    count = 0
    with opener(path, "wb") as file:
        for table in tables:
            file.writelines(line + b"\n" for line in encode_table(table))
            count += len(table)
    return count


def _some(path: Path, parts: Iterator[Decoded]) -> Iterator[Decoded]:
    """Pass on what comes; nothing at all is an error, since it is never what was meant."""
    first = next(parts, None)
    if first is None:
        raise InputError("it is empty", file=str(path))
    yield from itertools.chain([first], parts)


def _read_lines(path: Path, key: bytes, workers: int, progress: Progress) -> Iterator[Decoded]:
    size = path.stat().st_size
    work = functools.partial(decode_block, str(path), key)
    blocks = read_blocks(path)
    for block, decoded in ordered_map(work, blocks, workers if size >= WORTH_WORKERS else 0):
        progress(block.position, size)
        yield decoded


def decode_block(file: str, key: bytes, block: Block) -> Decoded:
    """Decode one block of NDJSON; blank lines are nothing, and are counted."""
    lines = block.text.split(b"\n")
    filled = [number for number, line in enumerate(lines) if line and not line.isspace()]
    offsets = np.array(filled, dtype=np.int64) + block.first
    places = Places.of_records(Partition(file, 0), offsets)
    return decode_json([lines[number] for number in filled], places, key)


def _read_parquet(path: Path, key: bytes, progress: Progress) -> Iterator[Decoded]:
    size, done = path.stat().st_size, 0
    if not size:
        return
    try:
        with pq.ParquetFile(path) as file:
            columns = _columns(path, file.schema_arrow.names)
            for batch in file.iter_batches(ROWS, columns=columns):
                table = sound(pa.Table.from_batches([batch]))
                offsets = np.arange(done, done + len(table))
                yield decode_table(table, Places.of_records(Partition(str(path), 0), offsets), key)
                done += len(table)
                progress(size * done // file.metadata.num_rows, size)
    except (pa.ArrowException, OSError, ValueError) as error:
        problem = str(error).partition("\n")[0]
        raise InputError(f"it is damaged or not Parquet: {problem}", file=str(path)) from error


def _columns(path: Path, names: list[str]) -> list[str]:
    for name in REQUIRED:
        if name not in names:
            raise InputError("there is no such column", file=str(path), field=name)
    return [name for name in EVENT_FIELDS if name in names]


def _nobody(done: int, total: int) -> None:
    """Hear the progress nobody asked for."""
