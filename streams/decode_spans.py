"""Arrow columns seen as plain NumPy arrays, the form the compiled loops read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Spans:
    """Where each value of a text column lies in its buffer; an absent value is an empty span."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    text: NDArray[np.uint8]

    @staticmethod
    def of(column: pa.Array) -> Spans:
        """View a `large_string` column of at least one row."""
        _, offsets, payload = column.buffers()
        every = np.frombuffer(offsets, dtype=np.int64)[column.offset :]
        starts, ends = every[: len(column)], every[1 : len(column) + 1]
        if column.null_count:
            ends = np.where(mask(column, len(column)), ends, starts)
        text = np.frombuffer(payload if payload is not None and payload.size else b"\0", np.uint8)
        ends.flags.writeable = False  # as the others are, so that each kernel is compiled once
        return Spans(starts, ends, text)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Bytes of each value."""
        return self.ends - self.starts

    @property
    def parts(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """The arguments every kernel begins with."""
        return self.starts, self.ends, self.text


def mask(column: pa.Array | None, count: int) -> NDArray[np.bool_]:
    """Say which of `count` values are there; a column that is not there has none."""
    if column is None:
        return np.zeros(count, dtype=np.bool_)
    if not column.null_count:
        return np.ones(count, dtype=np.bool_)
    there: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return there


def is_utf8(text: bytes) -> bool:
    """Say whether bytes are text."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
