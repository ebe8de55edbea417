"""What a model may do: the months behind each of its strata and the responses they allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors import strata
from detectors.bank import KINDS

if TYPE_CHECKING:
    from detectors.model import Model
    from detectors.policy import Policy


@dataclass(frozen=True, slots=True)
class StratumFacts:
    """One stratum: its name, its months, what a score may ask for and the least budget kept.

    `pool` is 0 where the common maxima calibrate it.
    """

    label: str
    months: int
    may: tuple[str, ...]
    floor: float
    pool: int = 0


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model: its version, strata, how many months calibrate it and which kinds have learnt.

    `maxima` are those of the months that calibrate the common pool, largest first.
    """

    version: str
    strata: tuple[StratumFacts, ...]
    months: int
    learnt: tuple[bool, ...]
    blind: tuple[str, ...]
    maxima: tuple[float, ...]

    @classmethod
    def of(cls, model: Model, policy: Policy) -> ModelFacts:
        """Gather what the checks and the card need of a model."""
        calibration, thresholds = model.calibration, model.thresholds(policy)
        rows = tuple(
            StratumFacts(
                strata.label(row),
                int(row["months"]),
                thresholds.may(s),
                calibration.floor(s),
                int(row["pool"]),
            )
            for s, row in enumerate(calibration.strata)
        )
        learnt = tuple(model.bank.learnt[k] is not None for k in range(len(KINDS)))
        months = len(calibration.maxima) + sum(map(len, calibration.apart))
        manifest, maxima = model.manifest, tuple(calibration.maxima.tolist())
        return cls(manifest.version, rows, months, learnt, manifest.blind, maxima)
