"""Which devices were in use when, and where two were in use at once.

A stretch is what one device does in one session without half an hour of silence; a page left open
is not use. What was not said to come from a device is a lane of its own and overlaps nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review_api.console.charts.drawing import (
    HOUR,
    SECOND,
    Chart,
    Table,
    TimeScale,
    at,
    path,
    svg,
    text,
)
from review_api.console.words import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from markupsafe import Markup

    from review_api.activity import Act

SILENCE: Final = HOUR // 2
LANES: Final = 8
WIDTH: Final = 760
_LEFT: Final = 112
_TOP: Final = 6
_LANE: Final = 20
_BAR: Final = 10
_THIN: Final = 1.5
_ROWS: Final = 60


@dataclass(slots=True)
class Stretch:
    """One stretch of use: which device and session, over which network for the most part."""

    device: int
    session: int
    network: int
    start: int
    end: int
    events: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """A time with two devices or more in use; `apart` if they came by different networks."""

    start: int
    end: int
    apart: bool


def stretches_of(acts: Sequence[Act]) -> list[Stretch]:
    """Cut the use of devices into stretches, in order of their beginning."""
    going: dict[tuple[int, int], list[Act]] = {}
    done: list[Stretch] = []
    for act in acts:
        one = going.setdefault((act.device, act.session), [])
        if one and act.t - one[-1].t > SILENCE:
            done.append(_stretch(one))
            one.clear()
        one.append(act)
    done += [_stretch(one) for one in going.values() if one]
    return sorted(done, key=lambda stretch: (stretch.start, stretch.device, stretch.session))


def overlaps_of(stretches: Iterable[Stretch]) -> list[Overlap]:
    """Find when two devices or more were in use at once."""
    edges = []
    for one in stretches:
        if one.device:
            edges += [(one.start, 1, one.device, one.network)]
            edges += [(one.end, -1, one.device, one.network)]
    devices: dict[int, int] = {}
    networks: dict[int, int] = {}
    found: list[Overlap] = []
    before = 0
    for t, change, device, network in sorted(edges):
        if len(devices) > 1 and t > before:
            found.append(Overlap(before, t, len(networks) > 1))
        for using, name in ((devices, device), (networks, network)):
            using[name] = using.get(name, 0) + change
            if not using[name]:
                using.pop(name)
        before = t
    return _joined(found)


def draw_devices(acts: Sequence[Act], start: int, end: int) -> Chart:
    """Draw a lane for each of the most used devices, and one for what overlaps."""
    stretches = stretches_of(acts)
    overlaps = overlaps_of(stretches)
    names = _names(stretches)
    shown = dict(list(names.items())[:LANES])
    scale = TimeScale(start, end, _LEFT, WIDTH - _LEFT - 8)
    foot = _TOP + _LANE * (len(shown) + 1)
    summary = _summary(stretches, overlaps, len(names) - len(shown))
    parts = [*_axis(scale, foot), *_lanes(stretches, shown, scale), *_twice(overlaps, scale, foot)]
    return Chart(
        svg("devices", WIDTH, foot + 18, summary, parts), summary, _table(stretches, names)
    )


def _lanes(
    stretches: Sequence[Stretch], names: Mapping[int, str], scale: TimeScale
) -> Iterable[Markup]:
    for row, (device, name) in enumerate(names.items()):
        base = _TOP + _LANE * (row + 1)
        ours = [(one.start, one.end) for one in stretches if one.device == device]
        yield text(0, base - 6, name)
        yield path("line", [f"M{_LEFT} {base}H{WIDTH - 8}"])
        yield path("bars", _bars(ours, base - 4, scale))


def _twice(overlaps: Sequence[Overlap], scale: TimeScale, foot: float) -> Iterable[Markup]:
    yield text(0, foot - 6, "Two at once", "strong")
    yield path("line", [f"M{_LEFT} {foot}H{WIDTH - 8}"])
    spans = [(one.start, one.end) for one in overlaps]
    yield path("twice", _bars(spans, foot - 4, scale))


def _axis(scale: TimeScale, foot: float) -> Iterable[Markup]:
    ticks = scale.ticks()
    yield path("grid", [f"M{x:g} {_TOP}V{foot}" for x, _ in ticks])
    for x, words in ticks:
        yield text(x, foot + 14, words, "axis", "middle")


def _bars(spans: Iterable[tuple[int, int]], base: float, scale: TimeScale) -> list[str]:
    """Draw bars; what would touch becomes one."""
    edges: list[list[float]] = []
    for start, end in sorted(spans):
        left = scale.x(start)
        right = max(scale.x(end), left + _THIN)
        if edges and left <= edges[-1][1]:
            edges[-1][1] = max(edges[-1][1], right)
        else:
            edges.append([left, right])
    return [f"M{left:g} {base}v-{_BAR}h{right - left:.1f}v{_BAR}z" for left, right in edges]


def _stretch(acts: Sequence[Act]) -> Stretch:
    network = Counter(act.network for act in acts).most_common(1)[0][0]
    first = acts[0]
    return Stretch(first.device, first.session, network, first.t, acts[-1].t, len(acts))


def _joined(overlaps: Iterable[Overlap]) -> list[Overlap]:
    found: list[Overlap] = []
    for one in overlaps:
        if found and found[-1].end == one.start and found[-1].apart == one.apart:
            found[-1] = Overlap(found[-1].start, one.end, one.apart)
        else:
            found.append(one)
    return found


def _names(stretches: Iterable[Stretch]) -> dict[int, str]:
    """Give the devices numbers as names, the most used first."""
    used: Counter[int] = Counter()
    for stretch in stretches:
        used[stretch.device] += stretch.events
    names, number = {}, 0
    for device, _ in used.most_common():
        number += bool(device)
        names[device] = f"Device {number}" if device else "Not said"
    return names


def _summary(stretches: Sequence[Stretch], overlaps: Sequence[Overlap], left_out: int) -> str:
    devices = len({one.device for one in stretches if one.device})
    sessions = len({one.session for one in stretches if one.session})
    said = sentence(f"{_count(devices, 'device')}, {_count(sessions, 'session')}.")
    if left_out:
        said += f" The {left_out} least used are not drawn."
    if not overlaps:
        return f"{said} Never two devices at once."
    together = sum(one.end - one.start for one in overlaps)
    apart = sum(one.end - one.start for one in overlaps if one.apart)
    return (
        f"{said} Two or more devices at once for {_span(together)}"
        f"{f', {_span(apart)} of it by different networks' if apart else ''}."
    )


def _table(stretches: Sequence[Stretch], names: Mapping[int, str]) -> Table:
    sessions = {one: number for number, one in enumerate(
        dict.fromkeys(stretch.session for stretch in stretches), start=1
    )}  # fmt: skip
    newest = list(reversed(stretches))[:_ROWS]
    rows = tuple(
        (names[one.device], str(sessions[one.session]) if one.session else "not said",
         f"{at(one.start):%Y-%m-%d %H:%M}", _span(one.end - one.start), str(one.events))
        for one in newest
    )  # fmt: skip
    heads = ("Device", "Session", "From (UTC)", "For", "Events")
    return Table(heads, rows, len(stretches) - len(rows))


def _count(number: int, what: str) -> str:
    if not number:
        return f"no {what} was said"
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _span(length: int) -> str:
    minutes = round(length / (60 * SECOND))
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
