"""Raw records to columns: a pure function with a verdict on every record.

A record or row that is not an event becomes a dead letter, alone; the rest of its batch goes on,
in log order. Which values are allowed is `streams.event`; opening the encodings is
`streams.decode_open`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streams.columns import EventBatch
from streams.decode_columns import fill_rows
from streams.decode_open import open_batch, open_json, open_table
from streams.hashing import DEFAULT_KEY
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.dead_letters import DeadLetter
    from streams.decode_open import Opened
    from streams.decode_places import Places
    from streams.raw import RawBatch


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came of a batch: its events and its dead letters, both in log order.

    `unknown_types` counts events of a type this release does not know: accepted, without effect.
    """

    events: EventBatch
    dead: list[DeadLetter]
    unknown_types: int

    @staticmethod
    def join(parts: Sequence[Decoded]) -> Decoded:
        """Put the results of one partition together, in the order given."""
        if len(parts) == 1:
            return parts[0]
        dead = [letter for part in parts for letter in part.dead]
        return Decoded(
            EventBatch.join([part.events for part in parts]),
            dead,
            sum(part.unknown_types for part in parts),
        )


def decode(batch: RawBatch, key: bytes = DEFAULT_KEY) -> Decoded:
    """Decode a batch from a source; never raises for what a record holds."""
    return Decoded.join([judge(opened, key) for opened in open_batch(batch)])


def decode_table(table: pa.Table, places: Places, key: bytes = DEFAULT_KEY) -> Decoded:
    """Decode a table of events of which every buffer is known to be sound."""
    return judge(open_table(table, places), key)


def decode_json(records: Sequence[bytes], places: Places, key: bytes = DEFAULT_KEY) -> Decoded:
    """Decode records that each hold one JSON event."""
    return Decoded.join([judge(opened, key) for opened in open_json(records, places)])


def judge(opened: Opened, key: bytes) -> Decoded:
    """Apply the rules, write the places, and part the events from the dead."""
    places, count = opened.places, len(opened.places.offsets)
    if not count:
        return Decoded(EventBatch.join([]), opened.refused, 0)
    rows = fill_rows(opened.columns, count, opened.faults, key)
    rows["partition"] = places.partition.number
    rows["offset"] = places.offsets
    rows["index"] = places.index
    names = opened.columns.get("account_id", pa.nulls(count)).to_numpy(zero_copy_only=False)
    dead = opened.dead()
    if dead:
        good = opened.faults.good()
        rows, names = rows[good], names[good]
    unknown = int(np.count_nonzero(rows["type"] == EventType.OTHER))
    return Decoded(EventBatch(rows, names.astype(object)), dead, unknown)
