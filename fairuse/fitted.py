"""What `fit` demands of a log and tells of a model: what is blind, and what each stratum may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.bank import KINDS
from detectors.evidence import BY_FEATURE
from detectors.policy import Policy
from detectors.strata import label
from fairuse.errors import WrongInputError
from fairuse.watching import listed

if TYPE_CHECKING:
    from collections.abc import Collection

    from detectors.model import Model


def required(text: str) -> list[str]:
    """Give the features and kinds that must be seen; raises `WrongInputError` for other names."""
    names = listed(text)
    if unknown := [name for name in names if name not in {*BY_FEATURE, *map(str, KINDS)}]:
        raise WrongInputError(f"--require: no such feature or kind: {', '.join(unknown)}")
    return names


def refuse_blind(wanted: Collection[str], blind: Collection[str]) -> None:
    """Raise `WrongInputError` naming what is wanted and does not vary or is never known."""
    if dead := [name for name in wanted if name in blind]:
        raise WrongInputError(
            f"--require: unknown or the same for every account in these events: {', '.join(dead)}"
        )


def strata_facts(model: Model) -> list[dict[str, object]]:
    """Tell of each stratum its months, the least budget it certifies, and what scores may ask."""
    calibration, thresholds = model.calibration, model.thresholds(Policy())
    return [
        {
            "stratum": label(row),
            "months": int(row["months"]),
            "floor": round(calibration.floor(place), 6),
            "apart": bool(row["pool"]),
            "may": list(thresholds.may(place)),
        }
        for place, row in enumerate(calibration.strata)
    ]
