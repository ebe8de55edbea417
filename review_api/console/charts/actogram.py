"""Day by hour: one line a day, so that habits stand under one another and rest is a white column.

Source: actograms as chronobiology draws them (single-plotted).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from review_api.console.charts.drawing import (
    DAY,
    HOUR,
    Chart,
    Table,
    at,
    density,
    path,
    svg,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

WIDTH: Final = 372
_LEFT: Final = 44
_TOP: Final = 16
_ROW: Final = 12
_DAYS: Final = 36
_BINS: Final = 48
_BIN: Final = DAY // _BINS
_LABELLED: Final = 12


def draw_actogram(times: Sequence[int], zone: int | None) -> Chart:
    """Draw when in the day the account asked for jobs; `zone` is hours east, None for UTC."""
    local = [t + (zone or 0) * HOUR for t in times]
    newest = max(local, default=0) // DAY
    first = max(min(local, default=0) // DAY, newest - _DAYS + 1)
    shown = [t for t in local if t // DAY >= first]
    rows = newest - first + 1
    summary = _summary(shown, rows, zone)
    parts = [*_grid(rows), *_rows(shown, first, rows)]
    drawing = svg("actogram", WIDTH, _TOP + _ROW * rows + 4, summary, parts)
    return Chart(drawing, summary, _table(shown, zone))


def zone_words(zone: int | None) -> str:
    """Say which hours are meant."""
    if not zone:
        return "UTC"
    return f"UTC{'+' if zone > 0 else '−'}{abs(zone)}"  # noqa: RUF001 - a minus sign


def _place(t: int) -> float:
    return _LEFT + (t % DAY) // _BIN * (WIDTH - _LEFT) / _BINS


def _rows(times: Sequence[int], first: int, rows: int) -> Iterable[Markup]:
    days: dict[int, list[float]] = {}
    for t in times:
        days.setdefault(t // DAY - first, []).append(_place(t) + 3)
    most = max(Counter(t // _BIN for t in times).values(), default=1)
    for row in range(rows):
        base = _TOP + _ROW * (row + 1)
        if rows <= _LABELLED or row % 7 == 0:
            day = at((first + row) * DAY)
            yield text(0, base - 2, f"{day.day} {day:%b}", "axis")
        yield path("blocks", density(days.get(row, ()), base, _ROW - 2, most))


def _grid(rows: int) -> Iterable[Markup]:
    foot = _TOP + _ROW * rows
    steps = [(hour, _LEFT + hour * (WIDTH - _LEFT) / 24) for hour in range(0, 25, 6)]
    yield path("grid", [f"M{x:g} {_TOP}V{foot}" for _, x in steps])
    for hour, x in steps[:-1]:
        yield text(x, _TOP - 5, f"{hour:02d}:00", "axis")


def _summary(times: Sequence[int], rows: int, zone: int | None) -> str:
    active = len({t // DAY for t in times})
    if not times:
        return "No job was asked for in this time."
    begin, length = _quiet({t % DAY // _BIN for t in times})
    said = f"Jobs on {active} of {rows} days."
    if not length:
        return f"{said} There is no half hour of the day without one."
    span = f"{_clock(begin)} to {_clock(begin + length)}"
    hours = f"{length / 2:g}"
    return f"{said} Never any from {span} ({hours} h), by {zone_words(zone)}."


def _quiet(filled: set[int]) -> tuple[int, int]:
    """Give the longest run of empty half hours round the clock: where it begins, how many."""
    best, run = (0, 0), 0
    for place in range(2 * _BINS):
        run = 0 if place % _BINS in filled else run + 1
        if run > best[1]:
            best = (place - run + 1, run)
    return best[0] % _BINS, min(best[1], _BINS)


def _clock(half_hours: int) -> str:
    return f"{half_hours // 2 % 24:02d}:{half_hours % 2 * 30:02d}"


def _table(times: Sequence[int], zone: int | None) -> Table:
    jobs = Counter(t % DAY // HOUR for t in times)
    days = Counter(hour for _, hour in {(t // DAY, t % DAY // HOUR) for t in times})
    rows = tuple((f"{hour:02d}:00", str(jobs[hour]), str(days[hour])) for hour in range(24))
    return Table((f"Hour ({zone_words(zone)})", "Jobs", "Days with any"), rows)
