"""What keeps the embedded log small: trimming by count or age, compaction by key.

Nothing runs by itself; whoever owns the log calls these now and then. Both leave gaps in the
offsets, never reuse one, and are safe beside readers and writers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.embedded_store import SLOT_BITS
from streams.transport import TransportError

if TYPE_CHECKING:
    from datetime import timedelta

    from streams.embedded_store import LogStore


def trim(
    store: LogStore,
    topic: str,
    *,
    keep_records: int | None = None,
    keep_for: timedelta | None = None,
) -> int:
    """Remove what is over either limit in each partition; give how many records went."""
    removed = 0
    oldest = None if keep_for is None else store.clock.now() - keep_for
    with store.transaction():
        for number in range(store.partitions([topic])[topic]):
            slot = store.slot(topic, number)
            first, beyond = slot << SLOT_BITS, (slot << SLOT_BITS) + store.next_offset(slot)
            keep = first
            if keep_records is not None:
                keep = max(keep, _nth_last(store, first, beyond, keep_records))
            if oldest is not None:
                since = int(oldest.timestamp() * 1_000_000)
                keep = max(keep, _first_since(store, first, beyond, since))
            removed += store.db.execute(
                "DELETE FROM records WHERE id >= ? AND id < ?", (first, keep)
            ).rowcount
            store.db.execute(
                "UPDATE partitions SET beginning = max(beginning, ?) WHERE slot = ?",
                (keep - first, slot),
            )
    return removed


def compact(store: LogStore, topic: str) -> int:
    """Keep the last record of every key of a compacted topic; give how many records went."""
    removed = 0
    with store.transaction():
        row = store.db.execute("SELECT compacted FROM topics WHERE name = ?", (topic,)).fetchone()
        if row is None or not row[0]:
            raise TransportError(f"{topic} is not a compacted topic of the log at {store.folder}")
        for number in range(store.partitions([topic])[topic]):
            slot = store.slot(topic, number)
            bounds = (slot << SLOT_BITS, ((slot + 1) << SLOT_BITS) - 1)
            removed += store.db.execute(
                "DELETE FROM records WHERE id BETWEEN ? AND ? AND key IS NOT NULL AND id NOT IN"
                " (SELECT max(id) FROM records WHERE id BETWEEN ? AND ? GROUP BY key)",
                (*bounds, *bounds),
            ).rowcount
    return removed


def _nth_last(store: LogStore, first: int, beyond: int, count: int) -> int:
    if count == 0:
        return beyond
    row = store.db.execute(
        "SELECT id FROM records WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ?",
        (first, beyond, count - 1),
    ).fetchone()
    return first if row is None else int(row[0])


def _first_since(store: LogStore, first: int, beyond: int, since: int) -> int:
    row = store.db.execute(
        "SELECT id FROM records WHERE id >= ? AND id < ? AND at >= ? ORDER BY id LIMIT 1",
        (first, beyond, since),
    ).fetchone()
    return beyond if row is None else int(row[0])
