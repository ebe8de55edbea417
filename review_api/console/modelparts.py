"""What the page of models shows of the nights: charts by kind, drift, latency; and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from detectors.latency import DISTRUSTED
from detectors.stages import Stage
from detectors.verdict import Kind
from review_api.console.charts.bet import draw_bet
from review_api.console.charts.nightly import draw_latency, draw_shares
from review_api.console.words import plain, sentence
from review_api.monitors.happenings import Happened
from review_api.parsing import instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from detectors.drift import Drift
    from detectors.latency import LatencyShift
    from review_api.console.charts.drawing import Chart
    from review_api.monitors.overview import Models, Night
    from review_api.quality.estimates import Estimate

STAGE_WORDS: Final[Mapping[Stage, str]] = {
    Stage.SHADOW: "Stored",
    Stage.CHALLENGER: "Challenger",
    Stage.CHAMPION: "Champion",
    Stage.RETIRED: "Retired",
}
HAPPENED_WORDS: Final[Mapping[Happened, str]] = {
    Happened.REGISTERED: "Fitted and stored",
    Happened.CHALLENGER: "Became challenger",
    Happened.PROMOTED: "Became champion",
    Happened.ROLLED_BACK: "Rolled back to",
    Happened.REFUSED: "Refused",
    Happened.SET_ASIDE: "Set aside",
    Happened.RETIRED: "Taken away",
    Happened.FELL_BACK: "Fell back to holds",
    Happened.TRUSTED: "Trusted again",
}
DRIFTS: Final = 12
"""Features shown: those that drifted, then those that moved most."""


@dataclass(frozen=True, slots=True)
class OfKind:
    """Precision and recall of one kind, night by night; None where nothing is known of it yet."""

    name: str
    precision: Chart | None
    recall: Chart | None


@dataclass(frozen=True, slots=True)
class NightsPart:
    """The nights of one model version, drawn."""

    bet: Chart | None
    kinds: tuple[OfKind, ...]
    drifts: tuple[Drift, ...]
    drifted: int
    features: int
    scores: tuple[Drift, ...]
    latency: Chart | None
    shifts: tuple[LatencyShift, ...]
    distrusted: tuple[str, ...]
    calibrated_at: datetime | None


def nights_part(models: Models, now: datetime) -> NightsPart:
    """Draw what the nights of the champion found, and the newest of whatever model."""
    last = models.nights[-1] if models.nights else models.latest
    found = last.found if last else None
    drift = found.drift if found else ()
    ordered = sorted(drift, key=lambda one: (not one.drifted, -one.psi, one.name))
    latency = found.latency if found else ()
    return NightsPart(
        bet=draw_bet(models.promise.doubt.path, now),
        kinds=tuple(_of_kind(kind, models.nights) for kind in (None, *Kind)),
        drifts=tuple(ordered[:DRIFTS]),
        drifted=sum(one.drifted for one in drift),
        features=len(drift),
        scores=found.scores if found else (),
        latency=draw_latency(latency),
        shifts=found.shifts if found else (),
        distrusted=DISTRUSTED,
        calibrated_at=instant(found.calibrated_at) if found and found.calibrated_at else None,
    )


def _of_kind(kind: Kind | None, nights: Sequence[Night]) -> OfKind:
    name = sentence(plain(kind)) if kind else "All kinds"
    precisions: list[tuple[str, Estimate | None]] = []
    recalls: list[tuple[str, Estimate | None]] = []
    for night in nights:
        told = next((each for each in night.found.audited if each.kind == kind), None)
        precisions.append((night.night, told.precision if told else None))
        recalls.append((night.night, told.recall if told else None))
    return OfKind(
        name, draw_shares("Right pauses", precisions), draw_shares("Paused abuse", recalls)
    )
