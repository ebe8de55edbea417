"""The flip list: whom the candidate would newly pause, and whom it would let go.

The order is drawn by a keyed hash of account and candidate, so that the first so many are a random
sample, the same one each time it is asked for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detectors.verdict import Verdict


class Turn(StrEnum):
    """Which way an account flips."""

    PAUSED = "newly paused"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Flip:
    """One account that the two models treat differently; `verdict` is what a reviewer is shown.

    Newly paused: the candidate's word where it would first pause; released: the champion's. The
    verdict only asks for a look, and only the first of the list carry one.
    """

    account_id: str
    turn: Turn
    lot: int
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class FlipsReviewed:
    """What reviewers said of a candidate's sampled flips.

    Of those `sampled`, so many are `decided`; `confirmed` counts abuse among the newly paused, of
    which `paused` are decided, and `missed` abuse among the released ones, of which `released` are.
    """

    sampled: int = 0
    decided: int = 0
    paused: int = 0
    confirmed: int = 0
    released: int = 0
    missed: int = 0


def lot_of(account: str, candidate: str) -> int:
    """Draw an account's place in the flip list of one candidate."""
    digest = hashlib.blake2b(f"flip\x1f{candidate}\x1f{account}".encode(), digest_size=8)
    return int.from_bytes(digest.digest())
