"""A simulated population: who its accounts are, and its events in order of time.

Accounts are simulated one by one, laid aside in a temporary file and merged by time, so memory
holds a block of accounts and a slice of time, never the whole. The same arguments give the same
events, bit for bit; an account's events do not depend on how many accounts there are.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from streams.simulator.catalogue import SECOND
from streams.simulator.chance import mixed
from streams.simulator.mix import DEFAULT_MIX, KINDS, Mix
from streams.simulator.personas import traffic
from streams.simulator.rhythm import Window
from streams.simulator.rows import ROW
from streams.simulator.seats import Seat
from streams.simulator.tables import hexadecimal, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

START: Final = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday: where simulated time begins unless told otherwise."""

_BLOCK_ROWS: Final = 400_000
_SAMPLE: Final = 64  # every so many rows one time is kept, to cut the merge into even slices


@dataclass(frozen=True)
class Simulation:
    """A seeded, labelled population; nothing is simulated before it is asked for."""

    accounts: int
    days: float
    seed: int
    start: datetime = START
    mix: Mix = DEFAULT_MIX

    def __post_init__(self) -> None:
        if self.accounts < 1 or not self.days > 0 or self.seed < 0:
            raise ValueError("a simulation needs an account, some days and a seed from 0 up")
        if self.start.tzinfo is None:
            raise ValueError("the start of a simulation needs a time zone")

    @cached_property
    def account_ids(self) -> list[str]:
        """Names of the accounts, in the order of their numbers."""
        numbers = mixed(np.arange(self.accounts), self.seed * 8 + 3)
        names: list[str] = hexadecimal(numbers, prefix=b"acc_").to_pylist()
        return names

    @cached_property
    def personas(self) -> Mapping[str, str]:
        """Account id to persona."""
        names = self.mix.personas(self.accounts, self.seed)
        return dict(zip(self.account_ids, names, strict=True))

    @cached_property
    def labels(self) -> list[tuple[str, str]]:
        """(account id, kind) of every account; the kind of an honest one is empty."""
        return [(account, KINDS[persona]) for account, persona in self.personas.items()]

    def tables(self, rows: int = 65536) -> Iterator[pa.Table]:
        """Give all events in order of time: tables of `EVENTS`, about `rows` rows each."""
        with tempfile.TemporaryFile() as file:
            blocks = list(self._laid_aside(file))
            names = pa.array(self.account_ids)
            serials = np.zeros(self.accounts, dtype=np.int64)
            for part in _slices(blocks, rows):
                yield table(part, _numbered(part["account"], serials), names, self.seed)

    def lived(self, seat: Seat) -> NDArray[Any]:
        """Give all events of one account, in no order."""
        return traffic(seat)

    def _seats(self) -> Iterator[Seat]:
        start = round(self.start.timestamp()) * SECOND
        before: Counter[str] = Counter()
        for number, persona in enumerate(self.personas.values()):
            window = Window(start, self.days)
            yield Seat(self.seed, number, persona, before[persona], window)
            before[persona] += 1

    def _laid_aside(self, file: IO[bytes]) -> Iterator[NDArray[Any]]:
        """Blocks of accounts, each sorted by time, mapped from the file they were written to."""
        held: list[NDArray[Any]] = []
        for seat in self._seats():
            held.append(self.lived(seat))
            if sum(map(len, held)) >= _BLOCK_ROWS:
                yield _written(file, held)
                held = []
        yield _written(file, held)


def simulate(
    accounts: int,
    days: float,
    seed: int,
    *,
    start: datetime = START,
    mix: Mix = DEFAULT_MIX,
) -> Simulation:
    """Describe a simulated population; its tables are made when they are read."""
    return Simulation(accounts, days, seed, start, mix)


def _written(file: IO[bytes], parts: list[NDArray[Any]]) -> NDArray[Any]:
    rows = np.concatenate(parts) if parts else np.zeros(0, dtype=ROW)
    if not len(rows):
        return rows
    rows = rows[np.argsort(rows["t"], kind="stable")]
    at = file.seek(0, 2)
    file.write(rows.view(np.uint8).data)
    file.flush()
    return np.memmap(file, dtype=ROW, mode="r", offset=at, shape=len(rows))


def _slices(blocks: list[NDArray[Any]], rows: int) -> Iterator[NDArray[Any]]:
    """Merge blocks that are each in order of time, slice by slice of time."""
    samples = np.sort(np.concatenate([block["t"][::_SAMPLE] for block in blocks]))
    edges = np.unique(samples[max(rows // _SAMPLE, 1) :: max(rows // _SAMPLE, 1)])
    done = [0] * len(blocks)
    for edge in [*edges, np.iinfo(np.int64).max]:
        upto = [int(np.searchsorted(block["t"], edge)) for block in blocks]
        parts = [block[a:b] for block, a, b in zip(blocks, done, upto, strict=True)]
        done = upto
        part = np.concatenate(parts)
        if len(part):
            yield part[np.argsort(part["t"], kind="stable")]


def _numbered(account: NDArray[np.int32], serials: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count off every account's events on from `serials`, which remembers where they got to."""
    order = np.argsort(account, kind="stable")
    who, first, count = np.unique(account[order], return_index=True, return_counts=True)
    turn = np.arange(len(account)) - np.repeat(first, count)
    numbers = np.empty(len(account), dtype=np.int64)
    numbers[order] = serials[account[order]] + turn
    serials[who] += count
    return numbers
