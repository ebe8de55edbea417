"""The first pass over a log: who is there, what is usual, and what was so when people judged.

Of every account the last vector in each stratum is kept: the reference. Of accounts that a person
judged, also the vectors up to the place of the evidence, because what came after the judgement
was not judged. Partitions are counted apart and put together in their order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.passes import state_before
from detectors.tails import EDGES
from features.state import FeatureState, Readings
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from detectors.passes import Log
    from streams.columns import EventBatch
    from streams.place import Place
    from streams.raw import Partition

WIDTH: Final = len(VIEW.names)
INDEX_BITS: Final = 17
"""A record holds at most 2**17 events, so offset and index make one number."""


@dataclass
class Held:
    """The last vector of each account (by row) in one stratum."""

    place: NDArray[np.int64] = field(default_factory=lambda: np.full(256, -1, dtype=np.int64))
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(256, dtype=np.int64))
    vectors: NDArray[np.float64] = field(default_factory=lambda: np.empty((256, WIDTH)))
    count: int = 0

    def learn(self, rows: NDArray[np.int64], vectors: NDArray[np.float64]) -> None:
        """Keep vectors (n, WIDTH) of rows (n,), each row once."""
        if len(rows) and rows.max() >= len(self.place):
            wider = np.full(max(int(rows.max()) + 1, 2 * len(self.place)), -1, dtype=np.int64)
            wider[: len(self.place)] = self.place
            self.place = wider
        fresh = rows[self.place[rows] < 0]
        upto = self.count + len(fresh)
        if upto > len(self.rows):
            # Half as much again: these are the most of what a pass holds.
            size = max(upto, 3 * len(self.rows) // 2)
            self.rows = np.resize(self.rows, size)
            wider_vectors = np.empty((size, WIDTH))
            wider_vectors[: self.count] = self.vectors[: self.count]
            self.vectors = wider_vectors
        self.place[fresh] = np.arange(self.count, upto)
        self.rows[self.count : upto] = fresh
        self.count = upto
        self.vectors[self.place[rows]] = vectors

    def of(self, row: int) -> NDArray[np.float64] | None:
        """Give the vector held of a row, if there is one."""
        at = self.place[row] if row < len(self.place) else -1
        return self.vectors[at].copy() if at >= 0 else None

    def by_row(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Give rows (n,), rising, and their vectors (n, WIDTH)."""
        order = np.argsort(self.rows[: self.count], kind="stable")
        return self.rows[order], self.vectors[order]


def strata_of(acts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the stratum of each number of acts (n,), -1 below the first."""
    strata: NDArray[np.int64] = np.searchsorted(EDGES, acts, side="right") - 1
    return strata


@dataclass
class Reference:
    """The last vector of each account in each stratum, as the replay goes by."""

    strata: list[Held] = field(default_factory=lambda: [Held() for _ in EDGES])

    def learn(self, readings: Readings) -> None:
        """Keep what the readings of one batch say last."""
        stratum = strata_of(readings.vectors[:, 0])
        for s in np.unique(stratum[stratum >= 0]):
            at = np.flatnonzero(stratum == s)
            rows, last = np.unique(readings.rows[at][::-1], return_index=True)
            self.strata[s].learn(rows, readings.vectors[at[::-1][last]])

    def until(self, readings: Readings, at: int) -> dict[int, NDArray[np.float64]]:
        """Give one account's vector a stratum, up to and with a reading not learnt yet."""
        row = int(readings.rows[at])
        held = ((s, one.of(row)) for s, one in enumerate(self.strata))
        found = {s: vector for s, vector in held if vector is not None}
        mine = np.flatnonzero(readings.rows[: at + 1] == row)
        for place, s in zip(mine, strata_of(readings.vectors[mine, 0]), strict=True):
            if s >= 0:
                found[int(s)] = readings.vectors[place].copy()
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """The vectors at J places that people judged, and those that led there.

    `number` (J,) of the partition, `key` (J,) of the place in it, `row` (J,) of the account and
    `vector` (J, WIDTH); then V vectors `led` (V, WIDTH), one a stratum, of judgement `of` (V,).
    """

    number: NDArray[np.int64]
    key: NDArray[np.int64]
    row: NDArray[np.int64]
    vector: NDArray[np.float64]
    of: NDArray[np.int64]
    led: NDArray[np.float64]

    def at(self, row: int, place: Place) -> int | None:
        """Give the number of the judgement of an account at a place; None if it was not found."""
        found = np.flatnonzero((self.key == key_of(place)) & (self.row == row))
        return int(found[0]) if len(found) else None

    def until(self, row: int, place: Place) -> NDArray[np.float64] | None:
        """Give an account's vectors (n, WIDTH) up to a place, one a stratum; None as `at`."""
        one = self.at(row, place)
        return None if one is None else self.led[self.of == one]


NAMES: Final = ("number", "key", "row", "vector", "of", "led")


@dataclass(frozen=True, slots=True)
class Census:
    """What the first pass learns of A accounts in P partitions.

    `names` (A,) of the accounts, partition after partition, which begin at `starts` (P + 1,); for
    each stratum `rows` (n_s,) and `vectors` (n_s, WIDTH); `judged` in partitions numbered as the
    log gives them; `first` and `last` times in microseconds.
    """

    names: tuple[str, ...]
    starts: NDArray[np.int64]
    rows: tuple[NDArray[np.int64], ...]
    vectors: tuple[NDArray[np.float64], ...]
    judged: Judged
    events: int
    first: int
    last: int

    @property
    def accounts(self) -> int:
        return len(self.names)

    def matrices(self, keep: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
        """Give one matrix a stratum, of the accounts (by row) that `keep` names."""
        both = zip(self.rows, self.vectors, strict=True)
        return [vectors[keep[rows]] for rows, vectors in both]

    def scored(self, keep: NDArray[np.bool_]) -> int:
        """Count the accounts that `keep` names and that made acts enough to be scored."""
        return int(keep[np.unique(np.concatenate(self.rows))].sum())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Lay it out as plain arrays, so that it can rest on disk."""
        encoded = [name.encode() for name in self.names]
        out: dict[str, NDArray[Any]] = {
            "names": np.frombuffer(b"".join(encoded), dtype=np.uint8),
            "lengths": np.array([len(name) for name in encoded], dtype=np.int64),
            "starts": self.starts,
            "facts": np.array([self.events, self.first, self.last], dtype=np.int64),
        }
        for s, (rows, vectors) in enumerate(zip(self.rows, self.vectors, strict=True)):
            out |= {f"rows.{s}": rows, f"vectors.{s}": vectors}
        return out | {f"judged.{name}": getattr(self.judged, name) for name in NAMES}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Census:
        """Build it again from `arrays()`; raises `KeyError` for one that is missing."""
        text, ends = arrays["names"].tobytes(), np.cumsum(arrays["lengths"]).tolist()
        begins = [0, *ends[:-1]]
        events, first, last = arrays["facts"].tolist()
        return cls(
            names=tuple(text[a:b].decode() for a, b in zip(begins, ends, strict=True)),
            starts=arrays["starts"],
            rows=tuple(arrays[f"rows.{s}"] for s in range(len(EDGES))),
            vectors=tuple(arrays[f"vectors.{s}"] for s in range(len(EDGES))),
            judged=Judged(**{name: arrays[f"judged.{name}"] for name in NAMES}),
            events=events, first=first, last=last,
        )  # fmt: skip


@dataclass
class CensusTask:
    """Counts one partition; `places` are those that people judged, in any partition."""

    places: Sequence[Place] = ()
    states: Callable[[], FeatureState] = FeatureState

    def __call__(self, partition: Partition, batches: Iterable[EventBatch]) -> Census:
        state, reference = state_before(batches, self.states), Reference()
        judged = _Judging(self._keys(partition))
        events = first = last = 0
        for batch in batches:
            if not len(batch):
                continue
            times = batch.events["t"]
            first = min(first or int(times.min()), int(times.min()))
            last = max(last, int(times.max()))
            events += len(batch)
            readings = state.update(batch)
            judged.look(batch, readings, reference)
            reference.learn(readings)
        rows, vectors = zip(*(held.by_row() for held in reference.strata), strict=True)
        return Census(
            tuple(state.names), np.array([0, state.accounts]), rows, vectors, judged.found(),
            events, first, last,
        )  # fmt: skip

    def _keys(self, partition: Partition) -> NDArray[np.int64]:
        mine = [key_of(place) for place in self.places if place.partition == partition]
        return np.unique(np.array(mine, dtype=np.int64))


@dataclass
class _Judging:
    """Catches the readings at the places that people judged."""

    keys: NDArray[np.int64]
    at: list[tuple[int, int, NDArray[np.float64]]] = field(default_factory=list)
    led: list[tuple[int, NDArray[np.float64]]] = field(default_factory=list)

    def look(self, batch: EventBatch, readings: Readings, before: Reference) -> None:
        if not len(self.keys) or not len(readings):
            return
        events = batch.events[readings.at]
        keys = (events["offset"].astype(np.int64) << INDEX_BITS) | events["index"]
        for at in np.flatnonzero(np.isin(keys, self.keys)).tolist():
            ways = before.until(readings, at)
            self.led += [(len(self.at), ways[s]) for s in sorted(ways)]
            vector = readings.vectors[at].copy()
            self.at.append((int(keys[at]), int(readings.rows[at]), vector))

    def found(self) -> Judged:
        key, row = (np.array([one[i] for one in self.at], dtype=np.int64) for i in (0, 1))
        return Judged(
            number=np.zeros(len(self.at), dtype=np.int64), key=key, row=row,
            vector=np.array([one[2] for one in self.at]).reshape(-1, WIDTH),
            of=np.array([one[0] for one in self.led], dtype=np.int64),
            led=np.array([one[1] for one in self.led]).reshape(-1, WIDTH),
        )  # fmt: skip


def key_of(place: Place) -> int:
    """Make one number of a place within its partition."""
    return place.offset << INDEX_BITS | place.index


def census(
    log: Log, places: Sequence[Place] = (), states: Callable[[], FeatureState] = FeatureState
) -> Census:
    """Count a log, and catch the vectors at `places`."""
    return together(log.each(CensusTask(places, states)))


def together(parts: Sequence[Census]) -> Census:
    """Put partitions together in their order."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(part.accounts for part in parts)])
    shifted = list(zip(parts, starts.tolist(), strict=False))
    seen = [part.judged for part in parts]
    so_far = np.cumsum([0, *(len(one.key) for one in seen)]).tolist()
    judged = Judged(
        number=np.repeat(np.arange(len(parts)), [len(one.key) for one in seen]),
        key=np.concatenate([one.key for one in seen]),
        row=np.concatenate([part.judged.row + start for part, start in shifted]),
        vector=np.concatenate([one.vector for one in seen]),
        of=np.concatenate([one.of + n for one, n in zip(seen, so_far, strict=False)]),
        led=np.concatenate([one.led for one in seen]),
    )
    return Census(
        names=tuple(name for part in parts for name in part.names),
        starts=starts,
        rows=tuple(
            np.concatenate([part.rows[s] + start for part, start in shifted])
            for s in range(len(EDGES))
        ),
        vectors=tuple(
            np.concatenate([part.vectors[s] for part in parts]) for s in range(len(EDGES))
        ),
        judged=judged,
        events=sum(part.events for part in parts),
        first=min((part.first for part in parts if part.events), default=0),
        last=max((part.last for part in parts), default=0),
    )
