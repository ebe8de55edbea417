"""What a training set is refused for, each in one line.

A column that died teaches that nobody is strange any more; a column that knows the answer teaches
nothing else; labels from beyond the end of the log teach what the log cannot show. Refusing leaves
the champion as it is. A few odd labels are no reason: they teach nothing by themselves, because
their places are not found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.bank import KINDS
from detectors.evidence import EVIDENCE
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detectors.census import Census
    from detectors.labels import LabelSet
    from detectors.model import Model
    from detectors.training import Judgements
    from streams.raw import Partition

EDGE: Final = 13  # of 256 quantiles: within the outer 5 % a feature may vary by a few accounts
TOO_GOOD: Final = 0.995
CLASS: Final = 200
"""Accounts of either class from which a separation means anything.

Of simulated automation, 20 accounts and 20 honest ones are parted so well by some feature in every
second draw, 100 and 100 in one of sixty.
"""
LABELS: Final = 20
"""Fewer labels say nothing about all of them."""
ODD: Final = 0.05
"""One label in so many may be impossible: some clock was wrong once, and it teaches nothing."""


class TrainingSetRefused(ValueError):  # noqa: N818 - a refusal, named for what happened
    """Nothing may be learnt from this; the message says why in one line."""


def refuse(
    counted: Census, labels: LabelSet, positions: Mapping[Partition, int], champion: Model | None
) -> None:
    """Raise `TrainingSetRefused` for the first reason there is.

    `positions` are the offsets up to which the log was read; `champion` is that of real traffic.
    """
    said = labels.judgements()
    reasons = (
        other_view(champion) if champion is not None else "",
        impossible_labels(labels),
        labels_beyond(labels, positions),
        dead_columns(counted, champion) if champion is not None else "",
        leaked_answers(counted, said),
    )
    for reason in reasons:
        if reason:
            raise TrainingSetRefused(reason)


def other_view(champion: Model) -> str:
    """Refuse to learn under another feature view than the registry's champion was fitted to."""
    theirs = champion.manifest.view_fingerprint
    if theirs == VIEW.fingerprint:
        return ""
    return (
        f"another feature view: the champion {champion.manifest.version} was fitted to {theirs}, "
        f"this release computes {VIEW.fingerprint}"
    )


def impossible_labels(labels: LabelSet) -> str:
    """Refuse when many answers were known before there was anything to see: they are no answers.

    A few are the work of a clock, and events bear its time for ever: no reason for any night.
    """
    early = [one for one in labels.labels if one.early]
    if len(labels.labels) < LABELS or len(early) <= ODD * len(labels.labels):
        return ""
    return (
        f"leaked labels: {len(early)} of {len(labels.labels)} were known more than a day before "
        f"their evidence was seen, first case {early[0].case_id}"
    )


def labels_beyond(labels: LabelSet, positions: Mapping[Partition, int]) -> str:
    """Refuse when most of what was judged lies after the end of the log: it is not up to date.

    The newest labels always do, because the archive follows the log.
    """
    places = [one.place for one in labels.labels if one.place is not None]
    beyond = [place for place in places if place.offset >= positions.get(place.partition, 0)]
    if len(places) < LABELS or 2 * len(beyond) <= len(places):
        return ""
    return (
        f"labels from after the end of the training window: the evidence of {len(beyond)} of "
        f"{len(places)} is not in the archive, which lags behind or is another log's"
    )


def dead_columns(counted: Census, champion: Model) -> str:
    """Refuse when a feature that the champion listened to is now unknown of all, or the same.

    Of all, the confirmed too: that honest people alone no longer differ in it, because whoever did
    was found out, is no column's death.
    """
    dead = []
    for place, evidence in enumerate(EVIDENCE):
        if not _listened(champion, place):
            continue
        values = _known(counted, VIEW.position(evidence.feature))
        if not len(values) or values.min() == values.max():
            dead.append(f"{evidence.feature} ({'constant' if len(values) else 'unknown'})")
    if not dead:
        return ""
    return f"dead columns that champion {champion.manifest.version} listens to: {', '.join(dead)}"


def leaked_answers(counted: Census, said: Judgements) -> str:
    """Refuse when one feature alone tells a kind's confirmed accounts from the honest ones.

    Only where both classes are large enough for that to be no luck (`CLASS`, by Kish 1965 for
    weights), and at the places that were judged. No honest feature is as good as that.
    """
    vectors, kinds, weights = _examples(counted, said)
    found = []
    for kind, name in enumerate(KINDS):
        mine, usual = kinds == kind, kinds < 0
        if min(_effective(weights[mine]), _effective(weights[usual])) < CLASS:
            continue
        both = mine | usual
        for place, feature in enumerate(VIEW.names):
            area = separation(vectors[both, place], mine[both], weights[both])
            if area >= TOO_GOOD:
                found.append(f"{feature} tells {name} ({area:.4f})")
    return f"leaked labels: too good to be true, {', '.join(found)}" if found else ""


def separation(
    values: NDArray[np.float64], answers: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float:
    """Give the weighted area under the ROC curve (0.5 to 1) in the better direction.

    The share of pairs in the right order, ties counting half (Hanley and McNeil 1982); an unknown
    value (NaN) counts as lying below all others.
    """
    areas = []
    for directed in (values, -values):
        ranked = np.where(np.isnan(directed), -np.inf, directed)
        _, group = np.unique(ranked, return_inverse=True)
        yes = np.bincount(group, weights * answers)
        no = np.bincount(group, weights * ~answers)
        below = np.cumsum(no) - no
        areas.append(float(yes @ (below + 0.5 * no) / (yes.sum() * no.sum())))
    return max(areas)


def _listened(champion: Model, place: int) -> bool:
    grid = champion.bank.tails.grid[:, place]
    varied = (grid[:, EDGE] < grid[:, -1 - EDGE]).any()
    return bool(champion.bank.weights[:, place].any() and varied)


def _known(counted: Census, column: int) -> NDArray[np.float64]:
    each = [vectors[:, column] for vectors in counted.vectors]
    values: NDArray[np.float64] = np.concatenate(each)
    return values[~np.isnan(values)]


def _effective(weights: NDArray[np.float64]) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def _examples(
    counted: Census, said: Judgements
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Give one vector for each account that teaches, its kind (-1 honest) and its weight."""
    vectors, kinds, weights = [], [], []
    for row, name in enumerate(counted.names):
        one = said.get(name)
        if one is None or not one.teaches or one.place is None:
            continue
        at = counted.judged.at(row, one.place)
        if at is not None:
            vectors.append(counted.judged.vector[at])
            kinds.append(-1 if one.kind is None else KINDS.index(one.kind))
            weights.append(one.weight)
    return (
        np.array(vectors).reshape(-1, len(VIEW.names)), np.array(kinds, dtype=np.int64),
        np.array(weights, dtype=np.float64),
    )  # fmt: skip
