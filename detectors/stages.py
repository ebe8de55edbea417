"""The stages of a model's life, folded from the moves that are written down.

A stored model that nobody moved is in shadow. At most one is the challenger and one the champion;
whoever takes their place retires them. Values in, values out: `detectors.registry` keeps the moves.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Stage(StrEnum):
    """What a model is for."""

    SHADOW = "shadow"  # stored, and scores nothing live
    CHALLENGER = "challenger"  # scores every live row beside the champion and asks for nothing
    CHAMPION = "champion"  # what it says counts
    RETIRED = "retired"  # refused, or followed by another


_ONLY_ONE: Final = frozenset({Stage.CHALLENGER, Stage.CHAMPION})
"""The stages that one model at most is at."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One model came to a stage: when, by whom and why, in one line.

    `number` counts from 1; 0 is what an earlier release had pointed at. `night` names the run that
    moved it, `back` says that it undoes the last promotion.
    """

    number: int
    at: str
    actor: str
    version: str
    stage: Stage
    why: str
    night: str = ""
    back: bool = False
    schema: int = 1


def stages(moves: Iterable[Move]) -> dict[str, Stage]:
    """Give the stage of every version that was ever moved."""
    found: dict[str, Stage] = {}
    for move in moves:
        if move.stage in _ONLY_ONE:
            for version, stage in found.items():
                if stage is move.stage:
                    found[version] = Stage.RETIRED
        found[move.version] = move.stage
    return found


def last_move(moves: Iterable[Move], version: str) -> Move | None:
    """Give the move that brought a version where it is: its own, or that of who took its place."""
    last = None
    for move in moves:
        followed = last is not None and last.version == version and last.stage is move.stage
        if move.version == version or (followed and move.stage in _ONLY_ONE):
            last = move
    return last


def why_there(move: Move, version: str) -> str:
    """Say why a version is where its last move brought it, in a line."""
    return move.why if move.version == version else f"{move.version} took its place"


def holder(moves: Iterable[Move], stage: Stage) -> str | None:
    """Name the version that is at a stage only one can be at."""
    at_stage = [version for version, now in stages(moves).items() if now is stage]
    return at_stage[0] if at_stage else None


def champions(moves: Iterable[Move]) -> tuple[str, ...]:
    """Name the champions that a rollback can go back through, the one at work last."""
    held: list[str] = []
    for move in moves:
        if move.stage is not Stage.CHAMPION:
            continue
        if move.back and move.version in held:
            while held[-1] != move.version:
                held.pop()
        elif not held or held[-1] != move.version:
            held.append(move.version)
    return tuple(held)


def left_behind(moves: Iterable[Move]) -> dict[str, Move]:
    """Name the champions that somebody went back from, each with the move that did."""
    found: dict[str, Move] = {}
    known = tuple(moves)
    for n, move in enumerate(known):
        if move.back:
            still = len(champions(known[: n + 1]))
            found |= dict.fromkeys(champions(known[:n])[still:], move)
    return found


def one_before(moves: Sequence[Move]) -> str | None:
    """Name the champion before the one at work; None if there was none."""
    held = champions(moves)
    return held[-2] if len(held) > 1 else None
