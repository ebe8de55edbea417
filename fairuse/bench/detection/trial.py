"""One model on recorded accounts: fitted as live, scored as live, and what was asked of whom when.

A model fitted to simulated traffic may pause nobody. Here, and only here, one is told that its
traffic is real (`origin` archive), because the rule that acts on real traffic is what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import summary, training
from detectors.bank import KINDS
from detectors.model import Model
from detectors.policy import Policy
from detectors.scorer import Scorer
from detectors.verdict import Action, Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.verdict import Verdict
    from fairuse.bench.detection.recording import Log

RESPONSES: Final = (Response.HOLD, Response.CHALLENGE, Response.PAUSE)
STRONGEST: Final = RESPONSES[::-1]
HOUR: Final = 3_600_000_000
REVIEWED: Final = 0.04  # of a month's accounts: 40 cases a day where 30,000 accounts are scored

_STEP: Final = [("t", "i8"), ("events", "i8"), ("units", "f8"), ("hard", "?")]
OUTCOME: Final = np.dtype(
    [
        ("maximum", "f8"),
        ("scores", "f8", (len(KINDS),)),
        *((str(response), _STEP) for response in RESPONSES),
    ]
)
"""Of one account: the month's maximum, the standing of each kind, and the first time (`t`, 0 never)
each response was asked for, with the events known and the quota used by then."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one model made of one log; `outcomes` has a row an account, in the log's order."""

    log: Log
    model: Model
    outcomes: NDArray[Any]
    verdicts: list[Verdict]

    def reached(self, response: Response) -> NDArray[np.bool_]:
        return reached(self.outcomes, response)


def reached(outcomes: NDArray[Any], response: Response) -> NDArray[np.bool_]:
    """Tell of whom at least this much was asked."""
    later = RESPONSES[RESPONSES.index(response) :]
    found: NDArray[np.bool_] = np.any([outcomes[r]["t"] > 0 for r in later], axis=0)
    return found


def fit(log: Log, abusive: frozenset[str] = frozenset(), seed: int = 0) -> Model:
    """Fit to a log of which these accounts are confirmed abusive."""
    fitted = training.fit(log.replay, abusive=abusive, seed=seed, states=log.states)
    return Model(fitted.bank, fitted.calibration, fitted.manifest)


def score(log: Log, model: Model, policy: Policy | None = None) -> Trial:
    """Score a log and note the first time of every response."""
    scorer, state = Scorer(model, policy or Policy()), log.states()
    verdicts: list[Verdict] = []
    for batch in log.replay():
        verdicts += scorer.judge(batch, batch.readings, state)
    outcomes = np.zeros(state.accounts, dtype=OUTCOME)
    outcomes["maximum"] = scorer.records["maximum"][: state.accounts]  # one month: one maximum
    outcomes["scores"] = summary.standing(scorer.records[: state.accounts])
    _note(outcomes, verdicts, log)
    return Trial(log, model, outcomes, verdicts)


def _note(outcomes: NDArray[Any], verdicts: Iterable[Verdict], log: Log) -> None:
    place = {name: row for row, name in enumerate(log.names)}
    units = log.units
    for verdict in verdicts:
        step = outcomes[response_of(verdict)][place[verdict.account_id]]
        if step["t"]:
            continue
        step["t"] = np.datetime64(verdict.occurred_at.rstrip("Z"), "us").astype(np.int64)
        step["events"], step["units"] = verdict.events, units[verdict.offset]
        step["hard"] = any(reason.hard for reason in verdict.reasons)


def response_of(verdict: Verdict) -> Response:
    """Give what the verdict asks for; a plain review holds the speed ramp at most."""
    if verdict.response is not Response.NONE:
        return verdict.response
    return Response.PAUSE if verdict.action is Action.PAUSE else Response.HOLD


def confirmed(trial: Trial, abusive: frozenset[str]) -> frozenset[str]:
    """Give the abusive accounts that reviewers of the month's strangest accounts would find."""
    names = np.array(trial.log.names, dtype=object)
    most = int(REVIEWED * len(names))
    strangest = names[np.argsort(-trial.outcomes["maximum"], kind="stable")[:most]]
    return abusive & frozenset(strangest.tolist())
