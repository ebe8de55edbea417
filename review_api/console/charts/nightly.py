"""Figures of night after night: shares with their intervals, and how long jobs took."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from review_api.console.charts.drawing import Chart, Table, path, svg, text
from review_api.console.words import NO_BREAK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from markupsafe import Markup

    from detectors.latency import LatencyDay
    from review_api.quality.estimates import Estimate

    Nightly = Sequence[tuple[str, Estimate | None]]
    Places = Callable[[int], float]

WIDTH: Final = 410
_HEIGHT: Final = 112
_LEFT: Final = 40
_TOP: Final = 8
_FOOT: Final = _HEIGHT - 22
_WIDE: Final = 860
_LABELS: Final = 4


def draw_shares(what: str, nights: Nightly) -> Chart | None:
    """Draw a share night by night, a bar for its 95 % interval; None if none is known."""
    known = [(name, share) for name, share in nights if share is not None]
    if not known:
        return None
    place = _places(len(nights), WIDTH)
    parts = [
        *_shares_grid(),
        path("interval", [
            f"M{place(n)} {_y(share.low)}V{_y(share.high)}"
            for n, (_, share) in enumerate(nights) if share
        ]),
        path("dot", [
            f"M{place(n) - 3} {_y(share.value)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z"
            for n, (_, share) in enumerate(nights) if share
        ]),
        *_names([name for name, _ in nights], place, _HEIGHT),
    ]  # fmt: skip
    name, last = known[-1]
    summary = f"{what}: {said(last)} on the night of {name}"
    table = Table(
        ("Night", what, "Of"),
        tuple(
            (name, said(share) if share else "nothing to say yet", str(share.of) if share else "0")
            for name, share in reversed(nights)
        ),
    )
    return Chart(svg("nightly", WIDTH, _HEIGHT, summary, parts), summary, table)


def draw_latency(days: Sequence[LatencyDay]) -> Chart | None:
    """Draw how long jobs took day by day, on a logarithmic scale; None if no day is known."""
    if not days:
        return None
    low = math.log(min(day.median for day in days)) - 0.1
    high = math.log(max(day.high for day in days)) + 0.1
    place = _places(len(days), _WIDE)

    def y(seconds: float) -> float:
        return round(_FOOT - (math.log(seconds) - low) / (high - low) * (_FOOT - _TOP), 1)

    parts = [
        path("line", [f"M{_LEFT} {_FOOT}H{_WIDE}"]),
        path("median", _line(place, [y(day.median) for day in days])),
        path("high", _line(place, [y(day.high) for day in days])),
        *(
            text(_LEFT - 6, y(value) + 4, f"{value:.0f}{NO_BREAK}s", "axis", "end")
            for value in (days[-1].median, days[-1].high)
        ),
        *_names([day.day for day in days], place, _HEIGHT),
    ]
    last = days[-1]
    summary = (
        f"On {last.day} half of the jobs took at most {last.median:.1f} s (full line) and 95 % "
        f"at most {last.high:.1f} s (dashed)."
    )
    rows = tuple(
        (day.day, f"{day.median:.1f} s", f"{day.high:.1f} s", f"{day.jobs:,}")
        for day in reversed(days)
    )
    table = Table(("Day", "Middle", "95 % at most", "Jobs"), rows)
    return Chart(svg("latency", _WIDE, _HEIGHT, summary, parts), summary, table)


def said(share: Estimate) -> str:
    """Say a share with its interval."""
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"


def _places(count: int, width: float) -> Places:
    step = (width - _LEFT - 10) / max(count, 1)
    return lambda number: round(_LEFT + step * (number + 0.5), 1)


def _y(share: float) -> float:
    return round(_FOOT - share * (_FOOT - _TOP), 1)


def _shares_grid() -> Iterable[Markup]:
    for share in (0.0, 0.5, 1.0):
        yield path("line" if not share else "grid", [f"M{_LEFT} {_y(share)}H{WIDTH}"])
        yield text(_LEFT - 6, _y(share) + 4, f"{share:.0%}", "axis", "end")


def _line(place: Places, heights: Sequence[float]) -> Iterable[str]:
    # One day alone is a short stroke, or nobody would see it.
    yield f"M{place(0) - 3} {heights[0]}h6"
    for number, height in enumerate(heights[1:], start=1):
        yield f"L{place(number)} {height}"


def _names(names: Sequence[str], place: Places, foot: float) -> Iterable[Markup]:
    every = max(math.ceil(len(names) / _LABELS), 1)
    for number in range(0, len(names), every):
        yield text(place(number), foot - 6, names[number], "axis", "middle")
