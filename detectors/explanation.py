"""Reasons in words: which observed figures stand behind a verdict, strongest first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from detectors.bank import KINDS
from detectors.evidence import EVIDENCE
from detectors.rules import RULES
from detectors.verdict import Reason
from features.view import VIEW

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
    kind listens.
    """
    found = [
        rule.reason(float(vector[VIEW.position(rule.feature)]))
        for position, rule in enumerate(RULES)
        if hard >> position & 1
    ]
    weighted = [
        (value * evidence.weights.get(KINDS[kind], 0.0), evidence, value, count)
        for evidence, value, count in zip(EVIDENCE, nats, known, strict=True)
        if evidence.weights.get(KINDS[kind], 0.0) > 0.0 and value >= WORTH_SAYING
    ]
    weighted.sort(key=lambda item: -item[0])
    for _, evidence, value, count in weighted[:AT_MOST]:
        observed = float(vector[VIEW.position(evidence.feature)])
        found.append(
            Reason(
                code=evidence.code,
                sentence=evidence.words(observed),
                kind=KINDS[kind],
                group=evidence.group,
                feature=evidence.feature,
                observed=observed,
                percentile=min(1.0 - math.exp(-float(value)), float(count / (count + 1.0))),
            )
        )
    return found


def codes() -> frozenset[str]:
    """Every reason code that can occur: the closed vocabulary."""
    return frozenset(e.code for e in EVIDENCE) | frozenset(rule.code for rule in RULES)
