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
    """How many logged vectors were computed again, how many differ, and in which feature most."""

    vectors: int = 0
    differing: int = 0
    worst: str = ""


def parity(replayed: Replayed, limits: Limits) -> Check:
    """Refuse when more places differ than a late or lost record explains.

    Vectors are what two releases or two machines could compute otherwise; what a model makes of one
    follows from its arrays, which are checked whenever it is loaded.
    """
    vectors, differing = replayed.vectors, replayed.differing
    figures = {
        "vectors": vectors, "differing": differing, "worst": replayed.worst,
        "tolerance": limits.skew,
    }  # fmt: skip
    if not vectors:
        sentence = "no vector logged with a verdict lies in this log: nothing to compare with"
        return Check(name=NAME, passed=True, sentence=sentence, figures=figures)
    # One place is no pattern: it may be a record that came twice or an act of erasure.
    passed = differing <= max(limits.skew * vectors, 1.0)
    if passed:
        sentence = f"{vectors} logged vectors replayed, {differing} different"
    else:
        first = f", most often in {replayed.worst}" if replayed.worst else ""
        sentence = (
            f"{differing} of {vectors} logged vectors come out different when replayed{first}"
        )
    return Check(name=NAME, passed=passed, sentence=sentence, figures=figures)
