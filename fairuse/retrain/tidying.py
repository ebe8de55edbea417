"""Sweeps what earlier nights and killed writers have left; only who holds the night's lock may.

What is swept was never finished or is over: another run makes it again, or nobody needs it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from fairuse.retrain.folder import Folder

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from detectors.registry import Registry

KEPT: Final = 14
"""So many nights stay on disk, this one among them."""
DRY: Final = "-dry"
HEAVY: Final = (".npz", "labels.json")
"""What only the night that goes on needs; it names accounts."""
UNTOUCHED: Final = timedelta(days=1)
"""Nobody writes for so long on one file. `fairuse fit` writes without the night's lock."""
NIGHTS: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"


def tidy(nights: Path, present: Folder, registry: Registry, now: datetime) -> None:
    """Leave of earlier nights what names nobody, and of half-written things nothing."""
    others = [path for path in nights.glob(NIGHTS) if path.is_dir() and path != present.path]
    # By when they were last worked on: what was made up for is not the oldest for its name.
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for newer, path in enumerate(others, start=1):
        if newer >= KEPT or path.name.endswith(DRY):
            Folder(path).forget()
        else:
            Folder(path).lighten(HEAVY)
    registry.sweep((now - UNTOUCHED).timestamp())
