"""What a server sees of the model registry's folder. It only reads, and shows what it finds.

A registry that is missing, damaged or half copied is no error here: scorers refuse what they must,
and the page says what cannot be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from detectors.gate.check import Gate
from detectors.model import Incompatible, Manifest
from detectors.registry import Registry
from detectors.stages import Stage, stages

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.stages import Move

VERSION: Final = "[0-9a-f]{12}"
CARD: Final = "card.html"
BESIDE: Final = r"card\.html|card\.md|gate\.json|[a-z0-9_]{1,60}\.svg"
"""The files beside a model that may be looked at."""
_GATE: Final = "gate.json"


class _Answer(msgspec.Struct, frozen=True):
    """Of what a night keeps of the gate's answer, the part that is shown."""

    gate: Gate


@dataclass(frozen=True, slots=True)
class Shelved:
    """The moves that can be read, oldest first, and what is wrong with the rest."""

    moves: tuple[Move, ...] = ()
    versions: tuple[str, ...] = ()
    fault: str = ""

    @property
    def champion(self) -> str | None:
        """The version that is champion; None without one."""
        return self._at(Stage.CHAMPION)

    @property
    def challenger(self) -> str | None:
        """The version that is challenger; None without one."""
        return self._at(Stage.CHALLENGER)

    def _at(self, stage: Stage) -> str | None:
        found = [version for version, now in stages(self.moves).items() if now is stage]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A registry's folder, None where the server has none; challengers wait for `shadow_for`."""

    directory: Path | None = None
    shadow_for: timedelta = timedelta(days=7)

    def look(self) -> Shelved:
        """Read which models there are and what happened to them."""
        if self.directory is None or not self.directory.is_dir():
            return Shelved()
        registry = Registry(self.directory)
        versions = tuple(each for each in registry.versions() if re.fullmatch(VERSION, each))
        try:
            return Shelved(registry.moves(), versions)
        except (Incompatible, OSError) as fault:
            return Shelved((), versions, str(fault))

    def manifest(self, version: str) -> Manifest | None:
        """Read what a model says of itself; None if that cannot be read."""
        content = self._read(version, "manifest.json")
        try:
            return msgspec.json.decode(content, type=Manifest) if content else None
        except msgspec.MsgspecError:
            return None

    def gate(self, version: str) -> Gate | None:
        """Read what the gate said of a model; None if it was never asked."""
        content = self._read(version, _GATE)
        try:
            return msgspec.json.decode(content, type=_Answer).gate if content else None
        except msgspec.MsgspecError:
            return None

    def has_card(self, version: str) -> bool:
        """Tell whether a model has a card that can be looked at."""
        path = self._path(version, CARD)
        return path is not None and path.is_file()

    def beside(self, version: str, name: str) -> bytes | None:
        """Read a file kept beside a model, one of `BESIDE`; None if there is none."""
        return self._read(version, name) if re.fullmatch(BESIDE, name) else None

    def _read(self, version: str, name: str) -> bytes | None:
        path = self._path(version, name)
        try:
            return path.read_bytes() if path else None
        except OSError:
            return None

    def _path(self, version: str, name: str) -> Path | None:
        # A version comes from outside and becomes part of a path: only the registry's own may pass.
        if self.directory is None or not re.fullmatch(VERSION, version):
            return None
        return self.directory / version / name
