"""Makes the moves that a night wishes for, each once, however often it is run.

All but the last concern who is compared with the champion. A move that somebody else made since the
night was planned undoes them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.journal import MoveLost
from detectors.stages import Stage
from detectors.succession import Wish
from fairuse.errors import ProgramError
from fairuse.retrain.plan import overtaken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from detectors.registry import Registry
    from fairuse.retrain.plan import Plan

ACTOR: Final = "fairuse retrain"


class Overtaken(ProgramError):  # noqa: N818 - names what happened
    """Somebody moved a model while the night ran: nothing more was moved, run it again."""


def make_moves(registry: Registry, plan: Plan, wishes: Sequence[Wish], at: datetime) -> None:
    """Make the moves in their order; raises `Overtaken` if somebody else moved a model."""
    done = {(m.version, m.stage) for m in registry.moves() if m.night == plan.night}
    for wish in wishes:
        if (wish.version, wish.stage) in done:
            continue
        moves = registry.moves()
        if overtaken(plan, moves):
            raise _overtaken()
        try:
            registry.move(
                wish.version, wish.stage, actor=ACTOR, why=wish.why, at=at.isoformat(),
                night=plan.night, after=moves[-1].number if moves else 0,
            )  # fmt: skip
        except MoveLost as error:
            raise _overtaken() from error


def tidied(registry: Registry, plan: Plan, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
    """Let go of the candidates of earlier nights that nobody will ask about any more."""
    spoken_of = {wish.version for wish in wishes}
    left = [
        Wish(version, Stage.RETIRED, "it never had its turn: a newer candidate was made")
        for version in plan.shadows
        if version not in spoken_of and registry.stage_of(version) is Stage.SHADOW
    ]
    return (*left, *wishes)


def _overtaken() -> Overtaken:
    return Overtaken(
        "somebody moved a model while the night ran, so what it compared may not hold: nothing "
        "more was moved; run it again, it begins anew"
    )
