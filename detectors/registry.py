"""Where models are kept: a folder each with `arrays.npz` and `manifest.json`, and their moves.

Writing is atomic (a temporary folder, then a rename), reading checks the content against its name,
and a model of another feature view is refused before it can score anything. Which model is at
which stage is folded from the moves (`detectors.stages`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import MsgspecError

from detectors.journal import FOLDER as MOVES
from detectors.journal import MoveLost, read_moves, sync, write_move
from detectors.model import (
    MANIFEST_SCHEMA,
    Incompatible,
    Manifest,
    Model,
    arrays_of,
    model_from,
    version_of,
)
from detectors.modelfiles import is_whole, mend_files, read_files, write_files
from detectors.signing import ANYBODY, FILE
from detectors.stages import Move, Stage, holder, one_before, stages

if TYPE_CHECKING:
    from detectors.bank import Bank
    from detectors.calibration import Calibration
    from detectors.signing import Trust

TRIES: Final = 10
"""So often what a person asked for is tried while others move models, too."""


class NoModel(LookupError):  # noqa: N818 - names what happened
    """The registry holds no model yet."""


class NoMoves(Incompatible):
    """The registry holds models and has forgotten which of them is the champion."""


class Registry:
    """A directory of models, one of which is the champion that live scoring uses."""

    def __init__(self, directory: Path | str, trust: Trust = ANYBODY) -> None:
        self.directory = Path(directory)
        self.trust = trust

    def register(self, bank: Bank, calibration: Calibration, manifest: Manifest) -> Model:
        """Store a fitted model under its content's name; it is in shadow until it is moved.

        One that is stored already and was damaged is whole again.
        """
        arrays = arrays_of(bank, calibration)
        manifest = msgspec.structs.replace(
            manifest, version=version_of(arrays, manifest), schema=MANIFEST_SCHEMA
        )
        target = self.directory / manifest.version
        if not target.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=self.directory, prefix=".new-"))
            try:
                write_files(fresh, arrays, manifest)
                fresh.rename(target)
            except OSError as error:
                shutil.rmtree(fresh)
                if not target.exists():  # else another fit of the same content was quicker
                    error.filename = error.filename or str(target)
                    raise
            sync(self.directory)
        elif not is_whole(target):
            mend_files(target, arrays, manifest)
            if self.trust.signing is not None:
                (target / FILE).unlink(missing_ok=True)  # other bytes may hold the same arrays
        if self.beside(manifest.version, FILE) is None and (signed := self.trust.sign(target)):
            self.keep_beside(manifest.version, FILE, signed)
        return Model(bank, calibration, manifest)

    def install(
        self, bank: Bank, calibration: Calibration, manifest: Manifest, *, actor: str, why: str
    ) -> Model:
        """Store a model and make it the champion at once, unless it is: what a person asked for.

        Raises `MoveLost` if somebody else was quicker again and again.
        """
        model = self.register(bank, calibration, manifest)
        version = model.manifest.version
        for left in reversed(range(TRIES)):
            if self.champion_version() == version:
                break
            try:
                self.move(version, Stage.CHAMPION, actor=actor, why=why, at=manifest.created_at)
            except MoveLost:
                # Several workers that find no model make the same one at once.
                if not left:
                    raise
        return model

    def moves(self) -> tuple[Move, ...]:
        """Every move that was ever made, oldest first.

        Raises `Incompatible` for one that is damaged, is missing or cannot be read.
        """
        try:
            return read_moves(self.directory)
        except (ValueError, OSError) as error:
            raise Incompatible(str(error)) from error

    def require_moves(self) -> None:
        """Raise `NoMoves` if there was a champion, as models say, and nothing names it any more."""
        if not self.moves() and any(self._had_champion(version) for version in self.versions()):
            raise NoMoves(
                f"{self.directory} holds models, but its folder `{MOVES}`, which says whose word "
                "counts, is gone: put it back from a copy, or name the champion with "
                "`fairuse models promote`"
            )

    def _had_champion(self, version: str) -> bool:
        """Tell whether a model took a champion's place at once, or was compared with one."""
        try:
            manifest = self.manifest(version)
        except Incompatible:
            return False
        by_hand = manifest.origin == "archive" and not manifest.night
        return by_hand or bool(manifest.parent)

    def move(
        self, version: str, stage: Stage, *, actor: str, why: str, at: str, night: str = "",
        back: bool = False, after: int | None = None,
    ) -> Move:  # fmt: skip
        """Move a model to a stage, durably and at once; who held the stage is retired.

        `after` is the number of the last move the caller knew of. Raises `MoveLost`, and nothing
        happened, if there is a newer one; `Incompatible` if the model is not stored here.
        """
        known = self.moves()
        last = known[-1].number if known else 0
        if after is not None and last != after:
            raise MoveLost(f"move {last} was made since {after}: look again")
        if not (self.directory / version / "manifest.json").exists():
            raise Incompatible(f"model {version} is not in {self.directory}")
        move = Move(
            number=last + 1, at=at, actor=actor, version=version, stage=stage, why=why, night=night,
            back=back,
        )  # fmt: skip
        write_move(self.directory, move)
        return move

    def rollback(self, *, actor: str, why: str, at: str) -> Move:
        """Make the champion before the present one champion again.

        Raises `NoModel` for none, `Incompatible` for one that no scorer could load.
        """
        moves = self.moves()
        before = one_before(moves)
        if before is None:
            raise NoModel(
                f"no champion before the present one in {self.directory}: `fairuse models list` "
                "tells which models there are, `fairuse models promote` names one"
            )
        self.load(before)
        return self.move(
            before, Stage.CHAMPION, actor=actor, why=why, at=at, back=True, after=moves[-1].number
        )

    def stage_of(self, version: str) -> Stage:
        """Give the stage of a stored model."""
        return stages(self.moves()).get(version, Stage.SHADOW)

    def champion_version(self) -> str | None:
        """Name the champion; None in an empty registry."""
        return holder(self.moves(), Stage.CHAMPION)

    def challenger_version(self) -> str | None:
        """Name the challenger; None without one."""
        return holder(self.moves(), Stage.CHALLENGER)

    def keep_beside(self, version: str, name: str, content: bytes) -> Path:
        """Keep a file beside a model, whole or not at all, replacing one of that name."""
        folder = self.directory / version
        handle, fresh = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(fresh).chmod(0o644)
            return Path(fresh).replace(folder / name)
        finally:
            Path(fresh).unlink(missing_ok=True)

    def beside(self, version: str, name: str) -> bytes | None:
        """Read a file that is kept beside a model; None if there is none."""
        try:
            return (self.directory / version / name).read_bytes()
        except FileNotFoundError:
            return None

    def sweep(self, before: float) -> None:
        """Remove what was half written before a time in POSIX seconds: its writer was killed."""
        folders = [self.directory / name for name in (MOVES, *self.versions())]
        begun = (path for folder in folders for path in folder.glob(".*-*"))
        for path in (*self.directory.glob(".new-*"), *begun):
            try:
                if path.stat().st_mtime >= before:
                    continue
            except FileNotFoundError:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def versions(self) -> list[str]:
        """Every stored version, in the order of their names."""
        return sorted(path.parent.name for path in self.directory.glob("[!.]*/manifest.json"))

    def champion(self) -> Model:
        """Load the champion; raises `NoModel`, or `Incompatible` for another feature view."""
        version = self.champion_version()
        if version is None:
            raise NoModel(f"no model in {self.directory}: run `fairuse fit` first")
        return self.load(version)

    def challenger(self) -> Model | None:
        """Load the challenger; None without one."""
        version = self.challenger_version()
        return None if version is None else self.load(version)

    def manifest(self, version: str) -> Manifest:
        """Read what a stored model says of itself, without loading it."""
        try:
            content = (self.directory / version / "manifest.json").read_bytes()
            return msgspec.json.decode(content, type=Manifest)
        except (OSError, MsgspecError) as cause:
            raise Incompatible(f"model {version} in {self.directory}: {cause}") from cause

    def load(self, version: str) -> Model:
        """Load one version and check that it is what its name says."""
        try:
            refusal = self.trust.refusal(self.directory / version)
        except OSError as cause:
            raise Incompatible(f"model {version} in {self.directory}: {cause}") from cause
        if refusal is not None:
            raise Incompatible(f"model {version} in {self.directory}: {refusal}")
        arrays, manifest = read_files(self.directory / version)
        return model_from(arrays, manifest).require()
