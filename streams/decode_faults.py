"""What is wrong with the rows of a batch: the first fault of each row, found column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streams.event import MAX_RECORD_BYTES, DeadReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Fault(NamedTuple):
    """Why a row is not an event: the reason, the field it lies in and a sentence naming it."""

    reason: DeadReason
    field: str
    sentence: str


class Faults:
    """Collects faults of `count` rows; only the first of a row is kept."""

    def __init__(self, count: int) -> None:
        self._known: list[Fault] = []
        self._first = np.zeros(count, dtype=np.int16)  # 0 = none, else place in `_known` + 1

    def mark(self, rows: NDArray[np.bool_], fault: Fault) -> None:
        """Say that `rows` (a mask) have this fault."""
        fresh = rows & (self._first == 0)
        if fresh.any():
            self._known.append(fault)
            self._first[fresh] = len(self._known)

    def good(self) -> NDArray[np.bool_]:
        """Mask of the rows without fault."""
        good: NDArray[np.bool_] = self._first == 0
        return good

    def __iter__(self) -> Iterator[tuple[int, Fault]]:
        """Each faulty row with its fault, in row order."""
        for row in np.flatnonzero(self._first):
            yield int(row), self._known[self._first[row] - 1]


def too_large(record: bytes) -> Fault:
    """Give the fault of a record over `MAX_RECORD_BYTES`."""
    sentence = f"the record has {len(record)} bytes, {MAX_RECORD_BYTES} are allowed"
    return Fault(DeadReason.TOO_LARGE, "", sentence)
