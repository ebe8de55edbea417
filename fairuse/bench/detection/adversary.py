"""An adversary who sees only whether an account was paused, and turns six knobs.

Five rounds of random search, each nearer to the best setting so far. What counts is the work done:
the most that an account gets out of the month under settings that at least half of the accounts
survive, relative to the same bot where nobody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.verdict import Response
from fairuse.bench.detection import trial
from fairuse.bench.detection.population import AMID, DAYS, START, amid
from fairuse.bench.detection.recording import Log, record
from fairuse.models import decoded
from streams.simulator.adversary import STAND_IN, Knobs, Tuned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.random import Generator

    from detectors.model import Model

ROUNDS: Final = 5
HALF: Final = 0.5
RANGES: Final = {
    "rate": (10.0, 300.0),
    "jitter": (0.05, 1.6),
    "sleep": (1.0, 16.0),
    "viewed": (0.02, 1.0),
    "words": (2.0, 4000.0),
    "devices": (1.0, 4.0),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One setting, tried on some accounts: who survived the month, and the work they got done."""

    round: int
    knobs: Knobs
    survived: float
    requests: float  # an account, until its pause

    @property
    def kept(self) -> float:
        """Give the work done relative to the fastest bot that nobody hinders."""
        return self.requests / (RANGES["rate"][1] * DAYS)


@dataclass(frozen=True, slots=True)
class Search:
    """Tries settings against one model, each on so many accounts."""

    model: Model
    folder: Path
    tries: int  # a round
    accounts: int
    seed: int

    def run(self) -> Iterator[Attempt]:
        """Give every attempt of every round."""
        rng = np.random.default_rng(self.seed)
        best: Attempt | None = None
        for turn in range(1, ROUNDS + 1):
            near = None if best is None else best.knobs
            attempts = [self.attempt(turn, draw(rng, near, turn), n) for n in range(self.tries)]
            yield from attempts
            best = strongest([*attempts, best] if best else attempts)

    def attempt(self, turn: int, knobs: Knobs, number: int) -> Attempt:
        """Let some accounts live a month by the knobs, amid honest people, and score them."""
        seed = self.seed + 1000 * turn + number
        size = (1 + AMID) * self.accounts
        traffic = Tuned(size, DAYS, seed, START, amid(STAND_IN), knobs=knobs)
        log = Log([record(decoded(traffic.tables()), self.folder / str(seed), traffic.personas)])
        mine = log.personas == STAND_IN
        outcomes = trial.score(log.only(mine), self.model).outcomes[mine]
        paused = trial.reached(outcomes, Response.PAUSE)
        month = DAYS * 24 * trial.HOUR
        until = (outcomes[Response.PAUSE]["t"] - START.timestamp() * 1e6) / month
        requests = log.accounts["requests"][mine] * np.where(paused, until, 1.0)
        return Attempt(turn, knobs, float(1.0 - paused.mean()), float(requests.mean()))


def strongest(attempts: list[Attempt]) -> Attempt | None:
    """Give the attempt that got most done among those that half of the accounts survived."""
    alive = [found for found in attempts if found.survived >= HALF]
    return max(alive, key=lambda found: found.requests, default=None)


def draw(rng: Generator, near: Knobs | None, turn: int) -> Knobs:
    """Draw knobs evenly on a log scale, or around a setting that worked."""
    chosen = {}
    for field in fields(Knobs):
        low, high = np.log(RANGES[field.name])
        value = rng.uniform(low, high)
        if near is not None and rng.random() < 0.8:  # noqa: PLR2004 - one knob in five is drawn anew
            width = (high - low) / (2.0 * turn)
            value = np.log(getattr(near, field.name)) + rng.normal(0, width / 2)
        chosen[field.name] = float(np.exp(np.clip(value, low, high)))
    return Knobs(**chosen)
