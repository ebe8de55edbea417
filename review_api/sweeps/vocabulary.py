"""The closed vocabularies of sweeps."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Stage(StrEnum):
    """How far a person lets a sweep go, a step at a time."""

    TENTH = "tenth"
    HALF = "half"
    ALL = "all"
    BACK = "back"  # everything it did is taken back


SHARE: Final[Mapping[Stage, float]] = {Stage.TENTH: 0.1, Stage.HALF: 0.5, Stage.ALL: 1.0}


class SweepResult(StrEnum):
    """What became of one case of a sweep."""

    RESTORED = "restored"
    SKIPPED = "skipped"  # it changed since the preview, or somebody has it in hand
    UNDONE = "undone"  # taken back before it was carried out
    REOPENED = "reopened"  # carried out already: the case is open again, and access stays
