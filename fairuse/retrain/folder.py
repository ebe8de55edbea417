"""The folder of one night: what each step made, and a marker once it is whole.

A marker names the step's inputs and the digest of its file. A file without a marker counts
for nothing, nor does a marker whose inputs or file are others: after a crash at any point the night
goes on at the first step that does not count.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from detectors.journal import sync
from fairuse.errors import ProgramError

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE: Final = 1 << 20


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """That a step is done: on which inputs, what its file holds, and how long it took."""

    step: str
    inputs: str
    content: str
    seconds: float
    schema: int = 1


@dataclass(frozen=True, slots=True)
class Folder:
    """One night's folder. `told` hears of each piece of a file that was written."""

    path: Path
    told: Callable[[str, str], None] = lambda _moment, _name: None

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all; `ProgramError` says why it could not be."""
        fresh = None
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            handle, fresh = tempfile.mkstemp(dir=self.path, prefix=".new-")
            with os.fdopen(handle, "wb") as file:
                # Two pieces at least, so that there is always a middle to be killed in.
                size = min(PIECE, len(content) // 2 + 1)
                for start in range(0, len(content), size):
                    file.write(content[start : start + size])
                    file.flush()
                    self.told("wrote a piece of", name)
                os.fsync(file.fileno())
            Path(fresh).replace(self.path / name)
            sync(self.path)
        except OSError as error:
            if fresh:
                Path(fresh).unlink(missing_ok=True)
            raise ProgramError(f"{self.path / name}: {error.strerror or error}") from error

    def read(self, name: str) -> bytes | None:
        """Give a file's content; None if there is none."""
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def mark(self, marker: Marker) -> None:
        """Write down that a step is done."""
        self.write(f"{marker.step}.done", msgspec.json.encode(marker))

    def marker(self, step: str) -> Marker | None:
        """Read a step's marker; None if there is none that can be read."""
        content = self.read(f"{step}.done")
        try:
            return None if content is None else msgspec.json.decode(content, type=Marker)
        except msgspec.MsgspecError:
            return None

    def forget(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def lighten(self, endings: tuple[str, ...]) -> None:
        """Remove files by their endings, and what was half written."""
        for path in self.path.iterdir():
            if path.name.endswith(endings) or path.name.startswith(".new-"):
                path.unlink(missing_ok=True)


def digest_of(*parts: bytes | str) -> str:
    """Name content by sixteen hex digits."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        piece = part.encode() if isinstance(part, str) else part
        digest.update(len(piece).to_bytes(8))
        digest.update(piece)
    return digest.hexdigest()
