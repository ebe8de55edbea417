"""A fixed simulated suite: every abusive family amid honest people, as feature readings.

What is simulated proves nothing about a platform, and a recall on it is no recall. But it is the
same every night: a family that the champion ranks above its honest people and the candidate does
not was lost by learning. Families that no reviewer has met yet are in it, too.

The readings are kept in a file named for the feature view, so that simulating them is paid once.
"""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

import numpy as np

from detectors import memory, strata
from detectors.policy import DETECTORS
from features.state import FeatureState
from features.view import VIEW
from streams.decode import decode_table
from streams.decode_places import Places
from streams.raw import Partition
from streams.simulator import DEFAULT_MIX, simulate
from streams.simulator import KINDS as PERSONAS
from streams.simulator.mix import Mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.model import Model

EDITION: Final = 1
"""Raised whenever the simulated people change: a suite of another edition is another suite."""

FAMILIES: Final = tuple(name for name, kind in PERSONAS.items() if kind)
HONEST_SHARE: Final = 0.6
LONGEST: Final = 512
"""Requests of an account that are looked at: who is not seen by then is not seen in time."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many accounts for how many days, from what seed."""

    accounts: int = 600
    days: float = 7.0
    seed: int = 20_261_123

    @property
    def name(self) -> str:
        return f"suite-{VIEW.fingerprint}-{EDITION}-{self.accounts}-{self.days:g}-{self.seed}.npz"


@dataclass(frozen=True, slots=True)
class Suite:
    """N readings of A accounts in log order.

    `lines` (N,) as `detectors.memory.LINE` has them, `vectors` (N, WIDTH), and for each account its
    place in `FAMILIES`, -1 for an honest one.
    """

    lines: NDArray[Any]
    vectors: NDArray[np.float32]
    family: NDArray[np.int64]

    def highest(self, model: Model) -> NDArray[np.float64]:
        """Give the highest smoothed score of any kind that each account (A,) reaches."""
        records = np.zeros(len(self.family), dtype=memory.RECORD)
        lines = self.lines.copy()
        scores, _ = model.bank.score(self.vectors.astype(np.float64))
        memory.remember(
            records, lines, scores, strata.whole(), np.full((1, 3), np.inf),
            np.zeros(len(DETECTORS), dtype=bool), np.zeros(0, dtype=memory.ENDED),
        )  # fmt: skip
        peaks: NDArray[np.float64] = records["peak"].astype(np.float64).max(axis=1)
        return peaks


def suite(folder: Path | None = None, size: Size | None = None) -> Suite:
    """Give the suite, from `folder` if it was made there before; a broken file is made again."""
    size = size or Size()
    kept = folder / size.name if folder else None
    if kept is not None and kept.exists():
        try:
            with kept.open("rb") as file:
                stored = np.load(file, allow_pickle=False)
                return Suite(
                    stored["lines"].astype(memory.LINE), stored["vectors"], stored["family"]
                )
        except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile, zlib.error):
            kept.unlink(missing_ok=True)
    made = simulated(size)
    if kept is not None:
        _keep(made, kept)
    return made


def simulated(size: Size) -> Suite:
    """Simulate the people and read their features."""
    shares = {name: share for name, share in DEFAULT_MIX.shares.items() if not PERSONAS[name]}
    every = sum(shares.values())
    mix = Mix(
        {name: HONEST_SHARE * share / every for name, share in shares.items()}
        | dict.fromkeys(FAMILIES, (1.0 - HONEST_SHARE) / len(FAMILIES))
    )
    traffic = simulate(size.accounts, size.days, size.seed, mix=mix)
    state, lines, vectors, done = FeatureState(), [], [], 0
    for table in traffic.tables():
        places = Places.of_records(Partition("suite", 0), np.arange(done, done + len(table)))
        batch = decode_table(table, places).events
        readings = state.update(batch)
        early = readings.vectors[:, 0] <= LONGEST
        lines.append(memory.lines_of(batch, readings)[early])
        vectors.append(readings.vectors[early].astype(np.float32))
        done += len(table)
    persona = [traffic.personas[name] for name in state.names]
    family = np.array([FAMILIES.index(p) if p in FAMILIES else -1 for p in persona], dtype=np.int64)
    return Suite(np.concatenate(lines), np.concatenate(vectors), family)


def _keep(made: Suite, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False, suffix=".begun") as file:
        fresh = Path(file.name)
        try:
            np.savez_compressed(
                file, allow_pickle=False, lines=made.lines, vectors=made.vectors,
                family=made.family,
            )  # fmt: skip
        except OSError:
            fresh.unlink()
            raise
    fresh.replace(path)
