"""The plan of a night: what it will read and whom it compares with, fixed before anything is made.

A night that is resumed keeps its plan. Only a move that somebody else made meanwhile undoes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from detectors.gate.check import Gate
from detectors.model import Incompatible
from detectors.registry import NoMoves
from detectors.stages import Stage, left_behind, stages
from fairuse.errors import ProgramError, WrongInputError
from fairuse.progress import say
from fairuse.retrain.logs import positions_of
from streams.raw import Partition

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.registry import Registry
    from detectors.stages import Move

GATE_FILE: Final = "gate.json"


class InLine(msgspec.Struct, frozen=True, kw_only=True):
    """A model of an earlier night that is judged before tonight's: the challenger, or one waiting.

    `since` it has been the challenger; `nights` it has waited for reviewers.
    """

    version: str
    since: datetime | None = None
    nights: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate said of a model, kept beside it: on which night, and how long it had waited."""

    night: str
    gate: Gate
    champion: str = ""
    nights: int = 0
    schema: int = 1


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a night starts from. `positions` are offsets after the last, by `topic/number`.

    `champion` is empty without one, and `first` says that none of real traffic is at work: nobody
    to compare with. `at_once` a candidate may then take the place, unless somebody went back.
    """

    night: str
    as_of: datetime
    seed: int
    engine: str
    positions: dict[str, int]
    champion: str = ""
    first: bool = False
    at_once: bool = False
    in_line: InLine | None = None
    shadows: tuple[str, ...] = ()
    """Candidates of earlier nights that never had their turn."""
    last_move: int = 0

    @property
    def upto(self) -> dict[Partition, int]:
        """The positions, by partition."""
        return read_positions(self.positions)


def read_positions(positions: dict[str, int]) -> dict[Partition, int]:
    """Read the positions of a plan or manifest."""
    found = {}
    for place, offset in positions.items():
        topic, _, number = place.rpartition("/")
        found[Partition(topic, int(number))] = offset
    return found


class Tonight(NamedTuple):
    """What is asked of a night; `asked` if its time was."""

    as_of: datetime
    asked: bool
    seed: int
    engine: str

    @property
    def name(self) -> str:
        """Name it by its day, or by the minute that was asked for."""
        return f"{self.as_of:%Y-%m-%dT%H%M}" if self.asked else f"{self.as_of:%Y-%m-%d}"


def make_plan(registry: Registry, archive: Path, tonight: Tonight) -> Plan:
    """Plan a night; raises `ProgramError` if the champion cannot be loaded and so not compared.

    `WrongInputError` if nothing says any more who it is: a first model would go unopposed.
    """
    moves, champion, first = registry.moves(), "", True
    try:
        registry.require_moves()
        if version := registry.champion_version():
            champion = version
            first = registry.champion().manifest.origin != "archive"
    except NoMoves as error:
        raise WrongInputError(str(error)) from error
    except Incompatible as error:
        raise ProgramError(
            f"the champion does not load, so nothing can be compared with it and it stays: {error}"
            "; `fairuse models rollback` goes back to the one before"
        ) from error
    # Folded once: asking the registry of each model reads every move each time.
    stage = stages(moves)
    in_shadow = (v for v in registry.versions() if stage.get(v, Stage.SHADOW) is Stage.SHADOW)
    shadows = tuple(v for v in in_shadow if _of_a_night(registry, v))
    in_line = _challenger(registry, moves) or _waiting(registry, shadows)
    at_once = first and not left_behind(moves)
    day = tonight.as_of.date() if tonight.asked else None
    return Plan(
        night=tonight.name, as_of=tonight.as_of, seed=tonight.seed, engine=tonight.engine,
        positions={f"{p.topic}/{p.number}": n for p, n in positions_of(archive, day).items()},
        champion=champion, first=first, at_once=at_once, in_line=None if at_once else in_line,
        shadows=tuple(v for v in shadows if in_line is None or v != in_line.version),
        last_move=moves[-1].number if moves else 0,
    )  # fmt: skip


def overtaken(plan: Plan, moves: tuple[Move, ...]) -> bool:
    """Tell whether somebody else moved a model since the plan was made."""
    return any(move.number > plan.last_move and move.night != plan.night for move in moves)


def _challenger(registry: Registry, moves: tuple[Move, ...]) -> InLine | None:
    """Name the challenger, unless it cannot be read: then it has no turn, and no night to end."""
    version = registry.challenger_version()
    if version is None:
        return None
    try:
        registry.load(version)
    except Incompatible as error:
        say(f"the challenger does not load and has no turn: {error}")
        return None
    at = [move.at for move in moves if move.version == version and move.stage is Stage.CHALLENGER]
    return InLine(version=version, since=datetime.fromisoformat(at[-1]))


def _of_a_night(registry: Registry, version: str) -> bool:
    """Tell whether a night made it."""
    try:
        return bool(registry.manifest(version).night)
    except Incompatible as error:
        say(f"a candidate that cannot be read is passed over: {error}")
        return False


def _waiting(registry: Registry, shadows: tuple[str, ...]) -> InLine | None:
    """Find the newest candidate that only a look by reviewers keeps from its turn."""
    found = []
    for version in shadows:
        judged = _answered(registry, version)
        if judged is not None and judged.gate.waits:
            found.append((judged.night, version, judged.nights))
    if not found:
        return None
    _, version, nights = max(found)
    return InLine(version=version, nights=nights + 1)


def _answered(registry: Registry, version: str) -> Answer | None:
    """Read what the gate said of a model that can be read still; None without either."""
    kept = registry.beside(version, GATE_FILE)
    if kept is None:
        return None
    try:
        registry.load(version)
        return msgspec.json.decode(kept, type=Answer)
    except (Incompatible, msgspec.MsgspecError) as error:
        say(f"{version} is passed over: {error}")
        return None
