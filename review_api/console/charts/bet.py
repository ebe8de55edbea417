"""What the bet against the promise was worth after each audit, on a logarithmic scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from detectors.betting import ALARM
from review_api.console.charts.drawing import EPOCH, Chart, Table, TimeScale, path, svg, text
from review_api.console.words import NO_BREAK, figure, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from markupsafe import Markup

    Points = Sequence[tuple[datetime, float]]

WIDTH: Final = 860
_HEIGHT: Final = 210
_LEFT: Final = 54
_TOP: Final = 16
_FOOT: Final = _HEIGHT - 26
_ROWS: Final = 200


def draw_bet(points: Points, now: datetime) -> Chart | None:
    """Draw the bet from its first audit until `now`; None if there is no audit."""
    if not points:
        return None
    scale = TimeScale(_micro(points[0][0]), _micro(now), _LEFT, WIDTH - _LEFT - 90)
    values = [value for _, value in points]
    low, high = _decades(values)

    def y(value: float) -> float:
        share = (math.log10(max(value, 10.0**low)) - low) / (high - low)
        return round(_FOOT - min(max(share, 0.0), 1.0) * (_FOOT - _TOP), 1)

    summary = _summary(values)
    parts = [
        *_grid(low, high, y(ALARM), [y(10.0**decade) for decade in range(low, high + 1)]),
        *(text(x, _HEIGHT - 8, said, "axis", "middle") for x, said in scale.ticks()),
        path("median", _steps(scale, points, [y(value) for value in values])),
        path("dot", [_circle(scale.x(_micro(now)), y(values[-1]))]),
        text(scale.x(_micro(now)) + 8, y(values[-1]) + 4, figure(values[-1]), "strong"),
    ]
    return Chart(svg("bet", WIDTH, _HEIGHT, summary, parts), summary, _table(points))


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low = min(-1, math.floor(math.log10(max(min(values), 1e-9))))
    return low, max(2, math.ceil(math.log10(max(values))))


def _grid(low: int, high: int, alarm: float, lines: Sequence[float]) -> Iterable[Markup]:
    for decade, line in zip(range(low, high + 1), lines, strict=True):
        if (high - low) > 6 and decade % 2:  # noqa: PLR2004 - more names would touch
            continue
        yield path("grid", [f"M{_LEFT} {line}H{WIDTH - 90}"])
        yield text(_LEFT - 8, line + 4, _power(decade), "axis", "end")
    yield path("high", [f"M{_LEFT} {alarm}H{WIDTH - 90}"])
    yield text(WIDTH - 84, alarm + 4, f"{ALARM:.0f}: in doubt", "axis")


def _power(decade: int) -> str:
    return f"{10**decade}" if decade >= 0 else f"{10.0**decade:.{-decade}f}"


def _steps(scale: TimeScale, points: Points, places: Sequence[float]) -> Iterable[str]:
    yield f"M{scale.x(_micro(points[0][0]))} {places[0]}"
    for (at, _), place in zip(points[1:], places[1:], strict=True):
        yield f"H{scale.x(_micro(at))}V{place}"
    yield f"H{scale.x(scale.end)}"


def _circle(x: float, y: float) -> str:
    return f"M{x - 3.5} {y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z"


def _micro(at: datetime) -> int:
    return int((at - EPOCH).total_seconds() * 1e6)


def _summary(values: Sequence[float]) -> str:
    highest = max(values)
    return (
        f"After {len(values)}{NO_BREAK}audits the bet is worth {figure(values[-1])}; its highest "
        f"was {figure(highest)}. It began at 1, and from {ALARM:.0f} on the promise is in doubt."
    )


def _table(points: Points) -> Table:
    """Tell it day by day: many audits are drawn on one."""
    last_of_day = {at.date(): (at, value) for at, value in points}
    rows = [(when(at), figure(value)) for at, value in reversed(last_of_day.values())]
    heads = ("Drawn until", "The bet is worth")
    return Table(heads, tuple(rows[:_ROWS]), max(len(rows) - _ROWS, 0))
