"""How long it took until something was asked of an account: in events, hours and quota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fairuse.bench.detection import trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.verdict import Response


@dataclass(frozen=True, slots=True)
class Delays:
    """Until a response, an entry an account of whom it was asked."""

    events: NDArray[np.float64]
    hours: NDArray[np.float64]
    units: NDArray[np.float64]  # of quota
    share: NDArray[np.float64]  # of the quota used in the whole month

    def medians(self) -> tuple[float, float, float, float]:
        """Give the medians, NaN of nothing."""
        every = (self.events, self.hours, self.units, self.share)
        found = [float(np.median(values)) if len(values) else np.nan for values in every]
        return found[0], found[1], found[2], found[3]


def delays(outcomes: NDArray[Any], facts: NDArray[Any], response: Response) -> Delays:
    """Measure from an account's first event to the first time this much was asked of it."""
    first = np.stack([
        np.where(outcomes[r]["t"] > 0, outcomes[r]["t"], np.iinfo(np.int64).max)
        for r in trial.RESPONSES[trial.RESPONSES.index(response) :]
    ])  # fmt: skip
    which = first.argmin(axis=0)
    asked = trial.reached(outcomes, response)
    steps = np.stack([outcomes[r] for r in trial.RESPONSES[-len(first) :]])
    step = steps[which, np.arange(len(outcomes))][asked]
    facts = facts[asked]
    return Delays(
        step["events"].astype(float),
        (step["t"] - facts["first_t"]) / trial.HOUR,
        step["units"],
        step["units"] / np.maximum(facts["units"], 1e-9),
    )
