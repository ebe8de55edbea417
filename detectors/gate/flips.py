"""The sixth check, the flip list: whom the candidate would newly pause, and whom it would let go.

The order is drawn by a keyed hash of account and candidate, so that the first so many are a random
sample, the same one each time it is asked for. Whom people have judged is no flip: their answer is
known, and the other checks count it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from detectors.gate.chance import lower
from detectors.gate.check import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.gate.check import Limits
    from detectors.gate.weighed import Weighed
    from detectors.verdict import Verdict

NAME: Final = "flip list"
CONFIRMED: Final = 0.9  # of the newly paused in the sample
SURELY: Final = 0.7  # of all the newly paused, as far as the sample tells
MISSED: Final = 0.5  # of the released at least, beyond chance: then letting go is wrong


class Turn(StrEnum):
    """Which way an account flips."""

    PAUSED = "newly paused"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Flip:
    """One account that the two models treat differently; `verdict` is what a reviewer is shown.

    Newly paused: the candidate's word where it would first pause; released: the champion's. The
    verdict only asks for a look, and only the first of either turn carry one.
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


def sampled(found: Sequence[Flip], limits: Limits) -> tuple[tuple[Flip, float], ...]:
    """Draw whom reviewers are to look at, each with the probability of having been drawn.

    Nobody while the list is within its limit. The newly paused come first: it is they who could be
    wronged; the released fill what is left of the sample.
    """
    if len(found) <= limits.flip_limit:
        return ()
    chosen: list[tuple[Flip, float]] = []
    for turn in Turn:
        those = [flip for flip in found if flip.turn is turn]
        few = those[: limits.flip_sample - len(chosen)]
        chosen += [(flip, len(few) / len(those)) for flip in few]
    return tuple(chosen)


def excused(reviewed: FlipsReviewed, limits: Limits) -> bool:
    """Tell whether reviewers have confirmed the newly paused: then these count as abuse."""
    return _decided(reviewed, limits) and reviewed.paused > 0 and not _wrong(reviewed)


def flip_list(weighed: Weighed, reviewed: FlipsReviewed, limits: Limits) -> Check:
    """Ask whether reviewers must look before these accounts are treated differently."""
    counts = {turn.name.lower(): sum(f.turn is turn for f in weighed.flips) for turn in Turn}
    total, newly, released = len(weighed.flips), counts["paused"], counts["released"]
    figures = counts | {
        "limit": limits.flip_limit, "sampled": reviewed.sampled, "decided": reviewed.decided,
        "confirmed": reviewed.confirmed, "missed": reviewed.missed,
    }  # fmt: skip
    listed = f"{newly} newly paused and {released} released accounts that nobody has judged"
    if reviewed.sampled and _decided(reviewed, limits):
        wrong = _wrong(reviewed)
        said = f"{reviewed.confirmed} of {reviewed.paused} sampled new pauses confirmed"
        sentence = wrong or f"{listed}; reviewers looked: {said}"
        return Check(name=NAME, passed=not wrong, sentence=sentence, figures=figures)
    if total <= limits.flip_limit:
        sentence = f"{listed}, no more than the {limits.flip_limit} that go without a look"
        return Check(name=NAME, passed=True, sentence=sentence, figures=figures)
    sentence = (
        f"waits for reviewers: {listed}, more than {limits.flip_limit}; {reviewed.decided} of a "
        f"sample of {reviewed.sampled or min(limits.flip_sample, total)} are decided"
    )
    return Check(name=NAME, passed=False, waits=True, sentence=sentence, figures=figures)


def _decided(reviewed: FlipsReviewed, limits: Limits) -> bool:
    return reviewed.decided >= min(reviewed.sampled, limits.flip_sample) > 0


def _wrong(reviewed: FlipsReviewed) -> str:
    """Say what reviewers found wrong with the flips; nothing if they are right."""
    paused, confirmed = reviewed.paused, reviewed.confirmed
    # Of a handful no bound is sure: all of a handful must then be right.
    enough = confirmed == paused or lower(confirmed, paused) >= SURELY
    if paused and (confirmed < CONFIRMED * paused or not enough):
        return (
            f"reviewers confirmed {confirmed} of {paused} accounts it would newly pause, "
            f"{CONFIRMED:.0%} are needed"
        )
    if reviewed.released and lower(reviewed.missed, reviewed.released) > MISSED:
        return (
            f"reviewers found abuse in {reviewed.missed} of {reviewed.released} accounts it would "
            "let go"
        )
    return ""
