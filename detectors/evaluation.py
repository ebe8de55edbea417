"""How well a labelled log is told apart, measured on accounts the model has not seen.

Accounts are dealt into five parts by their hash; each part is scored by a model fitted, without
labels, to the other four. Figures come with 95 % intervals, because labelled abusers are few.

Sources: the interval of the area under the curve is Hanley and McNeil's (Radiology 1982); those of
shares are Clopper and Pearson's exact ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from detectors import summary, training
from detectors.model import Model
from detectors.policy import Policy
from detectors.scorer import Scorer
from detectors.verdict import Action, Kind
from features.state import FeatureState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from detectors.training import Replay
    from streams.columns import EventBatch

PARTS: Final = 5
FALSE_POSITIVES: Final = (0.01, 0.001)
ROW: Final = {name: place for place, name in enumerate(summary.COLUMNS)}


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its exact 95 % interval; all NaN of nothing."""

    count: int
    of: int

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return math.nan, math.nan
        found = binomtest(self.count, self.of).proportion_ci(0.95, method="exact")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.count}/{self.of} = {self.value:.1%} [{low:.1%}, {high:.1%}]"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one score column and the actions say of a labelled set of accounts.

    `caught` are the abusive accounts above the score that one honest account in a hundred exceeds,
    `caught_rarely` above that of one in a thousand.
    """

    column: str
    auc: float
    auc_interval: tuple[float, float]
    caught: Share
    caught_rarely: Share
    abusive_reviewed: Share
    abusive_paused: Share
    honest_reviewed: Share
    honest_paused: Share


def first(replay: Replay, count: int) -> Replay:
    """Give a replay of only the first `count` events of each account."""

    def cut() -> Iterator[EventBatch]:
        seen: dict[int, int] = defaultdict(int)
        for batch in replay():
            keep = np.zeros(len(batch), dtype=bool)
            for place, account in enumerate(batch.events["account"].tolist()):
                keep[place] = seen[account] < count
                seen[account] += 1
            yield batch.where(keep)

    return cut


def part(replay: Replay, number: int, *, but: bool = False) -> Replay:
    """Give a replay of the accounts of one part, or (`but`) of all accounts of the others."""

    def cut() -> Iterator[EventBatch]:
        for batch in replay():
            yield batch.where((dealt(batch.events["account"]) == number) != but)

    return cut


def dealt(accounts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Give the part that each account, by its hash, is dealt into."""
    return (accounts >> np.uint64(32)) % np.uint64(PARTS)


def score(replay: Replay, model: Model, policy: Policy | None = None) -> list[tuple[Any, ...]]:
    """Score a log from its beginning; returns one row an account as `summary.rows` gives them."""
    scorer, state = Scorer(model, policy or Policy()), FeatureState()
    for batch in replay():
        scorer.judge(batch, state.update(batch), state)
    return list(summary.rows(scorer, state))


def held_out(replay: Replay, *, seed: int = 0, policy: Policy | None = None) -> list[Any]:
    """Score every account by a model fitted without labels to the other parts' accounts."""
    rows: list[Any] = []
    for number in range(PARTS):
        fitted = training.fit(part(replay, number, but=True), seed=seed)
        model = Model(fitted.bank, fitted.calibration, fitted.manifest)
        rows += score(part(replay, number), model, policy)
    return rows


def evaluate(
    rows: list[Any], labels: Mapping[str, Kind | None], kind: Kind | None = None
) -> Evaluation:
    """Compare score rows with labels (account to kind, None for honest); unlabelled are left out.

    With a `kind`, its own score is compared on its own accounts against the honest ones, else the
    combined score on all. Raises `ValueError` unless both sides have accounts.
    """
    known = [row for row in rows if row[0] in labels]
    known = [row for row in known if labels[row[0]] in {None, kind or labels[row[0]]}]
    abusive = np.array([labels[row[0]] is not None for row in known], dtype=bool)
    if not abusive.any() or abusive.all():
        raise ValueError(
            "both honest and abusive accounts are needed to compare scores with labels"
        )
    column = str(kind or "abuse")
    scores = np.array([float(row[ROW[column]]) for row in known])
    actions = np.array([row[ROW["action"]] for row in known])
    auc = float(roc_auc_score(abusive, scores))
    return Evaluation(
        column,
        auc,
        _auc_interval(auc, int(abusive.sum()), int((~abusive).sum())),
        _share(scores[abusive] > _threshold(scores[~abusive], FALSE_POSITIVES[0])),
        _share(scores[abusive] > _threshold(scores[~abusive], FALSE_POSITIVES[1])),
        _share(actions[abusive] != Action.ALLOW),
        _share(actions[abusive] == Action.PAUSE),
        _share(actions[~abusive] != Action.ALLOW),
        _share(actions[~abusive] == Action.PAUSE),
    )


def _share(hits: NDArray[np.bool_]) -> Share:
    return Share(int(np.count_nonzero(hits)), len(hits))


def _threshold(honest: NDArray[np.float64], share: float) -> float:
    """Give the score that at most this share of honest accounts exceeds."""
    allowed = int(len(honest) * share)
    return float(np.sort(honest)[::-1][allowed])


def _auc_interval(auc: float, positives: int, negatives: int) -> tuple[float, float]:
    q1, q2 = auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc)
    variance = auc * (1.0 - auc)
    variance += (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)
    reach = 1.96 * math.sqrt(variance / (positives * negatives))
    return max(auc - reach, 0.0), min(auc + reach, 1.0)
