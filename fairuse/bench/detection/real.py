"""Real traces: folders of events, some with labels, scored by models that never saw the accounts.

Accounts are dealt into five parts; each part is scored by a model fitted, without labels, to the
other four, and calibrated at a budget of one account-month in a hundred, which sets as small as
these can certify. The figures stand on their own: nothing simulated is mixed into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.evaluation import PARTS, Share, dealt, evaluate, first
from detectors.policy import Policy
from detectors.scorer import unit
from detectors.summary import COLUMNS
from detectors.training import TooLittleToFit
from detectors.verdict import Action, Kind, Response
from fairuse.archived import Reading
from fairuse.bench.detection import ablations, trial
from fairuse.bench.detection.delays import Delays, delays
from fairuse.bench.detection.recording import Log, record
from fairuse.errors import WrongInputError
from fairuse.labels import read_labels
from fairuse.progress import meter, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.evaluation import Evaluation
    from detectors.training import Replay
    from detectors.verdict import Verdict
    from fairuse.bench.detection.ablations import OverEvents
    from fairuse.settings import Settings

BUDGET: Final = 0.01
FIRST: Final = (100, 200)


@dataclass(frozen=True, slots=True)
class Held:
    """A set scored by models that had not seen the accounts: one outcome an account."""

    name: str
    events: int | None  # of each account, from its first; None all
    log: Log
    outcomes: NDArray[Any]
    verdicts: list[Verdict]
    labels: Mapping[str, Kind | None]

    @property
    def title(self) -> str:
        """Name the set, and how much of it was used."""
        return self.name if self.events is None else f"{self.name}, first {self.events} events"

    def rows(self) -> list[tuple[Any, ...]]:
        """Lay the outcomes out as `detectors.summary` does."""
        made = []
        for name, facts, outcome in zip(
            self.log.names, self.log.accounts, self.outcomes, strict=True
        ):
            scores = [unit(float(score)) for score in outcome["scores"]]
            action = next((r.action for r in trial.STRONGEST if outcome[r]["t"]), Action.ALLOW)
            row = (name, int(facts["events"]), *scores, max(scores), action, "", "")
            made.append(row[: len(COLUMNS)])
        return made

    def evaluation(self, kind: Kind) -> Evaluation:
        """Compare the kind's own score with the labels."""
        return evaluate(self.rows(), self.labels, kind)

    def kinds(self) -> list[Kind]:
        return sorted({kind for kind in self.labels.values() if kind})

    def where(self, *, abusive: bool) -> NDArray[np.bool_]:
        """Mark the accounts labelled so; without labels nobody is."""
        marks = [
            name in self.labels and (self.labels[name] is not None) == abusive
            for name in self.log.names
        ]
        return np.array(marks, dtype=bool)

    def of_kind(self, kind: Kind) -> NDArray[np.bool_]:
        """Mark the accounts labelled with this kind."""
        return np.array([self.labels.get(name) == kind for name in self.log.names], dtype=bool)

    def delays(self, response: Response) -> Delays:
        """Give how long it took to ask so much of the abusive accounts."""
        abusive = self.where(abusive=True)
        return delays(self.outcomes[abusive], self.log.accounts[abusive], response)

    def share(self, response: Response, marks: NDArray[np.bool_]) -> Share:
        """Tell of how many of the marked accounts at least this much was asked."""
        reached = trial.reached(self.outcomes, response)
        return Share(int((reached & marks).sum()), int(marks.sum()))

    def pauses(self) -> list[Verdict]:
        """Give the verdicts that ask for a pause."""
        return [v for v in self.verdicts if trial.response_of(v) is Response.PAUSE]

    def softly_paused(self) -> NDArray[np.bool_]:
        """Mark the accounts that scores paused, not a hard rule."""
        step = self.outcomes[Response.PAUSE]
        marks: NDArray[np.bool_] = (step["t"] > 0) & ~step["hard"]
        return marks


def measure(data: Path, folder: Path, settings: Settings) -> list[Held]:
    """Measure every set of `data`; raises `WrongInputError` when there is none."""
    sets = sorted(path.parent for path in data.glob("*/events.parquet"))
    if not sets:
        raise WrongInputError(f"{data}: no folder in it holds an events.parquet")
    found = []
    for place in sets:
        path = place / "labels.csv"
        labels = read_labels(path) if path.exists() else {}
        cuts = (*FIRST, None) if Kind.AUTOMATION in labels.values() else (None,)
        for cut in cuts:
            log = _recorded(place, folder / f"{place.name}-{cut}", settings, cut)
            try:
                outcomes, verdicts = held_out(log)
            except TooLittleToFit as error:
                if cut is None:
                    raise WrongInputError(f"{place}: {error}") from error
                say(f"{place}, first {cut} events: {error}")
                continue
            found.append(Held(place.name, cut, log, outcomes, verdicts, labels))
    return found


def _recorded(place: Path, folder: Path, settings: Settings, cut: int | None) -> Log:
    reading = Reading([str(place / "events.parquet")], settings)
    with meter(f"events of {place.name} read") as shown:
        replay: Replay = lambda: reading.batches(shown)  # noqa: E731  a name for one expression
        return Log([record((replay if cut is None else first(replay, cut))(), folder, {})])


def held_out(log: Log) -> tuple[NDArray[Any], list[Verdict]]:
    """Score each part by a model fitted to the others."""
    parts = dealt(log.accounts["account"])
    outcomes = np.zeros(len(log.names), dtype=trial.OUTCOME)
    verdicts: list[Verdict] = []
    for number in range(PARTS):
        model = trial.fit(log.only(parts != number))
        found = trial.score(log.only(parts == number), model, Policy(pause_budget=BUDGET))
        outcomes[parts == number] = found.outcomes[parts == number]
        verdicts += found.verdicts
    return outcomes, verdicts


def over_events(log: Log, honest: NDArray[np.bool_]) -> OverEvents:
    """Let rules over events judge one half of the honest accounts by the other."""
    half = np.arange(len(honest)) % 2 == 0
    known, judged = log.only(honest & half), log.only(honest & ~half)
    return ablations.over_events(trial.fit(known), known, judged)
