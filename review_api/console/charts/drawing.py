"""The few marks that the charts are made of, and the scale of time beneath them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable

SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMN: Final = 1.5  # px: marks closer together than this become one
_LOWEST: Final = 0.3  # of a lane's height: one event alone


@dataclass(frozen=True, slots=True)
class Table:
    """What a chart shows, as words and figures."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, one sentence that says what it shows, and the same as a table."""

    svg: Markup
    summary: str
    table: Table


@dataclass(frozen=True, slots=True)
class TimeScale:
    """From `start` to `end` (microseconds) over `width` px that begin at `left`."""

    start: int
    end: int
    left: float
    width: float

    def x(self, t: int) -> float:
        """Give the place of a time; what lies outside stands at the edge."""
        share = (t - self.start) / max(self.end - self.start, 1)
        return round(self.left + min(max(share, 0.0), 1.0) * self.width, 1)

    def shows(self, t: int) -> bool:
        """Tell whether a time lies on the scale."""
        return self.start <= t <= self.end

    def ticks(self) -> list[tuple[float, str]]:
        """Give places and words of round times, some ten at most."""
        span = self.end - self.start
        step = next((step for step in _STEPS if span / step <= 10), 28 * DAY)  # noqa: PLR2004 - ten
        first = -(-self.start // step) * step
        return [(self.x(t), _tick(t, step)) for t in range(first, self.end + 1, step)]


_STEPS: Final = (HOUR // 4, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY)


def at(t: int) -> datetime:
    """Give the instant of so many microseconds."""
    return EPOCH + timedelta(microseconds=t)


def _tick(t: int, step: int) -> str:
    moment = at(t)
    if step >= DAY or t % DAY == 0:
        return f"{moment.day} {moment:%b}"
    return f"{moment:%H:%M}"


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> Markup:
    """Write words; they are escaped."""
    return Markup('<text x="{}" y="{}" class="{}" text-anchor="{}">{}</text>').format(
        x, y, kind, anchor, words
    )


def path(kind: str, steps: Iterable[str]) -> Markup:
    """Draw many marks of one kind as one path; nothing if there are none."""
    drawn = "".join(steps)
    return Markup('<path class="{}" d="{}"/>').format(kind, drawn) if drawn else Markup()


def density(places: Iterable[float], base: float, height: float, most: int = 0) -> list[str]:
    """Give an upright mark for each column of places: the more stand there, the higher.

    `most` is how many reach the full height; without it, as many as stand in the fullest.
    """
    counts = Counter(round(place / _COLUMN) for place in places)
    most = most or max(counts.values(), default=1)
    return [
        f"M{column * _COLUMN:g} {base:g}v-{_height(count, most) * height:.1f}"
        for column, count in sorted(counts.items())
    ]


def _height(count: int, most: int) -> float:
    if most == 1:
        return 1.0
    return _LOWEST + (1.0 - _LOWEST) * math.log(count) / math.log(most)


def svg(kind: str, width: float, height: float, said: str, parts: Iterable[Markup]) -> Markup:
    """Put a drawing together; `said` is what a screen reader reads of it."""
    opening = Markup(
        '<svg class="chart {}" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">'
    ).format(kind, width, height, said)
    return opening + Markup().join(parts) + Markup("</svg>")
