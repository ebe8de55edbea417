"""One measured figure beside its target, and whether the target was met."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from detectors.evaluation import Share

Met = Literal[
    "met", "met, not certain", "missed, not certain", "missed", "no target", "too few to tell"
]
"""Not certain: the interval reaches over the target."""
REAL: Final = "real traces"
SIMULATED: Final = "simulator"


class Place(NamedTuple):
    """What was measured, on what, from where."""

    source: str
    on: str
    figure: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the table: the target in words, the figure and its interval, as they are printed."""

    place: Place
    target: str
    measured: str
    interval: str
    met: Met
    value: float


def of_share(
    place: Place, share: Share, *, least: float | None = None, most: float | None = None
) -> Finding:
    """Give a share that should be at least, or at most, so much."""
    low, high = share.interval
    measured = f"{share.value:.1%} ({share.count:,} of {share.of:,})"
    interval = f"{low:.1%} to {high:.1%}"
    if not share.of:
        measured, interval = "nothing to measure", ""
    elif most is not None and most < 0.01:  # noqa: PLR2004 - where a per cent is too coarse
        measured = f"{1e4 * share.value:.1f} per 10,000 ({share.count:,} of {share.of:,})"
        interval = f"{1e4 * low:.1f} to {1e4 * high:.1f}"
    met = _met(share.value, share.interval, least, most)
    return Finding(place, _words(least, most), measured, interval, met, share.value)


def of_value(
    place: Place, value: float, interval: tuple[float, float], *, least: float | None = None
) -> Finding:
    """Give a plain number that should be at least so much."""
    between = f"{interval[0]:.3f} to {interval[1]:.3f}"
    met = _met(value, interval, least, None)
    return Finding(place, _words(least, None), f"{value:.4f}", between, met, value)


def _met(
    value: float, interval: tuple[float, float], least: float | None, most: float | None
) -> Met:
    if least is None and most is None:
        return "no target"
    if math.isnan(value):
        return "too few to tell"

    def kept(figure: float) -> bool:
        return (least is None or figure >= least) and (most is None or figure <= most)

    certain = kept(interval[0]) == kept(interval[1])
    if kept(value):
        return "met" if certain else "met, not certain"
    return "missed" if certain else "missed, not certain"


def _words(least: float | None, most: float | None) -> str:
    if least is not None:
        return f"≥ {least:g}"
    if most is None:
        return ""
    return f"≤ {1e4 * most:g} per 10,000" if most < 0.01 else f"≤ {most:.0%}"  # noqa: PLR2004 - as above
