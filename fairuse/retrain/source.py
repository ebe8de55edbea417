"""Which code a model is made by: a digest over the sources that its bits depend on."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import detectors
import features
import streams
from fairuse.retrain.folder import digest_of

LIBRARIES: Final = ("numpy", "numba", "scikit-learn", "scipy", "interpret-core")
"""What else decides about the last bit; the last of them is an extra and may be missing."""


@cache
def code_digest() -> str:
    """Name the present code by sixteen hex digits over its sources and the libraries it uses."""
    parts: list[bytes | str] = [sys.version.partition(" ")[0]]
    parts += [f"{name} {_version(name)}" for name in LIBRARIES]
    for package in (streams, features, detectors):
        folder = Path(package.__path__[0])
        for path in sorted(folder.rglob("*.py")):
            parts += [path.relative_to(folder).as_posix(), path.read_bytes()]
    return digest_of(*parts)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
