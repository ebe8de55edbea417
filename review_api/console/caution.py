"""When a score may not be trusted on real people, the page says so before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.model import Origin
    from detectors.verdict import Verdict


def warning_of(verdict: Verdict, origin: Origin | None) -> str | None:
    """Give the warning in words, or None for a model calibrated on the platform's own traffic."""
    if verdict.p_value is None:
        return (
            "The score of this case is not calibrated: nobody knows how many honest accounts "
            "score as high. Judge the observed figures, not the score."
        )
    if origin == "simulator":
        return (
            "The model behind this case has only seen simulated traffic: its scores and "
            "percentiles say nothing certain about real people. Only hard evidence may pause."
        )
    if origin is None:
        return (
            "It is not known here on what traffic the model behind this case was calibrated. "
            "Judge the observed figures, not the score."
        )
    return None
