"""What the labels known tonight say of the accounts that were weighed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from detectors.gate.weighed import CONFIRMED, HONEST

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from detectors.labels import LabelSet
    from detectors.model import Manifest

    Said = tuple[NDArray[np.int8], NDArray[np.float64], NDArray[np.bool_]]


def nothing_said(count: int) -> Said:
    """Give what is said of `count` accounts without any label."""
    return np.zeros(count, np.int8), np.zeros(count), np.zeros(count, dtype=bool)


def said_of(names: NDArray[Any], labels: LabelSet, models: Sequence[Manifest]) -> Said:
    """Give standing, weight and whether no model was taught by it, each of shape (A,)."""
    standing, weight, unseen = nothing_said(len(names))
    kinds = labels.kinds()
    last = {
        label.account_id: label for label in sorted(labels.labels, key=lambda one: one.known_at)
    }
    taught = max((_taught(model) for model in models), default=_never())
    for place, name in enumerate(names.tolist()):
        if name not in kinds:
            continue
        standing[place] = HONEST if kinds[name] is None else CONFIRMED
        weight[place] = last[name].weight
        unseen[place] = last[name].known_at > taught
    return standing, weight, unseen


def _taught(manifest: Manifest) -> datetime:
    """Give the moment up to which labels had taught a model."""
    known = manifest.labels_known_by
    return datetime.fromisoformat(known) if known else _never()


def _never() -> datetime:
    return datetime.min.replace(tzinfo=UTC)
