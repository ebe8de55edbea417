"""What two wrongful pauses have in common: the same detector saw the same things.

A signature is what a root cause looks like from inside. It names the kind, the detector and the
leading observations of the verdict that took the pause, and nothing of the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review_api.standing import detector_of

if TYPE_CHECKING:
    from detectors.verdict import Kind, Verdict

# A verdict's reasons stand strongest first; what comes after these is rarely why it paused.
LEADING: Final = 2


@dataclass(frozen=True, slots=True)
class Signature:
    """The abuse kind, the detector, and the codes of the leading observations, sorted."""

    kind: Kind
    detector: str
    codes: tuple[str, ...]

    @property
    def word(self) -> str:
        """The signature as one word that can be stored and compared."""
        return f"{self.kind}/{self.detector}/{','.join(self.codes)}"


def signature_of(verdict: Verdict) -> Signature:
    """Read a verdict's signature."""
    hard = [reason.code for reason in verdict.reasons if reason.hard]
    leading = hard or [reason.code for reason in verdict.reasons[:LEADING]]
    return Signature(verdict.kind, detector_of(verdict).name, tuple(sorted(set(leading))))
