"""Everything that happened to models and to the promise, as one timeline. Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from detectors.stages import Stage, stages
from review_api.monitors.vocabulary import PromiseStanding
from review_api.parsing import instant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from detectors.model import Manifest
    from detectors.stages import Move
    from review_api.monitors.records import PromiseChange


class Happened(StrEnum):
    """What can happen."""

    REGISTERED = "registered"  # a model was fitted and stored
    CHALLENGER = "challenger"  # it passed the gate and scores beside the champion
    PROMOTED = "promoted"  # it is the champion
    ROLLED_BACK = "rolled_back"  # an earlier champion is champion again
    REFUSED = "refused"  # the gate did not let it any further
    SET_ASIDE = (
        "set_aside"  # a candidate that nothing speaks against, and nobody waits for any more
    )
    RETIRED = "retired"  # the champion was taken away
    FELL_BACK = "fell_back"  # audits put the promise in doubt: hold only
    TRUSTED = "trusted"  # a person ended that


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when, on whose word, to which version (none: to all), and why."""

    at: datetime
    what: Happened
    actor: str
    version: str
    why: str


_OF_PROMISE: Final = {
    PromiseStanding.IN_DOUBT: Happened.FELL_BACK,
    PromiseStanding.TRUSTED: Happened.TRUSTED,
}


def happenings(
    moves: Sequence[Move],
    manifests: Mapping[str, Manifest],
    changes: Iterable[PromiseChange],
    unrefused: Collection[str] = (),
) -> tuple[Happening, ...]:
    """Put moves, what models say of their birth, and changes of the promise in order, newest first.

    `unrefused` names models that the gate never refused. Of what happened at one moment the later
    in its own order stands first.
    """
    found = [
        *_born(moves, manifests),
        *(_moved(moves[:number], move, unrefused) for number, move in enumerate(moves)),
        *(
            Happening(one.since, _OF_PROMISE[one.standing], one.actor, "", one.why)
            for one in changes
        ),
    ]
    in_order = sorted((each for each in found if each), key=lambda each: each.at)
    return tuple(in_order[::-1])


def _born(moves: Sequence[Move], manifests: Mapping[str, Manifest]) -> list[Happening]:
    told = {move.version for move in moves if move.stage is Stage.SHADOW}
    born = []
    for version, manifest in manifests.items():
        at = instant(manifest.created_at)
        if version not in told and at is not None:
            why = f"fitted on {manifest.accounts:,} accounts"
            born.append(Happening(at, Happened.REGISTERED, "", version, why))
    return born


def _moved(before: Sequence[Move], move: Move, unrefused: Collection[str]) -> Happening | None:
    at = instant(move.at)
    if at is None:
        return None
    what = _what(before, move)
    if what is Happened.REFUSED and move.version in unrefused:
        what = Happened.SET_ASIDE
    return Happening(at, what, move.actor, move.version, move.why)


def _what(before: Sequence[Move], move: Move) -> Happened:
    match move.stage:
        case Stage.SHADOW:
            return Happened.REGISTERED
        case Stage.CHALLENGER:
            return Happened.CHALLENGER
        case Stage.CHAMPION:
            return Happened.ROLLED_BACK if move.back else Happened.PROMOTED
        case Stage.RETIRED:
            was = stages(before).get(move.version, Stage.SHADOW)
            return Happened.RETIRED if was is Stage.CHAMPION else Happened.REFUSED
