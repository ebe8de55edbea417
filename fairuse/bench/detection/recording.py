"""Accounts as the detectors see them: only the moments at which a score came due.

Simulating and decoding cost a hundred times what scoring does, and the same accounts are scored by
many models. So one pass keeps each due vector with its event and forgets the rest; `Remembered`
then stands in for the feature state and gives the vectors back, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fairuse.bench.detection.tally import Tally
from features.state import FeatureState, Readings
from streams.columns import EventBatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

CHUNK: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class DueBatch(EventBatch):
    """Only events at which a vector came due, with the vectors."""

    readings: Readings

    def where(self, keep: NDArray[np.bool_]) -> DueBatch:
        own = {field.name: getattr(self.readings, field.name)[keep] for field in fields(Readings)}
        own["at"] = np.arange(int(keep.sum()))
        return DueBatch(self.events[keep], self.account_ids[keep], Readings(**own))


class Remembered(FeatureState):
    """Accounts whose vectors were read before: an update gives what the batch brings along."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(capacity=max(len(names), 16), seen=16)
        self.names, self.accounts = names, len(names)

    def update(self, batch: EventBatch) -> Readings:
        if not isinstance(batch, DueBatch):
            raise TypeError("only a batch with its readings can be remembered")
        return batch.readings


@dataclass(frozen=True, slots=True)
class Recording:
    """One population on disk: a folder of plain arrays, and who its accounts are."""

    folder: Path
    names: list[str]
    personas: list[str]

    def column(self, name: str) -> NDArray[Any]:
        """Give one array without reading it whole."""
        array: NDArray[Any] = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return array

    @property
    def accounts(self) -> NDArray[Any]:
        return self.column("accounts")


@dataclass(frozen=True)
class Log:
    """Recordings one after the other, as one log; rows count on through them.

    Only accounts of `kept` (a mark for each row) are replayed, and `blind` columns of their vectors
    are taken for unknown.
    """

    parts: Sequence[Recording]
    kept: NDArray[np.bool_] | None = None
    blind: tuple[int, ...] = ()

    @cached_property
    def names(self) -> list[str]:
        return [name for part in self.parts for name in part.names]

    @cached_property
    def personas(self) -> NDArray[Any]:
        return np.array([name for part in self.parts for name in part.personas], dtype=object)

    @cached_property
    def accounts(self) -> NDArray[Any]:
        return np.concatenate([part.accounts for part in self.parts])

    @cached_property
    def units(self) -> NDArray[np.float64]:
        """Quota used until each place of the log, as a verdict's `offset` counts them."""
        return np.concatenate([part.column("units") for part in self.parts])

    def only(self, kept: NDArray[np.bool_]) -> Log:
        """Give the log of these accounts only."""
        return replace(self, kept=kept)

    def states(self) -> Remembered:
        return Remembered(self.names)

    def replay(self) -> Iterator[DueBatch]:
        row = at = 0
        for part in self.parts:
            names = np.array(part.names, dtype=object)
            for chunk in _chunks(part, names, row, at):
                yield self._seen(chunk)
                at += len(chunk)
            row += len(names)

    def _seen(self, batch: DueBatch) -> DueBatch:
        if self.kept is not None:
            batch = batch.where(self.kept[batch.readings.rows])
        if not self.blind:
            return batch
        vectors = batch.readings.vectors.copy()
        vectors[:, list(self.blind)] = np.nan
        return replace(batch, readings=replace(batch.readings, vectors=vectors))


def _chunks(part: Recording, names: NDArray[Any], row: int, at: int) -> Iterator[DueBatch]:
    columns = {field.name: part.column(field.name) for field in fields(Readings)}
    events = part.column("due")
    for start in range(0, len(events), CHUNK):
        here = slice(start, start + CHUNK)
        own = {name: np.array(column[here]) for name, column in columns.items()}
        batch, who = np.array(events[here]), names[own["rows"]]
        batch["offset"] = at + np.arange(start, start + len(batch))
        batch["partition"] = batch["index"] = 0
        own["at"] = np.arange(len(batch))
        own["rows"] += row
        yield DueBatch(batch, who, Readings(**own))


def record(batches: Iterable[EventBatch], folder: Path, personas: Mapping[str, str]) -> Recording:
    """Read the features of a log once and keep what came due, as arrays in `folder`."""
    state, tally = FeatureState(), Tally()
    kept: dict[str, list[NDArray[Any]]] = {}
    for batch in batches:
        readings = state.update(batch)
        spent = tally.learn(state.rows_of(batch), batch.events, state.accounts)
        found = {field.name: getattr(readings, field.name) for field in fields(Readings)}
        found |= {"due": batch.events[readings.at], "units": spent[readings.at]}
        for name, values in found.items():
            kept.setdefault(name, []).append(values)
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in kept.items():
        np.save(folder / f"{name}.npy", np.concatenate(parts))
    np.save(folder / "accounts.npy", tally.told())
    return Recording(folder, state.names, [personas.get(name, "") for name in state.names])
