"""Events with a few of their own words beside the numbers, for people who read them later.

Decoding reduces text to keyed hashes; a reviewer must read what model was asked for, and may have a
reason to read an address. Who asks for these columns says where they go and how long they stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from streams.decode import judge
from streams.decode_open import open_batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from streams.columns import EventBatch
    from streams.decode_open import Opened
    from streams.raw import RawBatch

WORDS: Final = ("ip", "model", "feature")


@dataclass(frozen=True, slots=True)
class NamedEvents:
    """Decoded events, and for each word of `WORDS` an object array (n,) of `str` or None."""

    batch: EventBatch
    words: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.batch)

    def __getitem__(self, part: slice) -> NamedEvents:
        words = {name: column[part] for name, column in self.words.items()}
        return NamedEvents(self.batch[part], words)


def read_named(raw: RawBatch, key: bytes) -> Iterator[NamedEvents]:
    """Give the events of a batch in log order; what cannot be read is left out."""
    for opened in open_batch(raw):
        events = judge(opened, key).events
        if len(events):
            yield NamedEvents(events, {name: _words(opened, name) for name in WORDS})


def _words(opened: Opened, name: str) -> NDArray[Any]:
    column = opened.columns.get(name, pa.nulls(len(opened.places.offsets), pa.string()))
    kept = column.filter(pa.array(opened.faults.good(), pa.bool_()))
    words: NDArray[Any] = kept.to_numpy(zero_copy_only=False).astype(object)
    return words
