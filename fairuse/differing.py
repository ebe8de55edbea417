"""What differs between two models: what they are of, what they listen to, what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from detectors.bank import KINDS
from detectors.evidence import EVIDENCE
from detectors.policy import Policy
from detectors.strata import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.model import Model

SHOWN: Final = 5
FACTS: Final = (
    "origin", "accounts", "events", "excluded", "calibrated", "first_event", "last_event", "labels",
    "label_digest", "seed", "code", "engine", "unsupervised",
)  # fmt: skip
RESPONSES: Final = ("hold", "challenge", "pause")


def model_differences(first: Model, second: Model) -> list[dict[str, object]]:
    """Give what is different, a line each: what it is about, and both sides."""
    parts = (_facts, _blind, _thresholds, _weights, _learnt)
    return [
        {"about": about, "first": one, "second": other}
        for part in parts
        for about, one, other in part(first, second)
        if one != other
    ]


def _facts(first: Model, second: Model) -> Iterator[tuple[str, object, object]]:
    one, other = (msgspec.to_builtins(model.manifest) for model in (first, second))
    for name in FACTS:
        yield name.replace("_", " "), one[name], other[name]


def _blind(first: Model, second: Model) -> Iterator[tuple[str, object, object]]:
    one, other = set(first.manifest.blind), set(second.manifest.blind)
    for name in sorted(one ^ other):
        yield f"sees {name}", name not in one, name not in other


def _thresholds(first: Model, second: Model) -> Iterator[tuple[str, object, object]]:
    one, other = _limits(first), _limits(second)
    for name in sorted(one.keys() | other.keys()):
        yield name, one.get(name, "no such stratum"), other.get(name, "no such stratum")


def _limits(model: Model) -> dict[str, object]:
    limits = model.thresholds(Policy()).limits
    found: dict[str, object] = {}
    for row, own in zip(model.calibration.strata, limits, strict=True):
        for response, limit in zip(RESPONSES, own, strict=True):
            known = round(float(limit), 3) if np.isfinite(limit) else "never"
            found[f"{response} above, {label(row)}"] = known
    return found


def _weights(first: Model, second: Model) -> Iterator[tuple[str, object, object]]:
    for k, kind in enumerate(KINDS):
        one, other = first.bank.weights[k], second.bank.weights[k]
        change = np.abs(one - other)
        for place in np.argsort(-change, kind="stable")[:SHOWN]:
            if change[place] > 0.0:
                name = EVIDENCE[place].feature
                yield f"{kind} listens to {name}", float(one[place]), float(other[place])


def _learnt(first: Model, second: Model) -> Iterator[tuple[str, object, object]]:
    for k, kind in enumerate(KINDS):
        one, other = first.bank.learnt[k], second.bank.learnt[k]
        yield f"{kind} has learnt", one is not None, other is not None
        if one is not None and other is not None:
            reach = (float(np.ptp(box.parts)) for box in (one, other))
            ours, theirs = (round(value, 3) for value in reach)
            yield f"{kind}, most that one input adds to the logit", ours, theirs
