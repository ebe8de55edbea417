"""Which part of the evidence a visitor looks at: a stretch of time, and tables that are open.

Both stand in the address of the page, so that opening one needs no script and can be written down.
A word that is not one of ours opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from review_api.console.charts.drawing import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import QueryParams


class Span(StrEnum):
    """The stretch of time that is drawn."""

    ALL = "all"
    WEEK = "week"
    DAY = "day"
    PAUSE = "pause"  # around the verdict that asked for a pause, else around the newest one


class Part(StrEnum):
    """A table that can be opened."""

    TIMELINE = "timeline"
    HOURS = "hours"
    GAPS = "gaps"
    DEVICES = "devices"
    NETWORKS = "networks"
    JOBS = "jobs"


SPAN_WORDS: Final[Mapping[Span, str]] = {
    Span.ALL: "All that is kept",
    Span.WEEK: "Last 7 days",
    Span.DAY: "Last 24 hours",
    Span.PAUSE: "Around the verdict",
}
_BACK: Final[Mapping[Span, int]] = {Span.WEEK: 7 * DAY, Span.DAY: DAY}
_BEFORE: Final = 24 * HOUR
_AFTER: Final = 6 * HOUR


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at."""

    span: Span = Span.ALL
    opened: frozenset[Part] = frozenset()

    @property
    def said(self) -> str:
        """What the audit log keeps of it; "" for the page as it first comes."""
        if not self.opened and self.span is Span.ALL:
            return ""
        return f"span {self.span}, opened {', '.join(sorted(self.opened)) or 'nothing'}"

    @property
    def query(self) -> str:
        """Give the end of the address of what is looked at."""
        words = [("span", str(self.span)), *(("opened", str(each)) for each in sorted(self.opened))]
        return f"?{urlencode(words)}"

    def link(self, span: Span | None = None, part: Part | None = None) -> str:
        """Give the end of the address that changes the span, or opens or closes a part."""
        opened = self.opened ^ ({part} if part else set())
        return f"{Look(span or self.span, opened).query}#{part or 'activity'}"

    def window(self, first: int, last: int, verdict: int) -> tuple[int, int]:
        """Say from when to when to draw, between an account's first and last event."""
        if self.span is Span.PAUSE:
            return verdict - _BEFORE, verdict + _AFTER
        return max(first, last - _BACK.get(self.span, last - first)), last


def look_of(asked: QueryParams) -> Look:
    """Read what is looked at from the address of the page."""
    span = asked.get("span", "")
    parts = {Part(word) for word in asked.getlist("opened") if word in set(Part)}
    return Look(Span(span) if span in set(Span) else Span.ALL, frozenset(parts))
