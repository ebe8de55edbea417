"""The simulated accounts of the measurement: who, how many, and recorded by two processes.

Honest accounts come in two sets that never meet, one to calibrate on and one held out; every
abusive family comes twice too, a few accounts hidden among the first set and more to be found,
always amid honest ones, because some features compare with everybody else. Honest accounts live
through two months, the first as newcomers; families are to be found in their first.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from fairuse.bench.detection.recording import Log, Recording, record
from fairuse.models import decoded
from streams.simulator import DEFAULT_MIX, KINDS, Mix, simulate
from streams.workers import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

DAYS: Final = 30.0
START: Final = datetime(2026, 3, 8, tzinfo=UTC)  # where a 30-day month since 1970 begins
MONTHS: Final = tuple(int(START.timestamp() // (DAYS * 86_400)) + turn for turn in (0, 1))
BLOCK: Final = 500  # honest accounts recorded at once
AMID: Final = 2  # honest accounts around each one of a family
HONEST: Final = Mix({name: share for name, share in DEFAULT_MIX.shares.items() if not KINDS[name]})
FAMILIES: Final = tuple(name for name, kind in KINDS.items() if kind)
CONTAMINATION: Final = 0.01
PROCESSES: Final = 2


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many account-months and accounts.

    `honest` accounts to calibrate on, of which each gives one month however long it lived, and as
    many honest account-months held out; of each family `found` accounts are to be found and
    `hidden` ones lie in the training log.
    """

    honest: int
    found: int
    hidden: int

    @classmethod
    def of(cls, honest: int, found: int) -> Sizes:
        """Let one account in a hundred of the training log belong to an abuser unseen."""
        return cls(honest, found, max(round(CONTAMINATION * honest / len(FAMILIES)), 1))

    @property
    def accounts(self) -> int:
        """Give how many are simulated in all."""
        of_families = (1 + AMID) * len(FAMILIES) * (self.found + self.hidden)
        return self.honest + self.honest // len(MONTHS) + of_families


@dataclass(frozen=True, slots=True)
class Population:
    """Everything that was recorded."""

    calibration: list[Recording]
    held_out: list[Recording]
    hidden: Mapping[str, Recording]
    found: Mapping[str, Recording]

    def training(self, *families: str) -> Log:
        """Give the log a platform would train on: honest accounts and these families among them."""
        return Log([*self.calibration, *(self.hidden[family] for family in families)])

    def abusive(self, family: str) -> Log:
        """Give the accounts of a family that are to be found."""
        log = Log([self.found[family]])
        return log.only(log.personas == family)


@dataclass(frozen=True, slots=True)
class Task:
    """One population to record."""

    folder: Path
    mix: Mix
    accounts: int
    months: int
    seed: int

    def run(self) -> Recording:
        traffic = simulate(self.accounts, self.months * DAYS, self.seed, start=START, mix=self.mix)
        return record(decoded(traffic.tables()), self.folder, traffic.personas)


def populate(folder: Path, sizes: Sizes, seed: int, done: Callable[[int], None]) -> Population:
    """Simulate and record every set; `done` hears how many accounts are ready."""
    sets: dict[str, list[Task]] = {
        "calibration": _blocks(folder / "calibration", sizes.honest, seed),
        "held_out": _blocks(folder / "held_out", sizes.honest // len(MONTHS), seed + 100_000),
    }
    for months, name, count in ((2, "hidden", sizes.hidden), (1, "found", sizes.found)):
        first = seed + 200_000 + 1000 * months
        sets[name] = [
            Task(folder / name / family, amid(family), (1 + AMID) * count, months, first + place)
            for place, family in enumerate(FAMILIES)
        ]
    ready = _record([task for tasks in sets.values() for task in tasks], done)
    made = {name: [ready[task.folder] for task in tasks] for name, tasks in sets.items()}
    return Population(
        made["calibration"],
        made["held_out"],
        dict(zip(FAMILIES, made["hidden"], strict=True)),
        dict(zip(FAMILIES, made["found"], strict=True)),
    )


def amid(family: str) -> Mix:
    """Give a mix of this family and honest people."""
    honest = sum(HONEST.shares.values())
    shares = {name: AMID * share / honest for name, share in HONEST.shares.items()}
    return Mix({family: 1.0} | shares)


def _blocks(folder: Path, accounts: int, seed: int) -> list[Task]:
    months = len(MONTHS)
    return [
        Task(folder / str(place), HONEST, min(BLOCK, accounts - start), months, seed + place)
        for place, start in enumerate(range(0, accounts, BLOCK))
    ]


def _record(tasks: list[Task], done: Callable[[int], None]) -> dict[Path, Recording]:
    processes = min(PROCESSES, os.cpu_count() or 1)
    ready = {}
    with ProcessPoolExecutor(processes, get_context("spawn"), end_with_parent) as pool:
        for task, recording in zip(tasks, pool.map(Task.run, tasks), strict=True):
            ready[task.folder] = recording
            done(task.accounts)
    return ready
