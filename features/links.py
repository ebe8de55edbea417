"""The second keyed stage: for each shared attribute, which accounts were seen with it.

Like the feature state it is a function of the log read so far, whatever the batches. Memory is
bounded: accounts, and a stated number of attributes of each kind in two generations; one that
nobody showed for that long is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from features import index, sightings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from streams.columns import EventBatch

ATTRIBUTES: Final = 1 << 18
"""Attributes of each kind in one generation; all four kinds full take some 300 MB."""
LAYOUT: Final = str((sightings.ACCOUNT, sightings.ATTRIBUTE, sightings.MARKS, "1"))
_ROOM: Final = 64 * sightings.MOST_NEWS
_PARTS: Final = tuple((kind, age) for kind in range(sightings.KINDS) for age in (0, 1))


@dataclass(frozen=True, slots=True)
class Sighting:
    """An account and a shared attribute, as things stood when it was told.

    `degree` counts the attribute's accounts (about, beyond sixteen), `burst` the most new ones
    first seen within a day (sixteen at most), `networks` holds a bit for each code of
    `streams.vocabulary.NETWORKS`; `fresh` says that this account was new when it came. `t` is in
    microseconds; `partition` and `offset` name the event that brought the news.
    """

    account_id: str
    kind: int
    key: int
    degree: int
    burst: int
    networks: int
    fresh: bool
    t: int
    partition: int
    offset: int


class LinkTable:
    """Accounts by shared attribute.

    Parameters
    ----------
    attributes
        How many attributes of each kind one generation holds.

    """

    def __init__(self, attributes: int = ATTRIBUTES) -> None:
        kinds, size = sightings.KINDS, 1 << int(2 * attributes - 1).bit_length()
        self.names: list[str] = []
        self._hashes = np.zeros(1024, dtype=np.uint64)
        self._accounts = np.zeros(1024, dtype=sightings.ACCOUNT)
        self._index, self._values = index.table_for(1024)
        self._keys = np.zeros((kinds, 2, size), dtype=np.uint64)
        self._places = np.zeros((kinds, 2, size), dtype=np.int32)
        self._rows = np.zeros((kinds, 2, attributes), dtype=sightings.ATTRIBUTE)
        self._fill = np.zeros((kinds, 2), dtype=np.int64)
        self._young = np.zeros(kinds, dtype=np.int64)
        self._early = np.zeros(2 + sightings.EARLY, dtype=np.int64)
        self._news = np.zeros(_ROOM, dtype=sightings.NEWS)

    @property
    def accounts(self) -> int:
        """How many accounts are known."""
        return len(self.names)

    @property
    def attributes(self) -> int:
        """How many attributes are held."""
        return int(self._fill.sum())

    def update(self, batch: EventBatch) -> list[Sighting]:
        """Learn a batch in order and give what is new of attributes shared by two or more."""
        seats, told, at = self._seats(batch), [], 0
        while at < len(batch):
            at, count = sightings.learn(
                batch.events, at, seats, self._accounts, self._early, self._keys, self._places,
                self._rows, self._fill, self._young, self._news,
            )  # fmt: skip
            told += [self._sighting(batch, news) for news in self._news[:count]]
        return told

    def held(self, before: int) -> Iterator[Sighting]:
        """Give what was not told yet of the shared attributes first seen a day before `before`.

        For the end of a replay: an attribute that nobody shows again is told by no event. Changes
        nothing; the place in the log is that of no event (partition and offset 0).
        """
        for kind, age in _PARTS:
            rows = self._rows[kind, age][: self._fill[kind, age]]
            due = (rows["degree"] > 1) & (rows["first"] <= before - sightings.SETTLED)
            for row in rows[due]:
                # A row fetched into the young generation leaves a stale one in the old.
                if age == self._young[kind] or not self._is_young(kind, row["key"]):
                    yield from self._untold(kind, row)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything a snapshot must hold, as plain arrays."""
        count, encoded = self.accounts, [name.encode() for name in self.names]
        filled = [self._rows[part][: self._fill[part]] for part in _PARTS]
        return {
            "names": np.frombuffer(b"".join(encoded), dtype=np.uint8).copy(),
            "name_lengths": np.array([len(name) for name in encoded], dtype=np.int32),
            "hashes": self._hashes[:count].copy(),
            "accounts": self._accounts[:count].copy(),
            "rows": np.concatenate(filled),
            "room": np.array([self._rows.shape[2]]),
            "fill": self._fill.copy(),
            "young": self._young.copy(),
            "early": self._early.copy(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> LinkTable:
        """Build the table again from `arrays()`; raises `ValueError` for another layout."""
        rows, accounts, hashes = arrays["rows"], arrays["accounts"], arrays["hashes"]
        if rows.dtype != sightings.ATTRIBUTE or accounts.dtype != sightings.ACCOUNT:
            raise ValueError("the snapshot's links have another layout than this release")
        table = cls(attributes=int(arrays["room"][0]))
        table._make_room(len(accounts))
        table._accounts[: len(accounts)], table._hashes[: len(accounts)] = accounts, hashes
        index.refill(table._index, table._values, hashes)
        lengths, text = arrays["name_lengths"], arrays["names"].tobytes()
        spans = zip(np.cumsum(lengths) - lengths, np.cumsum(lengths), strict=True)
        table.names = [text[start:end].decode() for start, end in spans]
        for name in ("fill", "young", "early"):
            getattr(table, f"_{name}")[:] = arrays[name]
        ends = np.cumsum([table._fill[part] for part in _PARTS])
        for part, end in zip(_PARTS, ends, strict=True):
            here = rows[end - table._fill[part] : end]
            table._rows[part][: len(here)] = here
            index.refill(table._keys[part], table._places[part], here["key"])
        return table

    def _seats(self, batch: EventBatch) -> NDArray[np.int64]:
        """Give each event's account row, adding accounts not seen before."""
        self._make_room(len(batch))
        seats = np.empty(len(batch), dtype=np.int64)
        hashes, known = batch.events["account"], self.accounts
        count = index.find_rows(self._index, self._values, hashes, known, seats)
        fresh = np.flatnonzero(seats >= known)
        first = fresh[np.unique(seats[fresh], return_index=True)[1]]
        self._hashes[known:count] = hashes[first]
        self.names.extend(batch.account_ids[first])
        return seats

    def _make_room(self, more: int) -> None:
        need, known = self.accounts + more, self.accounts
        if need > len(self._accounts):
            size = max(need, len(self._accounts) * 3 // 2)
            for name in ("_accounts", "_hashes"):
                old = getattr(self, name)
                setattr(self, name, np.zeros(size, dtype=old.dtype))
                getattr(self, name)[:known] = old[:known]
        if 2 * need > len(self._index):
            self._index, self._values = index.table_for(2 * need)
            index.refill(self._index, self._values, self._hashes[:known])

    def _is_young(self, kind: int, key: Any) -> bool:
        keys = self._keys[kind, self._young[kind]]
        return bool(keys[index.place(keys, key)] == key)

    def _untold(self, kind: int, row: Any) -> Iterator[Sighting]:
        for k in range(int(row["told"]), min(int(row["degree"]), sightings.MEMBERS)):
            yield Sighting(
                account_id=self.names[row["members"][k]],
                kind=kind,
                key=int(row["key"]),
                degree=int(row["degree"]),
                burst=int(row["burst"]),
                networks=int(row["networks"]),
                fresh=bool(row["fresh"] >> k & 1),
                t=int(row["first"]),
                partition=0,
                offset=0,
            )

    def _sighting(self, batch: EventBatch, news: Any) -> Sighting:
        event = batch.events[int(news["at"])]
        return Sighting(
            account_id=self.names[news["account"]],
            kind=int(news["kind"]),
            key=int(news["key"]),
            degree=int(news["degree"]),
            burst=int(news["burst"]),
            networks=int(news["networks"]),
            fresh=bool(news["fresh"]),
            t=int(news["t"]),
            partition=int(event["partition"]),
            offset=int(event["offset"]),
        )
