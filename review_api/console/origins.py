"""What traffic a model was calibrated on: the reviewer is told when it was not real traffic."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from detectors.model import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from detectors.model import Origin

# A version arrives in a verdict and becomes part of a path: only what the registry writes may pass.
_VERSION: Final = re.compile(r"[0-9a-f]{12}")


def unknown_origin(_version: str) -> Origin | None:
    """Know no model."""
    return None


def origins_in(registry: Path) -> Callable[[str], Origin | None]:
    """Give the function that looks a version's origin up in a model registry's folder."""
    known: dict[str, Origin] = {}

    def origin_of(version: str) -> Origin | None:
        if version not in known and _VERSION.fullmatch(version):
            manifest = _manifest(registry / version / "manifest.json")
            if manifest is not None:
                known[version] = manifest.origin
        return known.get(version)

    return origin_of


def _manifest(path: Path) -> Manifest | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return None
