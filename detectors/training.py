"""Fitting a model to archived events, by replay through the live kernels.

Two passes over the same log. The first collects one vector per account and stratum: the reference.
Between them the kinds learn from labels, if there are any (`detectors.learning`). The second pass
calibrates (`detectors.calibrating`). Accounts labelled abusive are left out of reference and
calibration (label trimming); nothing unlabelled is ever left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors import bank
from detectors.bank import KINDS, Bank
from detectors.calibrating import Months, calibrated, drawn
from detectors.evidence import EVIDENCE
from detectors.learning import APART, USUAL, Taught, learn
from detectors.model import Manifest, Origin
from detectors.scorer import rfc3339
from detectors.tails import EDGES
from features.state import FeatureState, Readings
from features.view import VIEW
from streams.columns import EventBatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.calibration import Calibration
    from detectors.verdict import Kind

Replay = Callable[[], Iterable[EventBatch]]
"""Gives the same batches, from the beginning, each time it is called."""

States = Callable[[], FeatureState]
"""Gives a new state of features for each pass over the log."""

FEWEST_ACCOUNTS: Final = 8
NO_LABELS: Final[Mapping[str, Kind | None]] = MappingProxyType({})


class TooLittleToFit(ValueError):  # noqa: N818 - names what happened
    """The archive holds too few accounts with enough acts to know what is usual."""


@dataclass
class Reference:
    """The last vector of each account in each stratum, as the replay goes by."""

    strata: list[dict[int, NDArray[np.float64]]] = field(
        default_factory=lambda: [{} for _ in EDGES]
    )

    def learn(self, readings: Readings) -> None:
        stratum = np.searchsorted(EDGES, readings.vectors[:, 0], side="right") - 1
        for s in np.unique(stratum[stratum >= 0]):
            at = np.flatnonzero(stratum == s)
            rows, last = np.unique(readings.rows[at][::-1], return_index=True)
            chosen = at[::-1][last]
            self.strata[s].update(zip(rows.tolist(), readings.vectors[chosen], strict=True))

    def matrices(self, keep: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
        """Give one matrix a stratum, of the accounts (by row) that `keep` names."""
        width = len(VIEW.names)
        return [
            np.array([v for row, v in held.items() if keep[row]]).reshape(-1, width)
            for held in self.strata
        ]


@dataclass
class Census:
    """What the first pass learns of the log besides vectors."""

    state: FeatureState = field(default_factory=FeatureState)
    reference: Reference = field(default_factory=Reference)
    events: int = 0
    first: int = 0
    last: int = 0

    def run(self, replay: Replay) -> Census:
        for batch in replay():
            if not len(batch):
                continue
            times = batch.events["t"]
            self.first = min(self.first or int(times.min()), int(times.min()))
            self.last = max(self.last, int(times.max()))
            self.events += len(batch)
            self.reference.learn(self.state.update(batch))
        return self

    def taught(
        self, labels: Mapping[str, Kind | None], honest: NDArray[np.bool_], fold: NDArray[np.int64]
    ) -> Taught:
        """Gather the accounts and what the labels say of them; `honest` and `fold` by row."""
        kind = np.where(honest, USUAL, APART)
        decided = np.array([name in labels for name in self.state.names], dtype=bool)
        for row in np.flatnonzero(decided & ~honest):
            said = labels[self.state.names[row]]
            kind[row] = APART if said is None else KINDS.index(said)
        held = self.reference.strata
        rows = np.array([row for stratum in held for row in stratum], dtype=np.int64)
        vectors = np.array([vector for stratum in held for vector in stratum.values()])
        return Taught(vectors.reshape(len(rows), -1), rows, kind, decided, fold)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Detectors and calibration, with the manifest that describes them (still without version)."""

    bank: Bank
    calibration: Calibration
    manifest: Manifest


def fit(
    replay: Replay, *, abusive: frozenset[str] = frozenset(), origin: Origin = "archive",
    seed: int = 0, created_at: str = "", states: States = FeatureState,
    labels: Mapping[str, Kind | None] = NO_LABELS, learn_simulated: bool = False,
) -> Fitted:  # fmt: skip
    """Fit detectors and calibration to a log; raises `TooLittleToFit` for a tiny population.

    An infinite number is a fault of what reads features: a `ValueError` names the feature.
    `labels` (account to kind, None for honest) teach the kinds; of simulated traffic only when
    `learn_simulated` asks for it. `abusive` accounts are left out whether they teach or not.
    """
    abusive |= {name for name, kind in labels.items() if kind is not None}
    if origin != "archive" and not learn_simulated:
        labels = NO_LABELS
    census = Census(states()).run(replay)
    honest = np.array([name not in abusive for name in census.state.names], dtype=bool)
    reference = census.reference.matrices(honest)
    known = len({row for held in census.reference.strata for row in held if honest[row]})
    if known < FEWEST_ACCOUNTS:
        raise TooLittleToFit(
            f"{known} honest accounts made at least {EDGES[0]:.0f} requests with quota, "
            f"{FEWEST_ACCOUNTS} are needed"
        )
    _refuse_infinite(reference)
    fold = np.random.default_rng(seed).integers(0, 2, size=census.state.accounts)
    fitted, halves = bank.fit(reference, seed=seed), _halves(census, honest, fold, seed)
    learnt = learn(fitted, halves, census.taught(labels, honest, fold), seed)
    fitted, halves = learnt.bank, learnt.halves
    months = drawn(Months(halves, fold, states()).run(replay), census.first, census.last, seed + 1)
    calibration, gains = calibrated(months, honest, fold)
    manifest = Manifest(
        version="", view_fingerprint=VIEW.fingerprint, features=VIEW.names, origin=origin,
        seed=seed, accounts=census.state.accounts, events=census.events,
        excluded=int((~honest).sum()), calibrated=int(calibration.strata["months"].sum()),
        first_event=rfc3339(census.first), last_event=rfc3339(census.last),
        created_at=created_at, blind=_blind(fitted), learnt=learnt.sentences,
    )  # fmt: skip
    return Fitted(replace(fitted, gains=gains), calibration, manifest)


def _refuse_infinite(reference: list[NDArray[np.float64]]) -> None:
    broken = np.isinf(np.concatenate(reference)).any(axis=0)
    if broken.any():
        names = [VIEW.names[place] for place in np.flatnonzero(broken)]
        raise ValueError(f"infinite for some account: {', '.join(names)}")


def _blind(fitted: Bank) -> tuple[str, ...]:
    """Name the features that said nothing on this platform, and the kinds that cannot be seen."""
    dead = ~fitted.tails.varying()
    features = [EVIDENCE[f].feature for f in np.flatnonzero(dead)]
    kinds = [str(kind) for kind, w in zip(KINDS, fitted.weights, strict=True) if not w.any()]
    return (*features, *kinds)


def _halves(
    census: Census, honest: NDArray[np.bool_], fold: NDArray[np.int64], seed: int
) -> tuple[Bank, Bank]:
    """Fit a bank without each fold's accounts, to judge them."""
    first, second = (
        bank.fit(census.reference.matrices(honest & (fold != half)), seed=seed) for half in (0, 1)
    )
    return first, second
