"""What a night found of one model version, as a value and as it rests in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import msgspec

from detectors.drift import Drift
from detectors.latency import LatencyDay, shifts
from review_api.monitors.estimates import KindEstimates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detectors.latency import LatencyShift
    from review_api.monitors.records import NightFound

SCHEMA: Final = 1
LATENCY_DAYS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """What a night measured of one model version.

    `night` names the night and `model_version` the model; both together name the report. `labels`
    counts accounts by kind (honest ones as "honest"), `months` the calibration account-months of
    each stratum, `calibrated_at` is the end of the newest of them. `drift` compares each feature
    with the model's reference (`detectors.drift`), `scores` each kind's score with the champion's;
    `latency` holds whole days, oldest first (`detectors.latency`). `figures` takes whatever other
    number the night has a name for, `why` one line about what became of the model.
    """

    night: str
    model_version: str
    labels: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    calibrated_at: datetime | None = None
    drift: tuple[Drift, ...] = ()
    scores: tuple[Drift, ...] = ()
    latency: tuple[LatencyDay, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    why: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept, with what the audits told of the model that night."""

    labels: dict[str, int] = {}
    months: dict[str, int] = {}
    calibrated_at: str | None = None
    drift: tuple[Drift, ...] = ()
    scores: tuple[Drift, ...] = ()
    latency: tuple[LatencyDay, ...] = ()
    figures: dict[str, float] = {}
    why: str = ""
    audited: tuple[KindEstimates, ...] = ()
    schema: int = SCHEMA

    @property
    def shifts(self) -> tuple[LatencyShift, ...]:
        """What had changed in the platform's latency."""
        return shifts(self.latency)

    @property
    def drifted(self) -> tuple[Drift, ...]:
        """The features that had drifted, the farthest first."""
        moved = [one for one in self.drift if one.drifted]
        return tuple(sorted(moved, key=lambda one: (-one.psi, one.name)))


def kept(report: NightReport, audited: tuple[KindEstimates, ...]) -> dict[str, Any]:
    """Give the report as JSON's own types, to be stored."""
    found = Found(
        labels=dict(report.labels),
        months=dict(report.months),
        calibrated_at=report.calibrated_at.isoformat() if report.calibrated_at else None,
        drift=report.drift,
        scores=report.scores,
        latency=report.latency[-LATENCY_DAYS:],
        # A figure that is no number has nothing to say, and the database takes none.
        figures={name: value for name, value in report.figures.items() if isfinite(value)},
        why=report.why,
        audited=audited,
    )
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain


def read(row: NightFound) -> Found:
    """Read what is kept of a night."""
    return msgspec.convert(row.found, Found)
