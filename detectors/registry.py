"""Where models are kept: a folder each with `arrays.npz` and `manifest.json`, and a pointer.

Writing is atomic (a temporary folder, then a rename), reading checks the content against its name,
and a model of another feature view is refused before it can score anything.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

import msgspec
import numpy as np
from msgspec import MsgspecError

from detectors.model import Incompatible, Manifest, Model, arrays_of, model_from, version_of

if TYPE_CHECKING:
    from detectors.bank import Bank
    from detectors.calibration import Calibration

CHAMPION: Final = "champion"


class NoModel(LookupError):  # noqa: N818 - names what happened
    """The registry holds no model yet."""


class Registry:
    """A directory of models, one of which is the champion that live scoring uses."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)

    def register(self, bank: Bank, calibration: Calibration, manifest: Manifest) -> Model:
        """Store a fitted model under its content's name and make it the champion."""
        arrays = arrays_of(bank, calibration)
        manifest = msgspec.structs.replace(manifest, version=version_of(arrays, manifest))
        target = self.directory / manifest.version
        if not target.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=self.directory, prefix=".new-"))
            np.savez_compressed(fresh / "arrays.npz", allow_pickle=False, **arrays)
            text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            (fresh / "manifest.json").write_bytes(text)
            fresh.chmod(0o755)
            try:
                fresh.rename(target)
            except OSError:  # another fit of the same content was quicker
                shutil.rmtree(fresh)
        self._point(manifest.version)
        return Model(bank, calibration, manifest)

    def versions(self) -> list[str]:
        """Every stored version, in the order of their names."""
        return sorted(path.parent.name for path in self.directory.glob("[!.]*/manifest.json"))

    def champion(self) -> Model:
        """Load the champion; raises `NoModel`, or `Incompatible` for another feature view."""
        pointer = self.directory / CHAMPION
        if not pointer.exists():
            raise NoModel(f"no model in {self.directory}: run `fairuse fit` first")
        return self.load(pointer.read_text().strip())

    def load(self, version: str) -> Model:
        """Load one version and check that it is what its name says."""
        folder = self.directory / version
        try:
            manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
            # Opened here, because NumPy leaves a file open that is no whole archive.
            with (folder / "arrays.npz").open("rb") as file:
                stored = np.load(file, allow_pickle=False)
                arrays = {name: stored[name] for name in stored.files}
        except (OSError, ValueError, EOFError, BadZipFile, zlib.error, MsgspecError) as cause:
            raise Incompatible(f"model {version} in {self.directory}: {cause}") from cause
        if version_of(arrays, manifest) != version or manifest.version != version:
            raise Incompatible(f"model {version} in {self.directory} was altered")
        return model_from(arrays, manifest).require()

    def _point(self, version: str) -> None:
        handle, path = tempfile.mkstemp(dir=self.directory, prefix=".champion-")
        with os.fdopen(handle, "w") as pointer:
            pointer.write(version + "\n")
        Path(path).replace(self.directory / CHAMPION)
