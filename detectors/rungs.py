"""How a kind learns from few or many confirmed cases; either way it comes out as the same tables.

Few: a logistic regression that starts from the unsupervised score and moves away from it only as
far as the cases insist. Many: an explainable boosting machine (Lou, Caruana and Gehrke,
"Intelligible models", KDD 2012; the `interpret-core` package), whose shapes may bend. Both only
ever rise with their inputs, which point towards the strange.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.glassbox import GlassBox

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP: Final = 0.25  # nats; the logistic regression reads tail values in quarters
STEPS: Final = 40
HOLD: Final = 10.0  # how strongly a weight is held at nothing
EASE: Final = 10.0  # the unsupervised score is held a hundred times less
BAGS: Final = 8
HELD_BACK: Final = 0.15  # of the accounts, to stop each bag's boosting


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one kind is taught: inputs (n, C + 1), answers, weights and accounts (n,).

    `columns` (C,) are the inputs' places in the evidence; the last input is the unsupervised score.
    """

    columns: NDArray[np.int64]
    inputs: NDArray[np.float64]
    answers: NDArray[np.bool_]
    weights: NDArray[np.float64]
    accounts: NDArray[np.int64]


Rung = Callable[[Lesson, int], GlassBox]
"""Fits one kind with a seed."""


def logistic(lesson: Lesson, seed: int) -> GlassBox:  # noqa: ARG001 - nothing is drawn by lot
    """Fit a logistic regression held at the unsupervised score, with weights that only add."""
    from scipy.optimize import minimize  # noqa: PLC0415  as slow to import as all the rest

    cuts, values = _steps(lesson.inputs)
    bins = [np.searchsorted(c, x, side="right") for c, x in zip(cuts, lesson.inputs.T, strict=True)]
    seen = np.column_stack([v[b] for v, b in zip(values, bins, strict=True)])
    seen[np.isnan(lesson.inputs)] = 0.0
    scale = EASE / max(float(seen[:, -1].std()), 1e-6)
    seen[:, -1] *= scale
    signs = np.where(lesson.answers, 1.0, -1.0)

    def loss(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (seen @ at[1:] + at[0])
        pull = -signs * lesson.weights * 0.5 * (1.0 - np.tanh(0.5 * margins))
        held = HOLD * at[1:]
        value = lesson.weights @ np.logaddexp(0.0, -margins) + 0.5 * held @ at[1:]
        return float(value), np.concatenate([[pull.sum()], seen.T @ pull + held])

    bounds = [(None, None)] + [(0.0, None)] * seen.shape[1]
    at = minimize(loss, np.zeros(seen.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    at[-1] *= scale
    parts = [np.concatenate([[0.0], w * v]) for w, v in zip(at[1:], values, strict=True)]
    return _boxed(lesson.columns, cuts, parts, float(at[0]))


def _steps(
    inputs: NDArray[np.float64],
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Cut every input into steps; gives the cuts and the value each step stands for."""
    features = inputs.shape[1] - 1
    scores = inputs[:, -1]
    inner = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, STEPS + 2)[1:-1]))
    places = np.searchsorted(inner, scores, side="right")
    counts = np.bincount(places, minlength=len(inner) + 1)
    sums = np.bincount(places, weights=scores, minlength=len(inner) + 1)
    edges = np.concatenate([[scores.min()], inner])
    means: NDArray[np.float64] = np.where(counts > 0, sums / np.maximum(counts, 1), edges)
    quarters: NDArray[np.float64] = STEP * np.arange(STEPS + 1, dtype=float)
    return [quarters[1:]] * features + [inner], [quarters] * features + [means]


def can_boost() -> bool:
    """Tell whether the extra `learn` is installed."""
    return find_spec("interpret") is not None


def boosted(lesson: Lesson, seed: int) -> GlassBox:
    """Fit an explainable boosting machine and compile it; an unknown is kept from accusing."""
    box = compiled(boosting_machine(lesson, seed), lesson.columns)
    parts = box.parts.copy()
    parts[:, 0] = np.minimum(parts[:, 0], 0.0)
    parts[:, 1:] = np.maximum.accumulate(parts[:, 1:], axis=1)
    return GlassBox(box.columns, box.cuts, parts, box.numbers)


def boosting_machine(lesson: Lesson, seed: int) -> Any:
    """Fit `interpret`'s machine without pairs, every shape rising, whole accounts held back."""
    from interpret.glassbox import ExplainableBoostingClassifier  # noqa: PLC0415  fitting only

    width = lesson.inputs.shape[1]
    machine = ExplainableBoostingClassifier(
        feature_types=["continuous"] * width, monotone_constraints=[1] * width, interactions=0,
        max_bins=64, outer_bags=BAGS, learning_rate=0.03, max_rounds=2000, n_jobs=1,
        random_state=seed,
    )  # fmt: skip
    chance = np.random.default_rng(seed)
    bags = np.ones((len(lesson.answers), BAGS), dtype=np.int8)
    for bag in range(BAGS):
        back = chance.random(int(lesson.accounts.max()) + 1) < HELD_BACK
        bags[back[lesson.accounts], bag] = -1
    with warnings.catch_warnings():
        # It warns that its pictures do not show unknown values; no picture is drawn.
        warnings.filterwarnings("ignore", message="Missing values detected", category=UserWarning)
        machine.fit(lesson.inputs, lesson.answers, sample_weight=lesson.weights, bags=bags)
    return machine


def compiled(machine: Any, columns: NDArray[np.int64]) -> GlassBox:
    """Lay `interpret`'s machine of single terms out as tables that give the same logits."""
    cuts = [np.asarray(bins[0], dtype=float) for bins in machine.bins_]
    # Its first entry is the unknown, its last a category never seen, which a number never is.
    parts = [np.asarray(scores, dtype=float)[:-1] for scores in machine.term_scores_]
    if machine.term_features_ != [(place,) for place in range(len(cuts))]:
        raise ValueError("the boosting machine has terms of more than one input")
    return _boxed(columns, cuts, parts, float(machine.intercept_[0]))


def _boxed(
    columns: NDArray[np.int64], cuts: list[NDArray[np.float64]], parts: list[NDArray[np.float64]],
    intercept: float,
) -> GlassBox:  # fmt: skip
    width = max(len(one) for one in cuts)
    padded = np.full((len(cuts), width), np.inf)
    table = np.empty((len(cuts), width + 2))
    for row, (edges, entries) in enumerate(zip(cuts, parts, strict=True)):
        padded[row, : len(edges)] = edges
        table[row, : len(entries)] = entries
        table[row, len(entries) :] = entries[-1]
    return GlassBox(columns, padded, table, np.array([intercept, 0.0, 1.0, np.nan, np.nan]))


def challenged(lesson: Lesson, asked: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Give the logits (n,) of scikit-learn's gradient boosting for inputs (n, C + 1) `asked`.

    It measures what keeping every reason costs, and never serves.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  fitting only

    machine = HistGradientBoostingClassifier(
        learning_rate=0.08, max_leaf_nodes=15, early_stopping=False, random_state=seed
    )
    machine.fit(lesson.inputs, lesson.answers, sample_weight=lesson.weights)
    logits: NDArray[np.float64] = machine.decision_function(asked)
    return logits
