"""Measures what judging costs: tail sums, forests and learnt tables, and the whole verdict path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors import bank
from detectors.bank import KINDS
from detectors.model import Model
from detectors.policy import Policy
from detectors.scorer import Scorer
from detectors.training import fit
from detectors.verdict import Kind
from fairuse.bench.figures import BATCH, Figure
from fairuse.models import decoded
from features.state import FeatureState
from streams.simulator import simulate
from streams.simulator.mix import Mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.bank import Bank
    from streams.clock import Clock
    from streams.columns import EventBatch

RATE: Final = "rows/s"
MIX: Final = Mix({"casual": 0.6, "power_user": 0.2, "two_devices": 0.1, "jittered_bot": 0.1})
"""One in ten a bot, so that a kind can learn: verdicts are much rarer where people are."""
ROWS: Final = 100_000


def bench_verdicts(clock: Clock) -> list[Figure]:
    """Judge simulated accounts, part by part and whole, on one core."""
    traffic = simulate(300, 7, seed=5, mix=MIX)
    log = list(decoded(traffic.tables(BATCH)))
    labels = {account: Kind(kind) if kind else None for account, kind in traffic.labels}
    fitted = fit(lambda: log, labels=labels, origin="simulator", learn_simulated=True)
    model = Model(fitted.bank, fitted.calibration, fitted.manifest)
    _pass(clock, log, model)  # compiles
    return [*_parts(clock, fitted.bank, _vectors(log)), *_pass(clock, log, model)]


def _vectors(log: list[EventBatch]) -> NDArray[np.float64]:
    state = FeatureState()
    found = np.concatenate([state.update(batch).vectors for batch in log])
    return np.tile(found, (ROWS // len(found) + 1, 1))[:ROWS]


def _parts(clock: Clock, detectors: Bank, vectors: NDArray[np.float64]) -> list[Figure]:
    scores, nats = detectors.unsupervised(vectors)
    kind = KINDS.index(Kind.AUTOMATION)
    forest, box = detectors.forests[kind], detectors.learnt[kind]
    listened = np.nan_to_num(nats[:, np.flatnonzero(detectors.weights[kind])])
    parts: dict[str, tuple[Callable[[], object], str]] = {
        "tail sum": (
            lambda: bank.tail_sums(detectors.tails.nats(vectors), detectors.weights),
            "tail values and sums of every kind",
        ),
        "detectors": (lambda: detectors.score(vectors), "all of it: sums, forests, tables"),
    }
    if forest is not None:
        parts["forest"] = (lambda: forest.score(listened), "every row, where live one in ten is")
    if box is not None:
        parts["learnt tables"] = (
            lambda: box.contributions(nats, scores[:, kind]), "one kind, with every reason",
        )  # fmt: skip
    figures = []
    for name, (run, note) in parts.items():
        run()  # compiles
        began = clock.monotonic()
        run()
        rate = len(vectors) / (clock.monotonic() - began)
        figures.append(Figure(name, rate, RATE, f"{note}; {len(vectors):,} vectors, one core"))
    return figures


def _pass(clock: Clock, log: list[EventBatch], model: Model) -> list[Figure]:
    """Time features, verdicts and a challenger's of one pass apart, at the live re-score rule."""
    state, scorer = FeatureState(), Scorer(model)
    # The same model, so that it speaks exactly as often.
    beside = Scorer(model, Policy().shadow())
    features = verdicts = shadow = 0.0
    judged = events = 0
    for batch in log:
        began = clock.monotonic()
        readings = state.update(batch)
        updated = clock.monotonic()
        scorer.judge(batch, readings, state)
        said = clock.monotonic()
        beside.judge(batch, readings, state)
        features, verdicts = features + updated - began, verdicts + said - updated
        shadow += clock.monotonic() - said
        judged, events = judged + len(readings), events + len(batch)
    note = f"{events:,} events, {judged:,} vectors judged, one core"
    return [
        Figure("verdict path", judged / verdicts, RATE, note),
        Figure("verdict path / features", 100.0 * verdicts / features, "% of time", note),
        Figure("challenger beside / verdict path", 100.0 * shadow / verdicts, "% of time", note),
    ]
