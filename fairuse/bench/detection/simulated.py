"""The simulator's figures: honest people paused by mistake, and families caught unseen.

Every model here is fitted without labels to honest accounts with a few abusers hidden among them;
then the strangest accounts of the month are reviewed, as many as forty cases a day are, what is
found abusive is left out, and the model is fitted again. A family is judged by a model that has
never met one of its kin: the families are dealt into folds, and each fold is left out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.evaluation import Share
from detectors.verdict import Response
from fairuse.bench.detection import trial
from fairuse.bench.detection.population import FAMILIES
from fairuse.bench.detection.recording import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from detectors.model import Model
    from fairuse.bench.detection.population import Population
    from fairuse.bench.detection.trial import Trial

FOLDS: Final = 4


@dataclass(frozen=True, slots=True)
class Caught:
    """What became of the accounts of one family, judged by a model that never saw it."""

    family: str
    log: Log
    outcomes: NDArray[Any]  # of its own accounts only

    def share(self, response: Response) -> Share:
        marks = trial.reached(self.outcomes, response)
        return Share(int(marks.sum()), len(marks))

    @property
    def by_hard_rule(self) -> Share:
        """Tell how many were paused by a rule, without statistics."""
        step = self.outcomes[Response.PAUSE]
        return Share(int(((step["t"] > 0) & step["hard"]).sum()), len(step))

    def delays(self, response: Response) -> Delays:
        """Give how long it took to ask so much, for those of whom it was asked."""
        facts = self.log.accounts[self.log.kept]
        return delays(self.outcomes, facts, response)


@dataclass(frozen=True, slots=True)
class Delays:
    """Until a response, an entry an account of whom it was asked."""

    events: NDArray[np.float64]
    hours: NDArray[np.float64]
    units: NDArray[np.float64]  # of quota
    share: NDArray[np.float64]  # of the quota used in the whole month

    def medians(self) -> tuple[float, float, float, float]:
        """Give the medians, NaN of nothing."""
        every = (self.events, self.hours, self.units, self.share)
        found = [float(np.median(values)) if len(values) else np.nan for values in every]
        return found[0], found[1], found[2], found[3]


def delays(outcomes: NDArray[Any], facts: NDArray[Any], response: Response) -> Delays:
    """Measure from an account's first event to the first time this much was asked of it."""
    first = np.stack([
        np.where(outcomes[r]["t"] > 0, outcomes[r]["t"], np.iinfo(np.int64).max)
        for r in trial.RESPONSES[trial.RESPONSES.index(response) :]
    ])  # fmt: skip
    which = first.argmin(axis=0)
    asked = trial.reached(outcomes, response)
    steps = np.stack([outcomes[r] for r in trial.RESPONSES[-len(first) :]])
    step = steps[which, np.arange(len(outcomes))][asked]
    facts = facts[asked]
    return Delays(
        step["events"].astype(float),
        (step["t"] - facts["first_t"]) / trial.HOUR,
        step["units"],
        step["units"] / np.maximum(facts["units"], 1e-9),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured of one population."""

    population: Population
    model: Model  # fitted with every family hidden in the log
    honest: Trial  # the held-out honest accounts under it
    caught: Mapping[str, Caught]
    folds: Mapping[str, Model]  # family to the model that never saw it


def measure(population: Population, say: Callable[[str], None], seed: int = 0) -> Measured:
    """Fit every model and judge everybody who was held out."""
    say("fitting with every family in the log")
    model = deployed(population, FAMILIES, seed)
    honest = trial.score(Log(population.held_out), model)
    caught, folds = {}, {}
    for number in range(FOLDS):
        fold = FAMILIES[number::FOLDS]
        say(f"fitting without {', '.join(fold)}")
        blind = deployed(population, [f for f in FAMILIES if f not in fold], seed)
        for family in fold:
            folds[family] = blind
            caught[family] = judge(population, family, blind)
    return Measured(population, model, honest, caught, folds)


def judge(population: Population, family: str, model: Model) -> Caught:
    """Score the accounts of a family that are to be found."""
    log = population.abusive(family)
    return Caught(family, log, trial.score(log, model).outcomes[log.kept])


def deployed(population: Population, families: Any, seed: int = 0) -> Model:
    """Fit as a platform would after a month of reviews: confirmed abusers are left out."""
    log = population.training(*families)
    first = trial.fit(log, seed=seed)
    abusive = frozenset(
        name for name, persona in zip(log.names, log.personas, strict=True) if persona in families
    )
    return trial.fit(log, trial.confirmed(trial.score(log, first), abusive), seed=seed)
