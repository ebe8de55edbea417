"""The embedded log's file: topics, records and positions in one SQLite database.

A call of `transaction` is one SQLite transaction, so outputs and input positions take effect
together or not at all. Who reads what is decided in `streams.embedded_group`.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from streams.partitions import partition_for
from streams.transport import Stored, TopicMissingError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from streams.clock import Clock
    from streams.raw import Partition
    from streams.transport import Record, TopicSpec

SCHEMA: Final = 1
FILE: Final = "log.sqlite3"

# A record's id is its partition's slot and its offset side by side, so that reading on from a
# position is one range scan of the table itself, without a second index.
SLOT_BITS: Final = 40

TABLES: Final = """
CREATE TABLE IF NOT EXISTS topics (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, compacted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS partitions (
    slot INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
    beginning INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, number));
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, key BLOB, value BLOB NOT NULL, headers BLOB, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS positions (
    name TEXT NOT NULL, topic TEXT NOT NULL, number INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (name, topic, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    name TEXT NOT NULL, member TEXT NOT NULL, topics TEXT NOT NULL, beat REAL NOT NULL,
    PRIMARY KEY (name, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    name TEXT NOT NULL, topic TEXT NOT NULL, number INTEGER NOT NULL, member TEXT NOT NULL,
    PRIMARY KEY (name, topic, number)) WITHOUT ROWID;
"""


class LogStore:
    """One connection to the log of a folder. Any number of processes may have theirs."""

    def __init__(self, folder: Path, clock: Clock, busy_seconds: float = 10.0) -> None:
        self.folder, self.clock = folder, clock
        self._slots: dict[tuple[str, int], int] = {}
        with self._translated():
            folder.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(folder / FILE, timeout=busy_seconds, isolation_level=None)
            try:
                self._prepare(busy_seconds)
            except BaseException:
                self.db.close()
                raise

    def _prepare(self, busy_seconds: float) -> None:
        deadline = time.monotonic() + busy_seconds
        while self._journal() != "wal":
            # SQLite does not wait by itself while another process makes the same change.
            if time.monotonic() > deadline:
                raise TransportError(f"the log at {self.folder} stays locked")
            time.sleep(0.01)
        # FULL: each commit reaches the disk. With NORMAL a power cut could take back the newest
        # records, and offsets a state snapshot has seen would be given out a second time.
        self.db.execute("PRAGMA synchronous = FULL")
        with self.transaction():
            (found,) = self.db.execute("PRAGMA user_version").fetchone()
            if found > SCHEMA:
                raise TransportError(f"the log at {self.folder} was written by a newer release")
            for statement in TABLES.split(";\n"):
                self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version = {SCHEMA}")

    def _journal(self) -> str:
        try:
            (mode,) = self.db.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return "locked"
        return str(mode)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise TransportError(f"the log at {self.folder}: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside, or nothing. Waits a bounded while for other writers."""
        with self._translated():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def ensure_topics(self, topics: Iterable[TopicSpec]) -> None:
        """Create the topics that are not there; the others stay as they are."""
        with self.transaction():
            for topic in topics:
                row = (topic.name, topic.partitions, topic.compacted)
                if self.db.execute("INSERT OR IGNORE INTO topics VALUES (?, ?, ?)", row).rowcount:
                    self.db.executemany(
                        "INSERT INTO partitions (topic, number) VALUES (?, ?)",
                        [(topic.name, number) for number in range(topic.partitions)],
                    )

    def widen(self, topic: TopicSpec) -> None:
        """Create a topic, or give it the partitions it lacks."""
        self.ensure_topics([topic])
        with self.transaction():
            self.db.execute(
                "UPDATE topics SET partitions = max(partitions, ?) WHERE name = ?",
                (topic.partitions, topic.name),
            )
            self.db.executemany(
                "INSERT OR IGNORE INTO partitions (topic, number) VALUES (?, ?)",
                [(topic.name, number) for number in range(topic.partitions)],
            )

    def partitions(self, topics: Iterable[str]) -> dict[str, int]:
        """Give each topic's number of partitions; `TopicMissingError` if one is not there."""
        with self._translated():
            known = dict(self.db.execute("SELECT name, partitions FROM topics").fetchall())
        for topic in topics:
            if topic not in known:
                raise TopicMissingError(f"there is no topic {topic} in the log at {self.folder}")
        return {topic: int(known[topic]) for topic in topics}

    def append(self, records: Sequence[Record]) -> None:
        """Write records at the ends of their partitions; call it inside a transaction."""
        at = int(self.clock.now().timestamp() * 1_000_000)
        counts = self.partitions({record.topic for record in records})
        ends: dict[int, int] = {}
        rows = []
        for record in records:
            number = partition_for(record.key, record.value, counts[record.topic])
            slot = self.slot(record.topic, number)
            offset = ends[slot] if slot in ends else self.next_offset(slot)
            ends[slot] = offset + 1
            headers = msgspec.msgpack.encode(record.headers) if record.headers else None
            rows.append((slot << SLOT_BITS | offset, record.key, record.value, headers, at))
        self.db.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", rows)
        self.db.executemany(
            "UPDATE partitions SET next = ? WHERE slot = ?",
            [(end, slot) for slot, end in ends.items()],
        )

    def read(self, partition: Partition, offset: int, limit: int, budget: int) -> list[Stored]:
        """Give records from `offset` on: at most `limit`, and few after `budget` bytes."""
        first = self.slot(partition.topic, partition.number) << SLOT_BITS
        bounds = (first + offset, first + (1 << SLOT_BITS) - 1, limit)
        found: list[Stored] = []
        with (
            self._translated(),
            closing(
                self.db.execute(
                    "SELECT id, key, value, headers FROM records"
                    " WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
                    bounds,
                )
            ) as rows,
        ):
            for place, key, value, headers in rows:
                found.append(Stored(place - first, key, value, unpacked(headers)))
                budget -= len(value)
                if budget <= 0:
                    break
        return found

    def bounds(self, partition: Partition) -> tuple[int, int]:
        """Give the first offset kept and the next one to be written."""
        slot = self.slot(partition.topic, partition.number)
        with self._translated():
            beginning, end = self.db.execute(
                "SELECT beginning, next FROM partitions WHERE slot = ?", (slot,)
            ).fetchone()
        return int(beginning), int(end)

    def position(self, group: str, partition: Partition) -> int | None:
        """Give a group's position in a partition, None if it has none."""
        with self._translated():
            row = self.db.execute(
                "SELECT next FROM positions WHERE name = ? AND topic = ? AND number = ?",
                (group, partition.topic, partition.number),
            ).fetchone()
        return None if row is None else int(row[0])

    def set_positions(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Set a group's positions; call it inside a transaction."""
        self.db.executemany(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)",
            [(group, part.topic, part.number, offset) for part, offset in positions.items()],
        )

    def slot(self, topic: str, number: int) -> int:
        """Give the number under which a partition's records are kept; it never changes."""
        if (topic, number) not in self._slots:
            with self._translated():
                row = self.db.execute(
                    "SELECT slot FROM partitions WHERE topic = ? AND number = ?", (topic, number)
                ).fetchone()
            if row is None:
                raise TopicMissingError(f"there is no {topic}/{number} in the log at {self.folder}")
            self._slots[topic, number] = int(row[0])
        return self._slots[topic, number]

    def next_offset(self, slot: int) -> int:
        """Give the offset the next record of a slot will have."""
        row = self.db.execute("SELECT next FROM partitions WHERE slot = ?", (slot,)).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the connection."""
        self.db.close()


def unpacked(headers: bytes | None) -> tuple[tuple[str, bytes], ...]:
    """Read headers as they rest in the file."""
    if headers is None:
        return ()
    return msgspec.msgpack.decode(headers, type=tuple[tuple[str, bytes], ...])
