"""The fifth check: what replay computes is what live scoring saw.

A model learns from replayed features and then judges live ones. Where the two differ, what it
learnt is not what it will see, and nobody can say what it will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from detectors.gate.check import Check

if TYPE_CHECKING:
    from detectors.gate.check import Limits

NAME: Final = "replay parity"


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many logged vectors were computed again, how many differ, and where first.

    `verdicts` counts the champion's own that were made again, `otherwise` those that came out
    different.
    """

    vectors: int = 0
    differing: int = 0
    worst: str = ""
    verdicts: int = 0
    otherwise: int = 0


def parity(replayed: Replayed, limits: Limits) -> Check:
    """Refuse when more places differ than a late or lost record explains."""
    figures = {
        "vectors": replayed.vectors, "differing": replayed.differing, "worst": replayed.worst,
        "verdicts": replayed.verdicts, "otherwise": replayed.otherwise, "tolerance": limits.skew,
    }  # fmt: skip
    if not replayed.vectors + replayed.verdicts:
        sentence = "no vector logged with a verdict lies in this log: nothing to compare with"
        return Check(name=NAME, passed=True, sentence=sentence, figures=figures)
    for count, of, what in (
        (replayed.differing, replayed.vectors, "logged vectors"),
        (replayed.otherwise, replayed.verdicts, "verdicts of the champion"),
    ):
        # One place is no pattern: it may be a record that came twice or an act of erasure.
        if count > max(limits.skew * of, 1.0):
            first = f", most often in {replayed.worst}" if replayed.worst else ""
            sentence = f"{count} of {of} {what} come out different when replayed{first}"
            return Check(name=NAME, passed=False, sentence=sentence, figures=figures)
    sentence = (
        f"{replayed.vectors} logged vectors and {replayed.verdicts} verdicts replayed, "
        f"{replayed.differing + replayed.otherwise} different"
    )
    return Check(name=NAME, passed=True, sentence=sentence, figures=figures)
