"""Who is right when several people judge the same cases and nobody knows the truth.

Each person is given a table of how often they say what of which truth, each case the chance of each
answer; the two are estimated in turn until they stand still.

Source: Dawid and Skene, Applied Statistics 28 (1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

FEWEST: Final = 3  # people: of two, nobody can say which one is wrong
_ROUNDS: Final = 200
_STILL: Final = 1e-8
_SMOOTH: Final = 0.5  # added to every count, so that nobody is taken for infallible


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's answer on one case."""

    case_id: str
    rater: str
    answer: str


@dataclass(frozen=True, slots=True)
class Consensus:
    """The chance of each answer for each case, and the share each person is right."""

    answers: dict[str, dict[str, float]]
    right: dict[str, float]


def consensus(votes: Iterable[Vote]) -> Consensus | None:
    """Estimate truth and people together; None of fewer than three people."""
    heard = list(votes)
    cases = _numbered(vote.case_id for vote in heard)
    raters = _numbered(vote.rater for vote in heard)
    words = _numbered(vote.answer for vote in heard)
    if len(raters) < FEWEST:
        return None
    said = np.zeros((len(cases), len(raters), len(words)))
    for vote in heard:
        said[cases[vote.case_id], raters[vote.rater], words[vote.answer]] += 1.0
    truth = said.sum(axis=1)
    truth /= truth.sum(axis=1, keepdims=True)
    for _ in range(_ROUNDS):
        tables, common = _people(said, truth)
        better = _cases(said, tables, common)
        still = float(np.abs(better - truth).max())
        truth = better
        if still < _STILL:
            break
    tables, common = _people(said, truth)
    return Consensus(
        {case: dict(zip(words, map(float, truth[i]), strict=True)) for i, case in enumerate(cases)},
        {rater: float(common @ np.diag(tables[r])) for r, rater in enumerate(raters)},
    )


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted(set(names)))}


def _people(
    said: NDArray[np.float64], truth: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give each rater's table (R, K truths, K answers), and the share of each truth (K,)."""
    tables = np.einsum("irl,ik->rkl", said, truth) + _SMOOTH
    return tables / tables.sum(axis=2, keepdims=True), truth.mean(axis=0)


def _cases(
    said: NDArray[np.float64], tables: NDArray[np.float64], common: NDArray[np.float64]
) -> NDArray[np.float64]:
    logs = np.einsum("irl,rkl->ik", said, np.log(tables)) + np.log(np.maximum(common, 1e-12))
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares
