"""Reasons in words: which observed figures stand behind a verdict, strongest first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.agreement import worth
from detectors.association import Code
from detectors.bank import KINDS
from detectors.evidence import EVIDENCE
from detectors.rules import RULES
from detectors.verdict import Reason
from features.view import VIEW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.evidence import Evidence
    from detectors.verdict import Kind

WORTH_SAYING: Final = 1.6  # nats: what one account in five reaches is no reason
AT_MOST: Final = 6


def reasons(
    vector: NDArray[np.float64],
    nats: NDArray[np.float64],
    known: NDArray[np.float64],
    kind: int,
    hard: int = 0,
) -> list[Reason]:
    """Give the reasons for `kind` (its position) from one vector (WIDTH,) and tail values (F,).

    `known` (F,) says how many accounts each tail was fitted to: no percentile claims more than
    they can tell. Hard rules come first whatever their kind, then the tail values weighted as the
    kind listens, those of the rules' own features left out.
    """
    ruled = _ruled(vector, hard)
    said = [evidence.feature in {reason.feature for reason in ruled} for evidence in EVIDENCE]
    return ruled + _heard(vector, np.where(said, 0.0, nats), known, kind)


def _ruled(vector: NDArray[np.float64], hard: int) -> list[Reason]:
    return [
        rule.reason(float(vector[VIEW.position(rule.feature)]))
        for position, rule in enumerate(RULES)
        if hard >> position & 1
    ]


def _heard(
    vector: NDArray[np.float64], nats: NDArray[np.float64], known: NDArray[np.float64], kind: int
) -> list[Reason]:
    weights = np.array([evidence.weights.get(KINDS[kind], 0.0) for evidence in EVIDENCE])
    # A recent figure that says no more than its long partner is not said again.
    counts = np.array([worth(nats, f) for f in range(len(EVIDENCE))])
    heard = np.flatnonzero((weights > 0.0) & (counts >= WORTH_SAYING))
    strongest = heard[np.argsort(-(weights * counts)[heard], kind="stable")][:AT_MOST]
    return [
        _reason(EVIDENCE[f], vector, float(nats[f]), float(known[f]), KINDS[kind])
        for f in strongest
    ]


def _reason(
    evidence: Evidence, vector: NDArray[np.float64], nats: float, known: float, kind: Kind
) -> Reason:
    observed = float(vector[VIEW.position(evidence.feature)])
    return Reason(
        code=evidence.code,
        sentence=evidence.words(observed),
        kind=kind,
        group=evidence.group,
        feature=evidence.feature,
        observed=observed,
        percentile=min(1.0 - math.exp(-nats), known / (known + 1.0)),
    )


def unknown(vector: NDArray[np.float64]) -> list[str]:
    """Name the features of a vector (WIDTH,) that could not be computed."""
    return [VIEW.names[place] for place in np.flatnonzero(np.isnan(vector))]


def codes() -> frozenset[str]:
    """Every reason code that can occur: the closed vocabulary."""
    of_one = frozenset(e.code for e in EVIDENCE) | frozenset(rule.code for rule in RULES)
    return of_one | frozenset(Code)
