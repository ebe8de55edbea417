"""The detectors of all kinds together: tail sums and forests, put on one scale.

Each kind has a tail sum (what acts) and an isolation forest over the same tail values (what
corroborates: it can only add, and only where the tail sum is already in the top tenth). What is
outside a kind's core groups is context and counts at most as much again as the core does: a night
worker is no reseller for working nights. Sums and forests are centred on the population's median
and scaled by the distance to its 90 % quantile, so that a score of 1 means "as strange as one
account in ten" for every kind and on every platform. Where independent groups of evidence agree
(`detectors.agreement`) by more than the leading kind says itself, that kind stands as high as they.
Kinds whose honest months run higher than others' are turned down at last, or the loudest kind would
spend the budget that all kinds share. What a kind has learnt from confirmed cases
(`detectors.learning`) can only add, on the same scale.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from detectors import forest, tails
from detectors.agreement import agreement, worth
from detectors.evidence import CORE, EVIDENCE
from detectors.tails import EDGES, Tails
from detectors.verdict import Kind
from features.view import VIEW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.forest import Forest
    from detectors.glassbox import GlassBox

KINDS: Final = tuple(Kind)
COLUMNS: Final = np.array([VIEW.position(evidence.feature) for evidence in EVIDENCE])
DIRECTIONS: Final = np.array([float(evidence.direction) for evidence in EVIDENCE])
WEIGHTS: Final = np.array(
    [[evidence.weights.get(kind, 0.0) for evidence in EVIDENCE] for kind in KINDS]
)
CORES: Final = np.array([[evidence.group in CORE[kind] for evidence in EVIDENCE] for kind in KINDS])
AGREEING: Final = np.flatnonzero([kind is not Kind.CREDENTIAL_SHARING for kind in KINDS])
"""Kinds that groups of evidence can agree on: who shares is a person in all but devices."""
FOREST_WEIGHT: Final = 0.5
GATE: Final = 1.0
UPPER: Final = 0.9
ENOUGH: Final = 200  # months after which a kind's own tail counts for half
SMALLEST: Final = 0.25  # nats; the least spread a sum is scaled by


@dataclass(frozen=True, slots=True)
class Bank:
    """Fitted detectors of K kinds over F features and S strata.

    `weights` (K, F); `centre`, `spread` (S, K) of the tail sums; `agreed_centre`, `agreed_spread`
    (S, 1) of the agreement; one forest a kind (None where the kind cannot be seen) with
    `forest_centre`, `forest_spread` (K,). `gains` (K,) turn loud kinds down; `learnt` holds a glass
    box for each kind that learnt from confirmed cases, else None.
    """

    tails: Tails
    weights: NDArray[np.float64]
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    agreed_centre: NDArray[np.float64]
    agreed_spread: NDArray[np.float64]
    forests: tuple[Forest | None, ...]
    forest_centre: NDArray[np.float64]
    forest_spread: NDArray[np.float64]
    gains: NDArray[np.float64] = field(default_factory=lambda: np.ones(len(KINDS)))
    learnt: tuple[GlassBox | None, ...] = (None,) * len(KINDS)

    def score(
        self, vectors: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score vectors (n, WIDTH): returns scores (n, K) and the tail values behind (n, F).

        A kind that cannot be seen on this platform, or an account of too few acts, scores 0.
        """
        scores, nats = self.unsupervised(vectors)
        enough = vectors[:, 0] >= EDGES[0]
        for k, box in enumerate(self.learnt):
            if box is not None:
                scores[enough, k] += box.lift(nats, scores[:, k])[enough]
        return scores / self.gains, nats

    def contributions(self, vector: NDArray[np.float64], kind: int) -> NDArray[np.float64] | None:
        """Give the learnt logit's parts for a vector (WIDTH,), None for a kind that learnt nothing.

        Shape (F + 1,): one part a feature in the order of the evidence, and last that of the
        unsupervised score.
        """
        box = self.learnt[kind]
        if box is None:
            return None
        scores, nats = self.unsupervised(vector[None])
        parts: NDArray[np.float64] = box.contributions(nats, scores[:, kind])[0]
        return parts

    def probability(self, vector: NDArray[np.float64], kind: int) -> float | None:
        """Probability of the kind's abuse as decided cases calibrate it; None while too few are."""
        parts, box = self.contributions(vector, kind), self.learnt[kind]
        if parts is None or box is None:
            return None
        return box.probability(float(parts.sum()) + box.intercept)

    def unsupervised(
        self, vectors: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score as `score` does, without what was learnt and before kinds are turned down."""
        nats = self.tails.nats(vectors)
        scores = np.zeros((len(vectors), len(KINDS)))
        scale_rows(vectors[:, 0], tail_sums(nats, self.weights), self.centre, self.spread, scores)
        self._let_agree(vectors[:, 0], nats, scores)
        for k, member in enumerate(self.forests):
            strange = np.flatnonzero(scores[:, k] > GATE)
            if member is None or not len(strange):
                continue
            rows = np.nan_to_num(nats[np.ix_(strange, np.flatnonzero(self.weights[k]))])
            lift = (member.score(rows) - self.forest_centre[k]) / self.forest_spread[k]
            scores[strange, k] += FOREST_WEIGHT * np.maximum(lift, 0.0)
        return scores, nats

    def _let_agree(
        self, acts: NDArray[np.float64], nats: NDArray[np.float64], scores: NDArray[np.float64]
    ) -> None:
        agreed = np.zeros((len(scores), 1))
        sums = agreement(nats, self.weights[AGREEING])[:, np.newaxis]
        scale_rows(acts, sums, self.agreed_centre, self.agreed_spread, agreed)
        every, leading = np.arange(len(scores)), AGREEING[scores[:, AGREEING].argmax(axis=1)]
        own = scores[every, leading]
        scores[every, leading] = np.where(own > GATE, np.maximum(own, agreed[:, 0]), own)


@njit(cache=True)
def sum_rows(nats: Any, weights: Any, cores: Any, out: Any) -> None:
    for i in range(len(nats)):
        for k in range(weights.shape[0]):
            core = 0.0
            context = 0.0
            for f in range(weights.shape[1]):
                if weights[k, f] == 0.0:
                    continue
                value = worth(nats[i], f)
                if cores[k, f]:
                    core += weights[k, f] * value
                else:
                    context += weights[k, f] * value
            out[i, k] = core + min(context, core)


@njit(cache=True)
def scale_rows(acts: Any, sums: Any, centre: Any, spread: Any, out: Any) -> None:
    for i in range(len(sums)):
        stratum = tails.stratum_of(acts[i])
        if stratum < 0:
            continue
        for k in range(sums.shape[1]):
            if spread[stratum, k] > 0.0:
                out[i, k] = (sums[i, k] - centre[stratum, k]) / spread[stratum, k]


def tail_sums(nats: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up tail values (n, F) a kind, context capped by the core; unknown adds nothing."""
    out = np.empty((len(nats), len(weights)))
    sum_rows(nats, weights, CORES, out)
    return out


def fit(reference: list[NDArray[np.float64]], *, seed: int = 0) -> Bank:
    """Fit every detector to one vector per account and stratum (a list of (n_s, WIDTH) arrays)."""
    fitted = tails.fit(reference, COLUMNS, DIRECTIONS)
    weights = _visible(fitted)
    sums: list[NDArray[np.float64]] = []
    agreed: list[NDArray[np.float64]] = []
    for s in range(len(EDGES)):
        rows = tails.borrow(reference, s).copy()
        rows[:, 0] = EDGES[s]  # borrowed rows are judged by this stratum's tails
        nats = fitted.nats(rows)
        sums.append(tail_sums(nats, weights))
        agreed.append(agreement(nats, weights[AGREEING])[:, np.newaxis])
    centre, spread = _scale(sums)
    spread[:, ~weights.any(axis=1)] = 0.0
    members, middle, width = _forests(np.concatenate(reference), fitted, weights, seed)
    return Bank(fitted, weights, centre, spread, *_scale(agreed), members, middle, width)


def _scale(
    strata: list[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give centre and spread, each (S, C), of values (n_s, C) a stratum; no rows, no spread."""
    width = strata[0].shape[1]
    centre, spread = np.zeros((len(strata), width)), np.zeros((len(strata), width))
    for s, values in enumerate(strata):
        if len(values):
            centre[s] = np.median(values, axis=0)
            upper = np.quantile(values, UPPER, axis=0)
            spread[s] = np.maximum(upper - centre[s], SMALLEST)
    return centre, spread


def _visible(fitted: Tails) -> NDArray[np.float64]:
    """Zero the weights of unknown features, and of kinds none of whose core features varies."""
    weights = WEIGHTS * (fitted.counts > 0).any(axis=0)
    for k in range(len(KINDS)):
        if not (weights[k] * fitted.varying())[CORES[k]].any():
            weights[k] = 0.0
    return weights


def _forests(
    rows: NDArray[np.float64], fitted: Tails, weights: NDArray[np.float64], seed: int
) -> tuple[tuple[Forest | None, ...], NDArray[np.float64], NDArray[np.float64]]:
    nats = np.nan_to_num(fitted.nats(rows))
    members: list[Forest | None] = []
    middle, width = np.zeros(len(KINDS)), np.ones(len(KINDS))
    for k in range(len(KINDS)):
        seen = nats[:, np.flatnonzero(weights[k])]
        # A forest on constant columns calls everything normal: better none than a blind one.
        if seen.shape[1] < 2 or not np.ptp(seen, axis=0).any():
            members.append(None)
            continue
        member = forest.fit(seen, seed=seed + k)
        scores = member.score(seen)
        middle[k] = np.median(scores)
        width[k] = max(float(np.quantile(scores, UPPER)) - middle[k], 1e-6)
        members.append(member)
    return tuple(members), middle, width


def gains(peaks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what to divide each kind's scores by, from honest months' peaks (n, K); shape (K,).

    A kind's upper tail, relative to the geometric mean of the kinds': the scale as a whole stays.
    Few months tell little of a tail, and are believed as little.
    """
    if not len(peaks):
        return np.ones(peaks.shape[1])
    middle, upper = np.quantile(peaks, (0.5, UPPER), axis=0)
    seen = peaks.any(axis=0)
    tails_of = np.where(seen, np.maximum(upper - middle, SMALLEST), 1.0)
    usual = np.exp(np.log(tails_of[seen]).mean()) if seen.any() else 1.0
    belief = len(peaks) / (len(peaks) + ENOUGH)
    relative: NDArray[np.float64] = np.where(seen, (tails_of / usual) ** belief, 1.0)
    return relative
