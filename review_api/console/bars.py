"""Where the bars of the pages end: plain geometry, drawn by the templates as SVG.

Percentiles are drawn by their number of nines, or every bar would look full: 90 % is one step,
99 % two, 99.9 % three, 99.99 % four.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from review_api.quality.overview import Week

NINES: Final = 4.25
TICKS: Final = (("90", 1), ("99", 2), ("99.9", 3), ("99.99", 4))
MEDIAN: Final = 0.5


def nines(percentile: float, width: float) -> float:
    """Give the bar's length of a percentile (0 to 1) in a field `width` wide."""
    above = max(1.0 - percentile, 10.0**-NINES)
    return _within(-math.log10(above) / NINES, width)


def tick(step: int, width: float) -> float:
    """Give the place of a step of `TICKS`."""
    return round(step / NINES * width, 1)


def score(value: float, width: float) -> float:
    """Give the bar's length of a score: it begins at the median account and ends at 1."""
    return _within((value - MEDIAN) / (1.0 - MEDIAN), width)


def elapsed(since: datetime, until: datetime, now: datetime, width: float) -> float:
    """Give how much of the time from `since` to `until` is over."""
    return _within((now - since) / (until - since), width) if until > since else width


def top_of(weeks: Iterable[Week]) -> float:
    """Give the hours that the tallest bar of these weeks stands for, never none."""
    return max((max(week.wrongful.hours, week.lapsed.hours) for week in weeks), default=0.0) or 1.0


def _within(share: float, width: float) -> float:
    return round(min(max(share, 0.0), 1.0) * width, 1)
