"""What a reviewer is given next: four in ten from the top, the rest to find, teach and measure.

Of every ten turns four take the top of the queue, two the tops of the other detectors, one is like
something confirmed lately, two are what the nightly job asks about, one was drawn by chance. Only
the last is for measuring; those before it find what the top alone would never show. The order
within the ten follows from seed, day and reviewer, so it can be repeated and nobody can steer it.
Values in, values out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from math import log10, sqrt
from typing import TYPE_CHECKING, Final

from review_api.quality.vocabulary import Slice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detectors.verdict import Verdict

TEN: Final = (
    *[Slice.CHAMPION] * 4, *[Slice.PORTFOLIO] * 2, Slice.NEIGHBOUR, *[Slice.NIGHT] * 2, Slice.AUDIT
)  # fmt: skip
NINES: Final = 4.25  # as far as any percentile tells
LOOKS: Final = 0.15
"""The share of turns that begin with a second look, if one waits for the reviewer."""

# What is taken where the share of the turn has nothing to give.
_ELSE: Final = (Slice.CHAMPION, Slice.PORTFOLIO, Slice.NEIGHBOUR, Slice.NIGHT, Slice.AUDIT)


@dataclass(frozen=True, slots=True)
class Turn:
    """A reviewer's `number`-th case of the day, counted from 0."""

    seed: str
    day: str
    reviewer: str
    number: int

    def lot(self, purpose: str) -> float:
        """Draw a number from 0 to 1 that belongs to this turn and purpose."""
        name = f"{purpose}\x1f{self.seed}\x1f{self.day}\x1f{self.reviewer}\x1f{self.number}"
        return _lot(name)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that waits. `observed` says how far each of its reason codes goes.

    `brought` is the share it belongs to if nothing at work called for it: that of audits or of the
    nightly job. `linked` tells that the account is strongly linked to one confirmed lately, `flip`
    that the newest candidate waits for it.
    """

    case_id: str
    detector: str
    brought: Slice | None = None
    linked: bool = False
    observed: Mapping[str, float] = field(default_factory=dict)
    flip: bool = False


def slice_of(turn: Turn) -> Slice:
    """Say which share this turn belongs to; each ten turns hold exactly their shares."""
    ten, place = divmod(turn.number, len(TEN))
    name = f"mix\x1f{turn.seed}\x1f{turn.day}\x1f{turn.reviewer}\x1f{ten}"
    order = sorted(range(len(TEN)), key=lambda n: _lot(f"{name}\x1f{n}"))
    return TEN[order[place]]


def pick(
    turn: Turn, candidates: Sequence[Candidate], confirmed: Sequence[Mapping[str, float]]
) -> tuple[Slice, Candidate] | None:
    """Give the case of this turn; candidates come in the order of the queue.

    A share that has nothing gives way to the next, the top of the queue first.
    """
    for share in (slice_of(turn), *_ELSE):
        found = _of(share, turn, candidates, confirmed)
        if found is not None:
            return share, found
    return None


def observed_in(verdict: Verdict) -> dict[str, float]:
    """Give how far each reason of a verdict goes, in nines; a hard one all the way."""
    return {
        reason.code: NINES
        if reason.hard or reason.percentile is None
        else min(NINES, -log10(max(1.0 - reason.percentile, 10.0**-NINES)))
        for reason in verdict.reasons
    }


def nearest(
    candidates: Sequence[Candidate], confirmed: Sequence[Mapping[str, float]]
) -> Candidate | None:
    """Give the candidate most like one of the confirmed; one linked to them comes before all.

    The distance is Euclid's over reason codes, each divided by its spread among all of these.
    """
    linked = next((one for one in candidates if one.linked), None)
    if linked is not None or not confirmed or not candidates:
        return linked
    spread = _spreads([*(one.observed for one in candidates), *confirmed])
    return min(
        candidates, key=lambda one: min(_distance(one.observed, each, spread) for each in confirmed)
    )


def _of(
    share: Slice,
    turn: Turn,
    candidates: Sequence[Candidate],
    confirmed: Sequence[Mapping[str, float]],
) -> Candidate | None:
    chosen = [one for one in candidates if one.brought is None]
    match share:
        case Slice.CHAMPION:
            return chosen[0] if chosen else None
        case Slice.PORTFOLIO:
            tops = list(_tops(chosen))
            return tops[int(turn.lot("portfolio") * len(tops))] if tops else None
        case Slice.NEIGHBOUR:
            return nearest(chosen, confirmed)
        case Slice.NIGHT:
            # A model that waits goes before; what an earlier one asked about teaches all the same.
            asked = [one for one in candidates if one.flip and one.brought is not Slice.AUDIT]
            return next(iter([*asked, *_brought(candidates, share)]), None)
        case _:
            return next(iter(_brought(candidates, share)), None)


def _brought(candidates: Sequence[Candidate], share: Slice) -> list[Candidate]:
    return [one for one in candidates if one.brought is share]


def _tops(chosen: Sequence[Candidate]) -> Iterable[Candidate]:
    """Give the first case of each detector but the one that heads the queue."""
    seen = {one.detector for one in chosen[:1]}
    for one in chosen:
        if one.detector not in seen:
            seen.add(one.detector)
            yield one


def _spreads(points: Sequence[Mapping[str, float]]) -> dict[str, float]:
    spreads = {}
    for code in {code for point in points for code in point}:
        values = [point.get(code, 0.0) for point in points]
        centre = sum(values) / len(values)
        spreads[code] = sqrt(sum((value - centre) ** 2 for value in values) / len(values))
    return spreads


def _distance(
    one: Mapping[str, float], other: Mapping[str, float], spread: Mapping[str, float]
) -> float:
    apart = 0.0
    for code in one.keys() | other.keys():
        if spread[code] > 0.0:
            apart += ((one.get(code, 0.0) - other.get(code, 0.0)) / spread[code]) ** 2
    return apart


def _lot(name: str) -> float:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) / 2**64
