"""What would have cleared it: the smallest change of one observed figure that asks for less.

Everything else stays as observed, and the figure is taken to have stood at its other value all
along. A counterfactual of one feature (Wachter et al., Harvard JOLT 2018), found by bisection in
the figure itself, so that it holds for whatever scores the vector. It explains; it advises nobody.
"""

from __future__ import annotations

import math
import string
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.benign import unexplained
from detectors.evidence import EVIDENCE
from detectors.rules import RULES, hard_bits
from detectors.tails import stratum_of
from detectors.verdict import Clearing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from detectors.asking import Asked, Asker, Judged
    from detectors.bank import Bank
    from detectors.evidence import Evidence

    AsksLess = Callable[[NDArray[np.float64]], NDArray[np.bool_]]

HALVINGS: Final = 24
"""Of the way from the observed figure to the least strange one: seven digits, more than is said."""


def clearing(judged: Judged, asked: Asked, bank: Bank, asker: Asker) -> Clearing | None:
    """Find what would have cleared what was `asked` for; None if no one figure would.

    What is remembered of the account is taken to change as the score of the vector does.
    """
    standing = float(judged.scores.max())
    best = float(bank.score(judged.vector[None])[0].max())
    # Where the present figures do not bear the standing, it stays, whatever they are changed to.
    steady, floor = (standing / best, 0.0) if best > 0.0 else (0.0, standing)

    def asks_less(vectors: NDArray[np.float64]) -> NDArray[np.bool_]:
        scores, nats = bank.score(vectors)
        scores, counted = np.maximum(scores * steady, floor), unexplained(judged.vector, nats)
        return np.array([
            asker.again(judged, tails, score, int(bits)) < asked.rank
            for tails, score, bits in zip(counted, scores, hard_bits(vectors), strict=True)
        ])  # fmt: skip

    return smallest_change(judged.vector, asked.hard, bank, asks_less)


def smallest_change(
    vector: NDArray[np.float64], hard: int, bank: Bank, asks_less: AsksLess
) -> Clearing | None:
    """Give the change that is smallest in nats, or None when no single figure would do.

    `vector` (WIDTH,) was observed, `hard` are the rules that hold, a bit each.
    `asks_less` tells for vectors (n, WIDTH) whether less would have been asked for them, (n,).
    """
    nats = bank.tails.nats(vector[None])[0]
    places = _candidates(nats, bank.weights, hard)
    # Few figures can do it alone, and only those are worth a search.
    places = places[asks_less(_at(_mildest(vector, places, bank), vector, places, bank))]
    if not len(places):
        return None
    changed = _nearest(vector, places, bank, asks_less)
    rows = np.arange(len(places))
    change = nats[places] - bank.tails.nats(changed)[rows, places]
    best = int(np.argmin(np.nan_to_num(change)))
    evidence, column = EVIDENCE[places[best]], bank.tails.columns[places[best]]
    observed, needed = float(vector[column]), float(changed[best, column])
    return Clearing(
        feature=evidence.feature,
        observed=observed,
        needed=needed,
        sentence=sentence(evidence, observed, needed),
    )


def _candidates(
    nats: NDArray[np.float64], weights: NDArray[np.float64], hard: int
) -> NDArray[np.int64]:
    """Give the places in the evidence table that speak against the account: heard, or a rule.

    Heard by any kind, as groups of evidence agree across kinds.
    """
    ruled = {rule.feature for bit, rule in enumerate(RULES) if hard >> bit & 1}
    heard = (weights > 0.0).any(axis=0) & (np.nan_to_num(nats) > 0.0)
    return np.flatnonzero(heard | [evidence.feature in ruled for evidence in EVIDENCE])


def _mildest(
    vector: NDArray[np.float64], places: NDArray[np.int64], bank: Bank
) -> NDArray[np.float64]:
    """Give each place's least strange figure of the reference."""
    stratum = max(stratum_of(vector[0]), 0)
    mild: NDArray[np.float64] = bank.tails.grid[stratum, places, 0] * bank.tails.directions[places]
    return mild


def _at(
    figures: NDArray[np.float64], vector: NDArray[np.float64], places: NDArray[np.int64], bank: Bank
) -> NDArray[np.float64]:
    """Give a vector for each place, with that place's figure and all others as observed."""
    changed = np.repeat(vector[None], len(places), axis=0)
    changed[np.arange(len(places)), bank.tails.columns[places]] = figures
    return changed


def _nearest(
    vector: NDArray[np.float64], places: NDArray[np.int64], bank: Bank, asks_less: AsksLess
) -> NDArray[np.float64]:
    """Give a vector for each place, its figure as near to the observed one as asks for less."""
    strange, mild = vector[bank.tails.columns[places]], _mildest(vector, places, bank)
    for _ in range(HALVINGS):
        middle = (strange + mild) / 2.0
        less = asks_less(_at(middle, vector, places, bank))
        mild, strange = np.where(less, middle, mild), np.where(less, strange, middle)
    return _at(mild, vector, places, bank)


def sentence(evidence: Evidence, observed: float, needed: float) -> str:
    """Say the observed figure, and the one at which less would have been asked."""
    figure = _figure(evidence, observed, needed)
    return f"{evidence.words(observed)}; at {figure}, less would have been asked"


def _figure(evidence: Evidence, observed: float, needed: float) -> str:
    """Write the needed figure as the evidence writes its own, rounded away from the observed.

    Digits are added until the two differ.
    """
    name, spec = next((name, spec) for _, name, spec, _ in _parts(evidence.sentence) if name)
    before, after = (_scaled(name, value) for value in (observed, needed))
    shown = ""
    for digits in range(int(spec.strip(".f")), 9):
        steps = after * 10.0**digits
        steps = math.floor(steps) if after < before else math.ceil(steps)
        shown = f"{steps / 10.0**digits:.{digits}f}"
        if shown != f"{before:.{digits}f}":
            break
    return f"{shown} %" if name == "percent" else shown


def _parts(text: str) -> Any:
    return string.Formatter().parse(text)


def _scaled(name: str, value: float) -> float:
    """Give a value on the scale on which the evidence's sentence states it."""
    e = math.exp(min(value, 700.0))
    return {"x": value, "e": e, "m": e - 1.0, "a": abs(value), "percent": 100.0 * value}[name]
