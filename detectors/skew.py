"""Skew: whether the replay sees what the live scorer saw.

With each verdict the live scorer pins the vector behind it. The census computes the vector at the
same place of the log again, through the same kernels. The two are compared without any tolerance,
an unknown number being equal to an unknown number. What differs is named, feature by feature.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.gate.parity import Replayed
from features import platform
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from detectors.census import Census
    from detectors.labels import Label, LabelSet
    from streams.raw import Partition


SHARED: Final = frozenset(platform.NAMES)
OWN: Final = np.array([name not in SHARED for name in VIEW.names])


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature that came out otherwise: of how many accounts, and by how much at most.

    `largest` is infinite where one side knew the number and the other did not.
    """

    feature: str
    accounts: int
    largest: float


@dataclass(frozen=True, slots=True)
class Skew:
    """What became of the pinned vectors when they were computed again.

    `same`, `differing` and `shared` were compared; `shared` differ in nothing but what all accounts
    of a partition did together, as they do once another account was erased. `missing` were pinned
    at a place where the log holds no reading of the account. Not compared at all are `older`
    (pinned under another feature view) and `cut` (the log no longer holds the beginning of their
    partition). `differences` by the number of accounts, most first.
    """

    same: int = 0
    differing: int = 0
    shared: int = 0
    missing: int = 0
    older: int = 0
    cut: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        compared = self.same + self.differing + self.shared
        if not compared:
            said = "no pinned vector could be compared with the replay"
        elif not self.differences:
            said = f"all {compared} pinned vectors come out the same when replayed"
        else:
            worst = self.differences[0]
            said = (
                f"{self.differing} of {compared} pinned vectors come out different when replayed; "
                f"{worst.feature} differs most often ({worst.accounts} accounts, "
                f"{_by_how_much(worst.largest)})"
            )
        rest = (
            (self.shared, "differ only in what the whole partition did"),
            (self.missing, "not found in the log"),
            (self.older, "of another feature view"),
            (self.cut, "older than the beginning of the log"),
        )
        return "; ".join([said, *(f"{count} {what}" for count, what in rest if count)])

    def table(self) -> list[tuple[str, int, str]]:
        """Give a row a feature that differs: its name, how many accounts, the largest gap."""
        return [(one.feature, one.accounts, _by_how_much(one.largest)) for one in self.differences]

    def replayed(self) -> Replayed:
        """Give what the gate asks about parity."""
        own = [one.feature for one in self.differences if one.feature not in SHARED]
        compared = self.same + self.differing + self.shared
        return Replayed(compared, self.differing, own[0] if own else "")


def skew(labels: LabelSet, counted: Census, cut: Collection[Partition] = ()) -> Skew:
    """Compare the pinned vectors of labels with those that the census found at their places.

    `cut` are partitions of which the log no longer holds the beginning: there live scoring knew
    more of an account than a replay can.
    """
    rows = {name: row for row, name in enumerate(counted.names)}
    older = cut_off = missing = 0
    gaps: list[tuple[str, NDArray[np.float64]]] = []
    for label in labels.labels:
        if label.place is None or not label.features:
            continue
        if label.view_fingerprint != VIEW.fingerprint:
            older += 1
        elif label.place.partition in cut:
            cut_off += 1
        elif (found := _vector(label, rows, counted)) is None:
            missing += 1
        else:
            gaps.append((label.account_id, gap(pinned(label), found)))
    differing = [(account, each) for account, each in gaps if each.any()]
    own = sum(bool(each[OWN].any()) for _, each in differing)
    return Skew(
        same=len(gaps) - len(differing), differing=own, shared=len(differing) - own,
        missing=missing, older=older, cut=cut_off, differences=_differences(differing),
    )  # fmt: skip


def pinned(label: Label) -> NDArray[np.float64]:
    """Give a label's pinned vector (WIDTH,), NaN where it was unknown."""
    values = (label.features.get(name) for name in VIEW.names)
    return np.array([math.nan if value is None else value for value in values])


def gap(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how far two vectors (WIDTH,) lie apart: 0 where both are unknown, inf where one is."""
    known = ~np.isnan(one), ~np.isnan(other)
    apart = np.where(known[0] == known[1], 0.0, np.inf)
    both = known[0] & known[1]
    apart[both] = np.abs(one[both] - other[both])
    return apart


def _vector(label: Label, rows: dict[str, int], counted: Census) -> NDArray[np.float64] | None:
    row = rows.get(label.account_id)
    if row is None or label.place is None:
        return None
    at = counted.judged.at(row, label.place)
    return None if at is None else counted.judged.vector[at]


def _differences(differing: list[tuple[str, NDArray[np.float64]]]) -> tuple[Difference, ...]:
    if not differing:
        return ()
    gaps = np.array([each for _, each in differing])
    accounts = np.array([account for account, _ in differing])
    found = [
        Difference(name, len(np.unique(accounts[column > 0.0])), float(column.max()))
        for name, column in zip(VIEW.names, gaps.T, strict=True)
        if column.any()
    ]
    return tuple(sorted(found, key=lambda one: (-one.accounts, one.feature)))


def _by_how_much(largest: float) -> str:
    return f"up to {largest:.3g}" if math.isfinite(largest) else "known on one side only"
