"""All checks, in the order in which a person would ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.gate.certifying import certifies
from detectors.gate.families import families
from detectors.gate.flips import flip_list
from detectors.gate.parity import parity
from detectors.gate.precision import precision
from detectors.gate.scores import scores
from detectors.gate.segments import segments

if TYPE_CHECKING:
    from detectors.gate.check import Check, Limits
    from detectors.gate.families import Found
    from detectors.gate.flips import FlipsReviewed
    from detectors.gate.parity import Replayed
    from detectors.gate.weighed import Weighed


def checks(
    weighed: Weighed, found: Found, replayed: Replayed, reviewed: FlipsReviewed, limits: Limits
) -> tuple[Check, ...]:
    """Check what was weighed, what both models find in the suite, and what reviewers said."""
    return (
        precision(weighed, limits),
        segments(weighed, reviewed, limits),
        families(found, limits),
        scores(weighed, limits),
        parity(replayed, limits),
        flip_list(weighed, reviewed, limits),
        certifies(weighed),
    )
