"""Fitting a model to a log, by replay through the live kernels, partition by partition.

Two passes over the same log. The first is the census (`detectors.census`): the reference, and what
was so where people judged. Between them the kinds learn from labels, if there are any
(`detectors.learning`). The second pass calibrates (`detectors.calibrating`). Accounts labelled
abusive are left out of reference and calibration (label trimming); nothing unlabelled ever is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from detectors import bank
from detectors.bank import KINDS, Bank
from detectors.calibrating import calibrated, drawn, scored_months
from detectors.census import census
from detectors.evidence import EVIDENCE
from detectors.labels import Judgement, LabelSet
from detectors.learning import APART, USUAL, Taught, learn
from detectors.model import Manifest, Origin
from detectors.passes import OneLog
from detectors.scorer import rfc3339
from detectors.tails import EDGES
from features.state import FeatureState
from features.view import VIEW
from streams.columns import EventBatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.calibration import Calibration
    from detectors.census import Census
    from detectors.passes import Log
    from detectors.verdict import Kind

Replay = Callable[[], Iterable[EventBatch]]
"""Gives the same batches, from the beginning, each time it is called."""

States = Callable[[], FeatureState]
"""Gives a new state of features for each partition in each pass."""

Judgements = Mapping[str, Judgement]
"""What people say of accounts, by account."""

FEWEST_ACCOUNTS: Final = 8
NO_LABELS: Final[Mapping[str, Kind | None]] = MappingProxyType({})


class TooLittleToFit(ValueError):  # noqa: N818 - names what happened
    """The archive holds too few accounts with enough acts to know what is usual."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What stands after the first pass: the banks, and who is honest and in which half.

    `bank` was fitted to all, `halves` each without one `fold` (A,); `plain` are the same three
    without what was learnt, None if nothing was. `honest` (A,) as far as anybody knows.
    """

    bank: Bank
    halves: tuple[Bank, Bank]
    plain: tuple[Bank, tuple[Bank, Bank]] | None
    honest: NDArray[np.bool_]
    fold: NDArray[np.int64]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Detectors and calibration, with the manifest that describes them (still without version)."""

    bank: Bank
    calibration: Calibration
    manifest: Manifest


def judgements(labels: LabelSet | Mapping[str, Kind | None]) -> Judgements:
    """Read labels of either kind as what accounts teach."""
    if isinstance(labels, LabelSet):
        return labels.judgements()
    return {name: Judgement(kind) for name, kind in labels.items()}


def learnt(
    counted: Census, said: Judgements, seed: int = 0, *, apart: frozenset[str] = frozenset()
) -> Lessons:
    """Fit what is usual and teach the kinds what people found; `apart` are left out untaught.

    Raises `TooLittleToFit` for a tiny population. An infinite number is a fault of what reads
    features: a `ValueError` names the feature.
    """
    abusive = apart | {name for name, one in said.items() if one.kind is not None}
    honest = np.array([name not in abusive for name in counted.names], dtype=bool)
    known = counted.scored(honest)
    if known < FEWEST_ACCOUNTS:
        raise TooLittleToFit(
            f"{known} honest accounts made at least {EDGES[0]:.0f} requests with quota, "
            f"{FEWEST_ACCOUNTS} are needed"
        )
    _refuse_infinite(counted.matrices(honest))
    fold = np.random.default_rng(seed).integers(0, 2, size=counted.accounts)
    fitted = bank.fit(counted.matrices(honest), seed=seed)
    # To judge the accounts of a fold, a bank without them.
    first, second = (
        bank.fit(counted.matrices(honest & (fold != half)), seed=seed) for half in (0, 1)
    )
    taught = learn(fitted, (first, second), _taught(counted, said, honest, fold), seed)
    serves = any(box is not None for box in taught.bank.learnt)
    plain = (fitted, (first, second)) if serves else None
    return Lessons(taught.bank, taught.halves, plain, honest, fold, taught.sentences)


def calibrate(
    log: Log, counted: Census, lessons: Lessons, manifest: Manifest,
    *, trailing: int | None = None, states: States = FeatureState,
) -> tuple[Fitted, Fitted | None]:  # fmt: skip
    """Calibrate on the same log; gives the model, and the unsupervised one if that is another.

    `manifest` says what is known of the fit; what the passes found is filled in. Only months that
    ended at most `trailing` microseconds before the log's end calibrate.
    """
    both = [(lessons.bank, lessons.halves), *([lessons.plain] if lessons.plain else [])]
    pairs = tuple(halves for _, halves in both)
    found = scored_months(log, pairs, lessons.fold, counted.starts, states)
    models = []
    for (detectors, _), months in zip(both, found, strict=True):
        some = drawn(months, counted.first, counted.last, manifest.seed + 1, trailing)
        calibration, gains = calibrated(some, lessons.honest, lessons.fold)
        said = lessons.sentences if detectors is lessons.bank else ()
        facts = replace_facts(manifest, counted, lessons, calibration, detectors, said)
        models.append(Fitted(replace(detectors, gains=gains), calibration, facts))
    return models[0], models[1] if len(models) > 1 else None


def fit(
    replay: Replay | Log, *, abusive: frozenset[str] = frozenset(), origin: Origin = "archive",
    seed: int = 0, created_at: str = "", states: States = FeatureState,
    labels: LabelSet | Mapping[str, Kind | None] = NO_LABELS, learn_simulated: bool = False,
) -> Fitted:  # fmt: skip
    """Fit detectors and calibration to a log; raises as `learnt` does.

    `labels` teach the kinds; of simulated traffic only when `learn_simulated` asks for it.
    `abusive` accounts are left out whether they teach or not.
    """
    said = judgements(labels)
    apart = abusive | {name for name, one in said.items() if one.kind is not None}
    if origin != "archive" and not learn_simulated:
        said = {}
    log = OneLog(replay) if callable(replay) else replay
    places = [one.place for one in said.values() if one.place is not None]
    counted = census(log, places, states)
    lessons = learnt(counted, said, seed, apart=apart)
    manifest = Manifest(
        version="", view_fingerprint=VIEW.fingerprint, features=VIEW.names, origin=origin,
        seed=seed, accounts=0, events=0, excluded=0, calibrated=0, first_event="", last_event="",
        created_at=created_at, blind=(),
    )  # fmt: skip
    return calibrate(log, counted, lessons, manifest, states=states)[0]


def replace_facts(
    manifest: Manifest, counted: Census, lessons: Lessons, calibration: Calibration,
    detectors: Bank, sentences: tuple[str, ...],
) -> Manifest:  # fmt: skip
    """Fill in what the passes found."""
    return msgspec.structs.replace(
        manifest, accounts=counted.accounts, events=counted.events,
        excluded=int((~lessons.honest).sum()),
        calibrated=int(calibration.strata["months"].sum()),
        first_event=rfc3339(counted.first), last_event=rfc3339(counted.last),
        blind=_blind(detectors), learnt=sentences,
        unsupervised=all(box is None for box in detectors.learnt),
    )  # fmt: skip


def _taught(
    counted: Census, said: Judgements, honest: NDArray[np.bool_], fold: NDArray[np.int64]
) -> Taught:
    """Gather the vectors that teach, and what people say of their accounts.

    Of a judged account with a place, only what led to the judgement.
    """
    kind = np.where(honest, USUAL, APART)
    decided, weight = np.zeros(len(kind), dtype=bool), np.ones(len(kind))
    frozen: dict[int, NDArray[np.float64]] = {}
    for row, name in enumerate(counted.names):
        if (one := said.get(name)) is None:
            continue
        decided[row] = one.teaches
        led = None if one.place is None else counted.judged.until(row, one.place)
        decided[row] = one.teaches and (one.place is None or led is not None)
        if not decided[row]:
            kind[row] = APART
            continue
        if one.kind is not None:
            kind[row] = KINDS.index(one.kind)
        # An honest account that a person looked at never counts less than one nobody did.
        weight[row] = one.weight if one.kind is not None else max(one.weight, 1.0)
        if led is not None:
            frozen[row] = led
    rows, vectors = np.concatenate(counted.rows), np.concatenate(counted.vectors)
    stays = ~np.isin(rows, list(frozen))
    rows = np.concatenate([rows[stays], *(np.full(len(v), row) for row, v in frozen.items())])
    vectors = np.concatenate([vectors[stays], *frozen.values()])
    return Taught(vectors, rows, kind, decided, fold, weight)


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
