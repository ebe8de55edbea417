"""What `fairuse models` does: shows the models of a registry, moves them at a person's word."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from detectors.gate.check import Gate
from detectors.journal import MoveLost
from detectors.model import Incompatible
from detectors.registry import NoModel
from detectors.stages import Stage, last_move, stages, why_there
from fairuse.differing import model_differences
from fairuse.errors import ProgramError, WrongInputError
from fairuse.fitted import strata_facts
from fairuse.trusting import open_registry
from streams.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.model import Manifest, Model
    from detectors.registry import Registry
    from detectors.stages import Move
    from fairuse.settings import Settings

GATE_FILE: Final = "gate.json"


class _Answer(msgspec.Struct):
    """What of the gate's answer is shown."""

    gate: Gate
    night: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The registry, as the command line sees it."""

    registry: Registry

    def all(self) -> list[dict[str, object]]:
        """Tell of every model in a line, the newest first."""
        moves, rows = self.moves(), []
        found = stages(moves)
        for version in self.registry.versions():
            manifest, move = self._manifest(version), last_move(moves, version)
            rows.append(
                {
                    "model": version,
                    "stage": str(found.get(version, Stage.SHADOW)),
                    "since": move.at if move else (manifest.created_at if manifest else ""),
                    "made": manifest.created_at if manifest else "",
                    "night": manifest.night if manifest else "",
                    "accounts": manifest.accounts if manifest else 0,
                    "labels": manifest.labels if manifest else 0,
                    "why": _why(move, version, manifest),
                }
            )
        return sorted(rows, key=lambda row: (str(row["made"]), str(row["model"])), reverse=True)

    def show(self, version: str) -> dict[str, object]:
        """Tell all of one model; it is loaded, so that what is told is sound."""
        model = self.load(version)
        answer = self.answer(version)
        card = self.registry.directory / version / "card.html"
        moves = self.moves()
        facts: dict[str, object] = msgspec.to_builtins(model.manifest)
        return facts | {
            "stage": str(stages(moves).get(version, Stage.SHADOW)),
            "moves": [_line(move) for move in moves if move.version == version],
            "gate": answer.gate.why if answer else "the gate was not asked",
            "checks": [
                {"check": one.name, "passed": one.passed, "says": one.sentence}
                for one in (answer.gate.checks if answer else ())
            ],
            "strata": strata_facts(model),
            "card": str(card) if card.exists() else "",
        }

    def differ(self, first: str, second: str) -> list[dict[str, object]]:
        """Tell what is different about the second."""
        return model_differences(self.load(first), self.load(second))

    def promote(self, version: str, why: str, *, against: bool) -> Move:
        """Make a model the champion at a person's word.

        What the gate refused, or was never asked about, needs the word that one goes against it.
        """
        _in_words(why)
        answer, moves = self.answer(version), self.moves()
        self.load(version)
        if self.registry.champion_version() == version:
            raise WrongInputError(f"model {version} is the champion already")
        if not against and (answer is None or not answer.gate.passed):
            said = f"refused it: {answer.gate.why}" if answer else "was never asked about it"
            raise ProgramError(
                f"the gate {said}; --against-the-gate makes model {version} the champion anyway"
            )
        return self._move(version, why, moves[-1].number if moves else 0)

    def rollback(self, version: str | None, why: str) -> Move:
        """Make the champion before this one champion again, or a named one that once was."""
        _in_words(why)
        moves = self.moves()
        try:
            if version is None:
                return self.registry.rollback(actor=getpass.getuser(), why=why, at=_now())
        except Incompatible as error:
            raise ProgramError(f"{error}: --to names an earlier champion") from error
        except (NoModel, MoveLost) as error:
            raise ProgramError(str(error)) from error
        except OSError as error:
            raise _unmoved(error) from error
        if version not in {move.version for move in moves if move.stage is Stage.CHAMPION}:
            raise WrongInputError(f"--to: model {version} was never the champion")
        if self.registry.champion_version() == version:
            raise WrongInputError(f"--to: model {version} is the champion already")
        self.load(version)
        return self._move(version, why, moves[-1].number, back=True)

    def moves(self) -> tuple[Move, ...]:
        """Read all moves; `ProgramError` names one that is damaged."""
        try:
            return self.registry.moves()
        except Incompatible as error:
            raise ProgramError(str(error)) from error

    def load(self, version: str) -> Model:
        """Load a model; `WrongInputError` if there is none of that name."""
        if version not in self.registry.versions():
            raise WrongInputError(
                f"model {version} is not in {self.registry.directory}; "
                "`fairuse models list` tells which are"
            )
        try:
            return self.registry.load(version)
        except Incompatible as error:
            raise ProgramError(str(error)) from error

    def _move(self, version: str, why: str, after: int, *, back: bool = False) -> Move:
        actor, at = getpass.getuser(), _now()
        try:
            return self.registry.move(
                version, Stage.CHAMPION, actor=actor, why=why, at=at, back=back, after=after
            )
        except MoveLost as error:
            raise ProgramError(str(error)) from error
        except OSError as error:
            raise _unmoved(error) from error

    def answer(self, version: str) -> _Answer | None:
        """Read what the gate said of a model; None if it was not asked."""
        content = self.registry.beside(version, GATE_FILE)
        try:
            return None if content is None else msgspec.json.decode(content, type=_Answer)
        except msgspec.MsgspecError as error:
            path = self.registry.directory / version / GATE_FILE
            raise ProgramError(f"{path}: what the gate said is damaged: {error}") from error

    def _manifest(self, version: str) -> Manifest | None:
        try:
            return self.registry.manifest(version)
        except Incompatible:
            return None


def shelf(settings: Settings, directory: Path | None) -> Shelf:
    """Open the registry that the settings or an argument name."""
    return Shelf(open_registry(settings, directory))


def moved(move: Move) -> dict[str, Any]:
    """Tell what a move did, and when scorers will have heard of it."""
    return {"model": move.version, "stage": str(move.stage), "move": move.number, "why": move.why}


def _why(move: Move | None, version: str, manifest: Manifest | None) -> str:
    said = why_there(move, version) if move else "never moved"
    return said if manifest else f"{said}; its manifest cannot be read"


def _unmoved(error: OSError) -> ProgramError:
    where = f"{error.filename}: " if error.filename else ""
    return ProgramError(f"{where}{error.strerror or error}: nothing was moved")


def _in_words(why: str) -> None:
    if not why.strip():
        raise WrongInputError("--why: say in words why; it is kept with the move")


def _line(move: Move) -> str:
    return f"{move.at} {move.stage} by {move.actor}: {move.why}"


def _now() -> str:
    return SystemClock().now().isoformat()
