"""One model on recorded accounts: fitted as live, scored as live, and what was asked of whom when.

A model fitted to simulated traffic may pause nobody. Here, and only here, one is told that its
traffic is real (`origin` archive), because the rule that acts on real traffic is what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import memory, summary, training
from detectors.bank import KINDS
from detectors.memory import MONTH
from detectors.model import Model
from detectors.policy import Policy
from detectors.scorer import Scorer
from detectors.verdict import Action, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        ("stratum", "u2"),
        ("scores", "f8", (len(KINDS),)),
        *((str(response), _STEP) for response in RESPONSES),
    ]
)
"""Of one account: its month's maximum and stratum, the standing of each kind, and the first time
(`t`, 0 never) each response was asked for, with the events known and the quota used by then."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one model made of one log.

    `outcomes` (n,) has a row an account, in the log's order, or a row an account-month; `rows` (n,)
    and `months` (n,) tell whose and which.
    """

    log: Log
    model: Model
    outcomes: NDArray[Any]
    rows: NDArray[np.int64]
    months: NDArray[np.int64]
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


def score(
    log: Log, model: Model, policy: Policy | None = None, months: Sequence[int] = ()
) -> Trial:
    """Score a log and note the first time of every response, in each of these months if given.

    Months are counted as the calibration does, by 30 days since 1970; an account has an outcome in
    those between its first and its last event.
    """
    scorer, state = Scorer(model, policy or Policy()), log.states()
    verdicts: list[Verdict] = []
    outcomes = np.zeros((len(months) or 1, state.accounts), dtype=OUTCOME)
    for turn, month in enumerate(months or (None,)):
        for batch in log.replay():
            part = batch if month is None else batch.where(batch.events["t"] // MONTH == month)
            verdicts += scorer.judge(part, part.readings, state)
        records = memory.room_for(scorer.records, state.accounts)[: state.accounts]
        current = records["month"] == month if month is not None else True
        outcomes["maximum"][turn] = np.where(current, records["maximum"], 0.0)
        outcomes["stratum"][turn] = records["stratum"]
        outcomes["scores"][turn] = summary.standing(records)
    _note(outcomes, verdicts, log, list(months))
    first, last = log.accounts["first_t"] // MONTH, log.accounts["last_t"] // MONTH
    lived = [(first <= month) & (month <= last) for month in months]
    turns, rows = np.nonzero(lived or [np.ones(state.accounts, dtype=bool)])
    return Trial(log, model, outcomes[turns, rows], rows, turns, verdicts)


def _note(outcomes: NDArray[Any], verdicts: Iterable[Verdict], log: Log, months: list[int]) -> None:
    place = {name: row for row, name in enumerate(log.names)}
    for verdict in verdicts:
        t = int(np.datetime64(verdict.occurred_at.rstrip("Z"), "us").astype(np.int64))
        turn = months.index(t // MONTH) if months else 0
        step = outcomes[response_of(verdict)][turn, place[verdict.account_id]]
        if step["t"]:
            continue
        step["t"], step["events"] = t, verdict.events
        step["units"] = log.units[verdict.offset]
        step["hard"] = any(reason.hard for reason in verdict.reasons)


def response_of(verdict: Verdict) -> Response:
    """Give what the verdict asks for; a plain review holds the speed ramp at most."""
    if verdict.response is not Response.NONE:
        return verdict.response
    return Response.PAUSE if verdict.action is Action.PAUSE else Response.HOLD


def confirmed(trial: Trial, abusive: frozenset[str]) -> frozenset[str]:
    """Give the abusive accounts that reviewers of the month's strangest accounts would find."""
    names = np.array(trial.log.names, dtype=object)
    most = int(REVIEWED * len(trial.outcomes))
    strangest = names[trial.rows[np.argsort(-trial.outcomes["maximum"], kind="stable")[:most]]]
    return abusive & frozenset(strangest.tolist())
