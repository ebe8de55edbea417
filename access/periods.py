"""Spans of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of time: `since` is in it, `until` is not."""

    since: datetime
    until: datetime
