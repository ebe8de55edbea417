"""The two files of a stored model, `arrays.npz` and `manifest.json`: written, read, mended.

Reading checks the content against the folder's name. Who may be believed is not asked here, nor
which model is at which stage: that is `detectors.registry`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

import msgspec
import numpy as np
from msgspec import MsgspecError

from detectors.journal import sync
from detectors.model import Incompatible, Manifest, version_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ARRAYS: Final = "arrays.npz"
MANIFEST: Final = "manifest.json"

_DAMAGE: Final = (
    OSError, ValueError, EOFError, BadZipFile, zlib.error, MsgspecError,
    RuntimeError,  # a byte that says the archive is encrypted, or packed in a way nobody knows
)  # fmt: skip
"""What reading a model may raise that was cut short, altered or half copied."""


def write_files(folder: Path, arrays: dict[str, NDArray[Any]], manifest: Manifest) -> None:
    """Write arrays and manifest, durably."""
    with (folder / ARRAYS).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    with (folder / MANIFEST).open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
        file.flush()
        os.fsync(file.fileno())
    folder.chmod(0o755)
    sync(folder)


def read_files(folder: Path) -> tuple[dict[str, NDArray[Any]], Manifest]:
    """Read a model's files; raises `Incompatible` unless they are what the folder's name says."""
    version = folder.name
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
        # Opened here, because NumPy leaves a file open that is no whole archive.
        with (folder / ARRAYS).open("rb") as file:
            stored = np.load(file, allow_pickle=False)
            arrays = {name: stored[name] for name in stored.files}
    except _DAMAGE as cause:
        raise Incompatible(f"model {version} in {folder.parent}: {cause}") from cause
    if version_of(arrays, manifest) != version or manifest.version != version:
        raise Incompatible(f"model {version} in {folder.parent} was altered")
    return arrays, manifest


def is_whole(folder: Path) -> bool:
    """Tell whether a model's files are what the folder's name says."""
    try:
        read_files(folder)
    except Incompatible:
        return False
    return True


def mend_files(folder: Path, arrays: dict[str, NDArray[Any]], manifest: Manifest) -> None:
    """Put a model's arrays back, and the manifest if they alone do not make it whole."""
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        write_files(fresh, arrays, manifest)
        (fresh / ARRAYS).replace(folder / ARRAYS)
        if not is_whole(folder):
            (fresh / MANIFEST).replace(folder / MANIFEST)
        sync(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
