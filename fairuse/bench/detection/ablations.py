"""What each part is worth: the same measurement with one part taken away.

Every model here is fitted to the whole training log, so families are not held out as they are in
the main figures; rows are to be compared with each other. The rules over events, which older
systems use, keep no promise on accounts; they are shown failing, so that nobody puts them back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.evaluation import Share
from detectors.evidence import EVIDENCE
from detectors.verdict import Response
from fairuse.bench.detection import trial
from fairuse.bench.detection.population import FAMILIES, MONTHS
from fairuse.bench.detection.recording import Log
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from detectors.model import Model
    from fairuse.bench.detection.population import Population

ALPHA: Final = 0.01
NAIVE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Ablation:
    """One variant: of the honest and of the abusive accounts, how many were paused and held."""

    name: str
    honest_paused: Share
    honest_held: Share
    abusive_paused: Share
    abusive_held: Share


def ablations(population: Population, say: Callable[[str], None]) -> Iterator[Ablation]:
    """Measure the whole, then each variant."""
    log = population.training(*FAMILIES)
    strangest = trial.score(log, trial.fit(log), months=MONTHS)
    abusive = frozenset(
        name for name, persona in zip(log.names, log.personas, strict=True) if persona in FAMILIES
    )
    known = trial.confirmed(strangest, abusive)
    top = np.argsort(-strangest.outcomes["maximum"], kind="stable")[: int(NAIVE * len(log.names))]
    naive = frozenset(np.array(log.names, dtype=object)[strangest.rows[top]].tolist())
    say("measuring with everything")
    yield _measured("everything", population, trial.fit(log, known), ())
    say("measuring without reviews")
    yield _measured("no label trimming", population, strangest.model, ())
    yield _measured("the strangest 1 % left out unseen", population, trial.fit(log, naive), ())
    for group in dict.fromkeys(evidence.group for evidence in EVIDENCE):
        say(f"measuring without {group}")
        blind = columns_of(group)
        model = trial.fit(replace(log, blind=blind), known)
        yield _measured(f"without {group}", population, model, blind)


def columns_of(group: str) -> tuple[int, ...]:
    """Give the places in a vector of the features of an evidence group."""
    return tuple(VIEW.position(e.feature) for e in EVIDENCE if e.group == group)


def _measured(name: str, population: Population, model: Model, blind: tuple[int, ...]) -> Ablation:
    honest = trial.score(Log(population.held_out, blind=blind), model, months=MONTHS)
    paused, held = [], []
    for family in FAMILIES:
        log = replace(population.abusive(family), blind=blind)
        outcomes = trial.score(log, model).outcomes[log.kept]
        paused.append(trial.reached(outcomes, Response.PAUSE))
        held.append(trial.reached(outcomes, Response.HOLD))
    everyone = [honest.reached(Response.PAUSE), honest.reached(Response.HOLD)]
    shares = [_share(marks) for marks in (*everyone, np.concatenate(paused), np.concatenate(held))]
    return Ablation(name, *shares)


def _share(marks: NDArray[np.bool_]) -> Share:
    return Share(int(marks.sum()), len(marks))


@dataclass(frozen=True, slots=True)
class OverEvents:
    """How many honest accounts rules over single readings alarm on, promised one in a hundred."""

    fixed: Share
    e_process: Share


def over_events(model: Model, known: Log, judged: Log) -> OverEvents:
    """Alarm by a fixed threshold that is tested at each reading, and by an e-process over them.

    Readings of `known` honest accounts give each reading of the `judged` ones its p-value. The
    e-process multiplies e = 1 / (2 sqrt p), whose mean is 1 for uniform p (Vovk and Wang, Annals of
    Statistics 2021), and alarms at 1 / alpha (Ville's inequality).
    """
    reference = np.sort(_readings(model, known)[1])
    rows, scores = _readings(model, judged)
    above = len(reference) - np.searchsorted(reference, scores)
    p = (1 + above) / (len(reference) + 1)
    accounts = np.unique(rows)
    evidence = -np.log(2.0) - 0.5 * np.log(p)
    alarmed = [
        bool((np.cumsum(evidence[at]) >= -np.log(ALPHA)).any())
        for at in np.split(np.argsort(rows, kind="stable"), _ends(rows))
    ]
    fixed = len(np.unique(rows[p <= ALPHA]))
    return OverEvents(Share(fixed, len(accounts)), Share(sum(alarmed), len(accounts)))


def _ends(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    ends: NDArray[np.int64] = np.flatnonzero(np.diff(np.sort(rows))) + 1
    return ends


def _readings(model: Model, log: Log) -> tuple[NDArray[np.int64], NDArray[Any]]:
    rows, scores = [], []
    for batch in log.replay():
        if len(batch):
            rows.append(batch.readings.rows)
            scores.append(model.bank.score(batch.readings.vectors)[0].max(axis=1))
    return np.concatenate(rows), np.concatenate(scores)
