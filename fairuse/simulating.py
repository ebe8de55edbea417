"""Writes simulated traffic to a file or a topic, and its labels beside it."""

from __future__ import annotations

import csv
import gzip
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow.parquet as pq

from fairuse.errors import WrongInputError
from fairuse.progress import meter
from fairuse.settings import load_settings
from fairuse.topics import Topics
from streams import urls
from streams.clock import SystemClock
from streams.encode import encode_table
from streams.schema import EVENTS
from streams.simulator import simulate
from streams.transport import CONTENT_TYPE, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from streams.transport import Sink

    Write = Callable[[pa.Table], None]

ENDINGS: Final = (".ndjson", ".ndjson.gz", ".parquet")
HEADERS: Final = ((CONTENT_TYPE, b"application/json"),)
RECORDS_AT_ONCE: Final = 5000


def write_traffic(
    accounts: int, days: float, seed: int, out: str, labels: Path | None
) -> dict[str, object]:
    """Simulate, write, and give what was written."""
    traffic = simulate(accounts, days, seed)
    events = 0
    with _writer(out) as write, meter("events simulated") as shown:
        for table in traffic.tables():
            write(table)
            events += len(table)
            shown.advance(len(table))
    if labels is not None:
        write_labels(labels, traffic.labels)
    return {"accounts": accounts, "events": events, "out": out}


def write_labels(path: Path, labels: list[tuple[str, str]]) -> None:
    """Write `account_id,kind`; the kind of an honest account is empty."""
    with _replacing(path) as part, part.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("account_id", "kind"))
        writer.writerows(labels)


def publish(sink: Sink, topic: str, table: pa.Table) -> None:
    """Write a table's events to a topic, one JSON record each, keyed by account."""
    keys = table.column("account_id").to_pylist()
    records = [
        Record(topic, key.encode(), value, HEADERS)
        for key, value in zip(keys, encode_table(table), strict=True)
    ]
    for start in range(0, len(records), RECORDS_AT_ONCE):
        sink.send(records[start : start + RECORDS_AT_ONCE])


@contextmanager
def _writer(out: str) -> Iterator[Write]:
    if urls.is_topic_url(out):
        with _topic_writer(out) as write:
            yield write
        return
    if not out.endswith(ENDINGS):
        raise WrongInputError(f"{out}: its name must end in {', '.join(ENDINGS)}")
    with _replacing(Path(out)) as part:
        if out.endswith(".parquet"):
            with pq.ParquetWriter(part, EVENTS) as parquet:
                yield parquet.write_table
        else:
            with _lines_file(part, packed=out.endswith(".gz")) as file:
                yield lambda table: file.write(b"\n".join(encode_table(table)) + b"\n")


@contextmanager
def _topic_writer(url: str) -> Iterator[Write]:
    clock = SystemClock()
    topics = Topics.at(url)
    urls.ensure_topics(url, topics.specs(load_settings().partitions), clock=clock)
    sink = urls.open_sink(url, clock=clock)
    try:
        yield lambda table: publish(sink, topics.events, table)
    finally:
        sink.close()


def _lines_file(path: Path, *, packed: bool) -> Any:
    return gzip.open(path, "wb", compresslevel=4) if packed else path.open("wb")


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Write beside the place and move there at the end: no reader finds half a file."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise WrongInputError(f"{path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
