"""One axis of time: a lane for each sort of thing the account did, and marks for its case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review_api.console.charts.drawing import (
    DAY,
    Chart,
    Table,
    TimeScale,
    at,
    density,
    path,
    svg,
    text,
)
from streams.vocabulary import MODES, EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from markupsafe import Markup

    from review_api.activity import Act

WIDTH: Final = 760
_LEFT: Final = 112
_TOP: Final = 26
_LANE: Final = 24
_TALL: Final = 18
_NEAR: Final = 14  # px: marks closer than this share one number
_ROWS: Final = 40

_T = EventType


def _jobs(mode: str) -> Callable[[Act], bool]:
    code = MODES.get(mode, 0)
    return lambda act: act.type == _T.GENERATION_REQUESTED and act.mode == code


def _any(*types: EventType) -> Callable[[Act], bool]:
    return lambda act: act.type in types


LANES: Final[tuple[tuple[str, Callable[[Act], bool]], ...]] = (
    ("Quota jobs", _jobs("quota")),
    ("Credit jobs", _jobs("credits")),
    ("Jobs, mode unsaid", _jobs("")),
    ("Views, downloads", _any(_T.RESULT_VIEWED, _T.RESULT_DOWNLOADED, _T.RESULT_SHARED)),
    ("Gestures", _any(_T.UI_INTERACTION)),
    ("Sign-ins", _any(_T.SESSION_STARTED)),
    ("Failed sign-ins", _any(_T.LOGIN_FAILED)),
    ("Billing", _any(_T.SUBSCRIPTION_STARTED, _T.SUBSCRIPTION_RENEWED, _T.SUBSCRIPTION_CHANGED,
                     _T.SUBSCRIPTION_CANCELLED, _T.CREDITS_PURCHASED)),
    ("Challenges", _any(_T.CHALLENGE_PASSED, _T.CHALLENGE_FAILED)),
)  # fmt: skip
_ALWAYS: Final = ("Quota jobs", "Views, downloads", "Sign-ins", "Billing")
"""Lanes that are drawn also when empty: that there is nothing tells something."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of the case on the axis; `number` is how the list beneath calls it."""

    number: int
    t: int
    words: str


def draw_timeline(acts: Sequence[Act], marks: Sequence[Mark], start: int, end: int) -> Chart:
    """Draw what happened from `start` to `end`; marks outside it are left to the list."""
    scale = TimeScale(start, end, _LEFT, WIDTH - _LEFT - 8)
    found = {name: [act.t for act in acts if ours(act)] for name, ours in LANES}
    lanes = {name: times for name, times in found.items() if times or name in _ALWAYS}
    foot = _TOP + _LANE * len(lanes)
    parts = [*_axis(scale, foot), *_lanes(lanes, scale), *_marks(marks, scale, foot)]
    summary = _summary(lanes)
    drawing = svg("timeline", WIDTH, foot + 18, summary, parts)
    return Chart(drawing, summary, _table(lanes))


def _lanes(lanes: dict[str, list[int]], scale: TimeScale) -> Iterable[Markup]:
    for number, (name, times) in enumerate(lanes.items()):
        base = _TOP + _LANE * (number + 1)
        yield text(0, base - 6, name)
        yield path("line", [f"M{_LEFT} {base}H{WIDTH - 8}"])
        yield path("ticks", density(map(scale.x, times), base, _TALL))


def _axis(scale: TimeScale, foot: float) -> Iterable[Markup]:
    ticks = scale.ticks()
    yield path("grid", [f"M{x:g} {_TOP}V{foot}" for x, _ in ticks])
    for x, words in ticks:
        yield text(x, foot + 14, words, "axis", "middle")


def _marks(marks: Sequence[Mark], scale: TimeScale, foot: float) -> Iterable[Markup]:
    shown = [mark for mark in marks if scale.shows(mark.t)]
    yield path("mark", [f"M{scale.x(mark.t):g} {_TOP - 6}V{foot}" for mark in shown])
    groups: list[list[Mark]] = []
    for mark in sorted(shown, key=lambda mark: mark.t):
        if groups and scale.x(mark.t) - scale.x(groups[-1][-1].t) < _NEAR:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    for group in groups:
        numbers = sorted(mark.number for mark in group)
        words = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"  # noqa: RUF001 - from … to
        yield text(scale.x(group[0].t), _TOP - 10, words, "number", "middle")


def _summary(lanes: dict[str, list[int]]) -> str:
    said = [f"{len(times)} {name[0].lower()}{name[1:]}" for name, times in lanes.items() if times]
    return ("; ".join(said) if said else "Nothing in this time") + "."


def _table(lanes: dict[str, list[int]]) -> Table:
    """Count by day: the newest days first."""
    days = {name: Counter(t // DAY for t in times) for name, times in lanes.items()}
    seen = sorted({day for counts in days.values() for day in counts}, reverse=True)
    rows = tuple(
        (at(day * DAY).date().isoformat(), *(str(counts[day]) for counts in days.values()))
        for day in seen[:_ROWS]
    )
    return Table(("Day (UTC)", *lanes), rows, len(seen) - len(rows))
