"""Arrow columns seen as plain NumPy arrays, the form the compiled loops read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
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


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a column, and which of them each row has; every row its own if `rows` is None.

    A dictionary-encoded column is looked at once a distinct text instead of once a row.
    """

    texts: pa.Array
    rows: NDArray[np.int32] | None = None

    @staticmethod
    def of(column: pa.Array) -> Words:
        """Take a column of `large_string`, plain or in a dictionary with `int32` places."""
        if not pa.types.is_dictionary(column.type):
            return Words(column)
        texts, places = column.dictionary, column.indices
        # One more, absent: what rows without a text point at.
        texts = pa.concat_arrays([texts, pa.nulls(1, pa.large_string())])
        return Words(texts, places.fill_null(len(texts) - 1).to_numpy())

    def each(self, found: NDArray[Any]) -> NDArray[Any]:
        """Give what was found for the texts to every row."""
        return found if self.rows is None else found[self.rows]


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
