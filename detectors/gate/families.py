"""The third check: no family of abuse that the champion finds may be lost by learning.

Each model ranks the suite's accounts among themselves, so that scales do not matter; a family's
recall is taken where one of the suite's honest accounts in a hundred stands higher.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.gate.chance import LEVEL, again
from detectors.gate.check import Check
from detectors.gate.suite import FAMILIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.gate.check import Limits
    from detectors.gate.suite import Suite
    from detectors.model import Model

NAME: Final = "held-out families"
FALSE_POSITIVES: Final = 0.01


@dataclass(frozen=True, slots=True)
class Found:
    """What both models make of the suite: each account's highest score (A,) and its family (A,)."""

    family: NDArray[np.int64]
    champion: NDArray[np.float64]
    candidate: NDArray[np.float64]


def examined(suite: Suite, champion: Model, candidate: Model) -> Found:
    """Score the suite by both models."""
    return Found(suite.family, suite.highest(champion), suite.highest(candidate))


def families(found: Found, limits: Limits) -> Check:
    """Compare the recall of each family and of all together, accounts drawn again in pairs."""
    rows = compared(found, limits.seed)
    fallen = [row for row in rows if row["at_best"] < -limits.recall_margin]
    figures = {"families": rows, "false_positives": FALSE_POSITIVES}
    every = next(row for row in rows if row["family"] == "all")
    if not fallen:
        sentence = (
            f"recall on the simulated suite {every['candidate']:.0%}, champion "
            f"{every['champion']:.0%}; no family of {len(rows) - 1} falls by more than chance"
        )
        return Check(name=NAME, passed=True, sentence=sentence, figures=figures)
    worst = min(fallen, key=lambda row: float(row["candidate"] - row["champion"]))
    others = f"; {len(fallen) - 1} more fall" if len(fallen) > 1 else ""
    sentence = (
        f"{worst['family']}: recall on the simulated suite falls from {worst['champion']:.0%} to "
        f"{worst['candidate']:.0%} of {worst['accounts']} accounts{others}"
    )
    return Check(name=NAME, passed=False, sentence=sentence, figures=figures)


def compared(found: Found, seed: int) -> list[dict[str, Any]]:
    """Give a row a family, and last one of all; `at_best` bounds the difference from above.

    The bounds of all rows hold together with 95 % confidence (Bonferroni).
    """
    present = [f for f in range(len(FAMILIES)) if (found.family == f).any()]
    groups = [(FAMILIES[f], np.flatnonzero(found.family == f)) for f in present]
    groups.append(("all", np.flatnonzero(found.family >= 0)))
    honest = np.flatnonzero(found.family < 0)
    both = (found.champion, found.candidate)
    caught = [scores > _limit(scores[honest]) for scores in both]
    times = again(len(honest), seed)
    limits = [_limits(scores[honest], times) for scores in both]
    drawn = np.array([
        _gained(both[0][members] > limits[0], both[1][members] > limits[1], seed + 1 + g)
        for g, (_, members) in enumerate(groups)
    ])  # fmt: skip
    best = np.quantile(drawn, 1.0 - LEVEL / 2.0 / len(groups), axis=1)
    return [
        {
            "family": name, "accounts": len(members),
            "champion": float(caught[0][members].mean()),
            "candidate": float(caught[1][members].mean()), "at_best": float(top),
        }
        for (name, members), top in zip(groups, best, strict=True)
    ]  # fmt: skip


def _gained(
    champion: NDArray[np.bool_], candidate: NDArray[np.bool_], seed: int
) -> NDArray[np.float64]:
    """Give each draw's difference of recall; both tell whom (draws, members) a model catches."""
    count = champion.shape[1]
    times = again(count, seed)
    more = candidate.astype(float) - champion
    gained: NDArray[np.float64] = (times * more).sum(axis=1) / count
    return gained


def _limit(honest: NDArray[np.float64]) -> float:
    """Give the score that at most one honest account in a hundred exceeds."""
    return float(_limits(honest, np.ones((1, len(honest))))[0, 0])


def _limits(honest: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the same for each draw (draws, 1), in which the accounts came so many `times`."""
    order = np.argsort(-honest, kind="stable")
    above = np.cumsum(times[:, order], axis=1)
    allowed = int(len(honest) * FALSE_POSITIVES)
    limits: NDArray[np.float64] = honest[order][np.argmax(above > allowed, axis=1)]
    return limits[:, np.newaxis]
