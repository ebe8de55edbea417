"""What a night hands to the monitors: a report for the champion and one for each model judged."""

from __future__ import annotations

import io
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.bank import KINDS
from detectors.drift import drift
from detectors.strata import label
from fairuse.retrain.making import sample_of
from features.view import VIEW
from review_api.monitors.nights import record_night
from review_api.monitors.reports import NightReport

if TYPE_CHECKING:
    from detectors.drift import Drift
    from detectors.gate.check import Gate
    from detectors.labels import LabelSet
    from detectors.model import Model
    from detectors.registry import Registry
    from fairuse.retrain.judging import Found
    from fairuse.retrain.night import Came, Night

SAMPLE_FILE: Final = "sample.npz"


def keep_sample(registry: Registry, version: str, vectors: np.ndarray[Any, Any]) -> None:
    """Keep vectors of what was usual beside a model, to measure drift against."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, vectors=vectors)
    registry.keep_beside(version, SAMPLE_FILE, file.getvalue())


def tell_monitors(night: Night, came: Came) -> None:
    """Write down what the night found of each model; a second time changes nothing."""
    for report in reports(night, came):
        with night.sessions.begin() as session:
            record_night(session, report, night.clock.now())


def reports(night: Night, came: Came) -> list[NightReport]:
    """Say what the night found of the champion as it now is, and of each model that was judged."""
    if came.counted is None or came.stored is None:
        return []
    counted, registry = came.counted.value, night.registry
    tonight = sample_of(counted.census, night.plan.seed)
    keep_sample(registry, came.stored.candidate, tonight)
    judged = {each.judged.version: each for each in came.found}
    champion = registry.champion_version()
    found = []
    for version in dict.fromkeys([*([champion] if champion else []), *judged]):
        model, one = registry.load(version), judged.get(version)
        found.append(
            NightReport(
                night=night.plan.night,
                model_version=version,
                labels=_labels(came.labels),
                months=_months(model),
                calibrated_at=datetime.fromisoformat(model.manifest.last_event),
                drift=_drift(registry, version, tonight),
                latency=counted.latency,
                scores=_scores(one) if one else (),
                figures=figures_of(one.judged.gate) if one else {},
                why=one.judged.gate.why if one else came.ruling.why,
            )
        )
    return found


def figures_of(gate: Gate) -> dict[str, float]:
    """Give every plain number behind the checks, under `check.figure`."""
    return {
        f"{check.name}.{name}".replace(" ", "_"): float(value)
        for check in gate.checks
        for name, value in check.figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _labels(labels: LabelSet) -> dict[str, int]:
    kinds = Counter(kind or "honest" for kind in labels.kinds().values())
    return {str(kind): count for kind, count in sorted(kinds.items())}


def _months(model: Model) -> dict[str, int]:
    return {label(row): int(row["months"]) for row in model.calibration.strata}


def _drift(registry: Registry, version: str, tonight: np.ndarray[Any, Any]) -> tuple[Drift, ...]:
    kept = registry.beside(version, SAMPLE_FILE)
    if kept is None:
        return ()
    with np.load(io.BytesIO(kept), allow_pickle=False) as stored:
        usual = stored["vectors"]
    if not len(usual) or not len(tonight) or usual.shape[1] != tonight.shape[1]:
        return ()
    return drift(VIEW.names, usual, tonight)


def _scores(one: Found) -> tuple[Drift, ...]:
    months = one.weighed.value.months
    if not len(months):
        return ()
    sides = (months[side]["peaks"].astype(np.float64) for side in ("champion", "candidate"))
    return drift([str(kind) for kind in KINDS], *sides)
