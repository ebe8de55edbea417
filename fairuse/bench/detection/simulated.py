"""The simulator's figures: honest people paused by mistake, and families caught unseen.

Every model here is fitted without labels to honest accounts with a few abusers hidden among them;
then the strangest accounts of the month are reviewed, as many as forty cases a day are, what is
found abusive is left out, and the model is fitted again. A family is judged by a model that has
never met one of its kin: the families are dealt into folds, and each fold is left out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from detectors.evaluation import Share
from detectors.verdict import Response
from fairuse.bench.detection import trial
from fairuse.bench.detection.delays import Delays, delays
from fairuse.bench.detection.population import FAMILIES, MONTHS
from fairuse.bench.detection.recording import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from detectors.model import Model
    from detectors.verdict import Verdict
    from fairuse.bench.detection.population import Population
    from fairuse.bench.detection.trial import Trial

FOLDS: Final = 4


@dataclass(frozen=True, slots=True)
class Caught:
    """What became of the accounts of one family, judged by a model that never saw it."""

    family: str
    log: Log
    outcomes: NDArray[Any]  # of its own accounts only
    verdicts: list[Verdict]

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
    honest = trial.score(Log(population.held_out), model, months=MONTHS)
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
    found = trial.score(log, model)
    return Caught(family, log, found.outcomes[log.kept], found.verdicts)


def deployed(population: Population, families: Any, seed: int = 0) -> Model:
    """Fit as a platform would after a month of reviews: confirmed abusers are left out."""
    log = population.training(*families)
    first = trial.fit(log, seed=seed)
    abusive = frozenset(
        name for name, persona in zip(log.names, log.personas, strict=True) if persona in families
    )
    strangest = trial.score(log, first, months=MONTHS)
    return trial.fit(log, trial.confirmed(strangest, abusive), seed=seed)
