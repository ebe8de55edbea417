"""The feature state of one log partition: a row an account, updated by the batch.

State is a pure function of the partition's log from its beginning: no clock, no chance, and the
same bits however the log is cut into batches. Bounds: memory grows with accounts alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from features import index, kernel, platform
from features.layout import STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from streams.columns import EventBatch

SEEN: Final = 1 << 21
"""Places for event ids: a duplicate is recognised for at least a quarter as many further events."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Feature vectors that came due inside one batch, in log order.

    `rows` (n,) are account rows, `at` (n,) positions in the batch, `events` (n,) how many events
    of the account were known there, `vectors` (n, WIDTH); `plans` (n,) the hash of its plan there,
    0 unknown, and `since` (n,) when its first event was, in microseconds.
    """

    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    events: NDArray[np.int64]
    vectors: NDArray[np.float64]
    plans: NDArray[np.uint64]
    since: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, row: int) -> Readings:
        """Give the readings of one account's row, in the same order."""
        mine = self.rows == row
        return Readings(*(getattr(self, part.name)[mine] for part in fields(self)))


class FeatureState:
    """Per-account running aggregates behind the feature view."""

    def __init__(self, capacity: int = 1024, seen: int = SEEN) -> None:
        self.accounts = 0
        self.names: list[str] = []
        self._rows = np.zeros(capacity, dtype=STATE)
        self._platform = np.zeros(1, dtype=platform.STATE)
        self._keys, self._values = index.table_for(capacity)
        self._seen = np.zeros((2, seen), dtype=np.uint64)
        self._fill = np.zeros(1, dtype=np.int64)

    def update(self, batch: EventBatch) -> Readings:
        """Learn a batch in order and give the vectors of the accounts that came due in it."""
        rows = self.rows_of(batch)
        due_at, known = np.empty((2, len(batch)), dtype=np.int64)
        plans = np.empty(len(batch), dtype=np.uint64)
        lines = self._rows.view(np.uint8).reshape(len(self._rows), STATE.itemsize)
        vectors = kernel.update(
            self._rows, lines, self._platform, rows, batch.events, self._seen, self._fill,
            due_at, known, plans,
        )  # fmt: skip
        at = due_at[: len(vectors)].copy()
        return Readings(
            rows[at], at, known[: len(at)].copy(), vectors, plans[: len(at)].copy(),
            self._rows["first_t"][rows[at]],
        )  # fmt: skip

    def rows_of(self, batch: EventBatch) -> NDArray[np.int64]:
        """Give each event's account row, adding accounts not seen before; shape (n,)."""
        self._make_room(len(batch))
        rows = np.empty(len(batch), dtype=np.int64)
        accounts = batch.events["account"]
        count = index.find_rows(self._keys, self._values, accounts, self.accounts, rows)
        if count > self.accounts:
            fresh = np.flatnonzero(rows >= self.accounts)
            _, first = np.unique(rows[fresh], return_index=True)
            self._rows["account"][self.accounts : count] = accounts[fresh[first]]
            self.names.extend(batch.account_ids[fresh[first]])
            self.accounts = count
        return rows

    def vectors(self) -> NDArray[np.float64]:
        """Every account's vector as it stands; shape (accounts, WIDTH)."""
        return kernel.read_all(self._rows, self._platform, np.arange(self.accounts))  # type: ignore[no-any-return]

    def column(self, name: str) -> NDArray[Any]:
        """One state field of every account, for example ``events``; shape (accounts, ...)."""
        return self._rows[name][: self.accounts]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything a snapshot must hold, as plain arrays."""
        encoded = [name.encode() for name in self.names]
        # As bytes, because copying fields would leave old memory in the padding between them.
        rows = self._rows[: self.accounts].view(np.uint8).copy().view(STATE)
        return {
            "rows": rows,
            "platform": self._platform.copy(),
            "names": np.frombuffer(b"".join(encoded), dtype=np.uint8).copy(),
            "name_lengths": np.array([len(name) for name in encoded], dtype=np.int32),
            "seen": self._seen.copy(),
            "fill": self._fill.copy(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> FeatureState:
        """Build the state again from `arrays()`; raises `ValueError` for another layout."""
        rows = arrays["rows"]
        if rows.dtype != STATE or arrays["platform"].dtype != platform.STATE:
            raise ValueError("the snapshot's rows have another layout than this release")
        state = cls(max(len(rows), 16), seen=arrays["seen"].shape[1])
        state._rows[: len(rows)] = rows
        state._platform[:] = arrays["platform"]
        state.accounts = len(rows)
        state.names = split_names(arrays["names"], arrays["name_lengths"])
        index.refill(state._keys, state._values, rows["account"])
        state._seen[:] = arrays["seen"]
        state._fill[:] = arrays["fill"]
        return state

    def _make_room(self, more: int) -> None:
        need = self.accounts + more
        if need > len(self._rows):
            # Half as much again, in one step: doubling a million rows would cost a gigabyte twice.
            rows = np.zeros(max(need, len(self._rows) * 3 // 2), dtype=STATE)
            rows[: self.accounts] = self._rows[: self.accounts]
            self._rows = rows
        if 2 * need > len(self._keys):
            self._keys, self._values = index.table_for(2 * need)
            index.refill(self._keys, self._values, self._rows["account"][: self.accounts])


def split_names(names: NDArray[np.uint8], lengths: NDArray[np.int32]) -> list[str]:
    """Read the accounts' names out of `FeatureState.arrays`, in the order of the rows."""
    text, ends = names.tobytes(), np.cumsum(lengths)
    return [text[end - size : end].decode() for end, size in zip(ends, lengths, strict=True)]
