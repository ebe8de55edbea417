"""How what was weighed rests on disk: its months as arrays, the rest as JSON beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from detectors.gate.flips import Flip, Turn
from detectors.gate.standing import ModelFacts
from detectors.gate.strangest import Strange
from detectors.gate.weighed import Weighed
from detectors.verdict import Verdict
from fairuse.retrain.codecs import Arrays, as_bytes, from_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

BY_MONTH: Final = ("months", "standing", "weight", "unseen", "whole")


class _Flip(msgspec.Struct, frozen=True):
    """A flip as it rests."""

    account_id: str
    turn: str
    lot: int
    verdict: Verdict | None


class _Rest(msgspec.Struct, frozen=True):
    """All that is no array."""

    names: list[str]
    days: float
    budget: float
    champion: ModelFacts
    candidate: ModelFacts
    flips: list[_Flip]
    strangest: list[Strange]


def _out(made: Weighed) -> dict[str, NDArray[Any]]:
    flips = [_Flip(f.account_id, f.turn, f.lot, f.verdict) for f in made.flips]
    rest = _Rest(
        [str(name) for name in made.names], made.days, made.budget, made.champion, made.candidate,
        flips, list(made.strangest),
    )  # fmt: skip
    return {name: getattr(made, name) for name in BY_MONTH} | {"rest": as_bytes(rest)}


def _in(stored: Mapping[str, NDArray[Any]]) -> Weighed:
    rest = from_bytes(stored["rest"], _Rest)
    flips = tuple(Flip(f.account_id, Turn(f.turn), f.lot, f.verdict) for f in rest.flips)
    arrays = {name: stored[name] for name in BY_MONTH}
    return Weighed(
        **arrays, names=np.array(rest.names, dtype=object), days=rest.days, budget=rest.budget,
        champion=rest.champion, candidate=rest.candidate, flips=flips,
        strangest=tuple(rest.strangest),
    )  # fmt: skip


WEIGHED: Final = Arrays(_out, _in)
