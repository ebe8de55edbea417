"""How long the account waits between two jobs, beside honest peers; waits double from bar to bar.

The peers are simulated, and the page says so: no real traffic ships with the program.
`tests/console/test_gaps.py` computes them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review_api.console.charts.drawing import SECOND, Chart, Table, path, svg, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup
    from numpy.typing import NDArray

BINS: Final = 18
"""Bin 0 is below one second, bin n from 2**(n-1) to 2**n seconds, the last all from 18 hours up."""
FEWEST: Final = 20
"""Gaps below which a share says nothing."""

WIDTH: Final = 372
_HEIGHT: Final = 150
_TOP: Final = 14
_FOOT: Final = _HEIGHT - 30
_BAR: Final = WIDTH / BINS
_NAMES: Final = (
    "<1 s", "1 s", "2 s", "4 s", "8 s", "16 s", "32 s", "1 min", "2 min", "4 min", "9 min",
    "17 min", "34 min", "1 h", "2 h", "5 h", "9 h", "18 h",
)  # fmt: skip

# Bin by bin: the percentage of their gaps that half of simulated honest accounts have there at
# most, and that nine tenths have.
PEERS: Final = (
    (26.5, 43.6), (0.0, 0.0), (0.0, 0.0), (0.0, 0.2), (0.0, 5.4), (2.9, 14.6), (13.3, 30.1),
    (18.6, 35.0), (12.2, 21.6), (6.9, 17.9), (2.3, 9.8), (0.8, 3.0), (0.0, 1.2), (0.0, 2.0),
    (0.0, 2.0), (0.0, 2.7), (0.7, 3.1), (1.7, 4.0),
)  # fmt: skip


def shares_of(times: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the share of gaps in each bin, shape (BINS,); zeros if there is no gap.

    `times` are microseconds in order.
    """
    gaps = np.diff(np.asarray(times, dtype=np.int64)) / SECOND
    if not len(gaps):
        return np.zeros(BINS)
    places = np.floor(np.log2(np.maximum(gaps, 0.5))).astype(int) + 1
    counts = np.bincount(np.clip(places, 0, BINS - 1), minlength=BINS)
    return counts / len(gaps)


def draw_gaps(times: Sequence[int]) -> Chart | None:
    """Draw the gaps between jobs; None if there are too few to say anything."""
    if len(times) <= FEWEST:
        return None
    shares = shares_of(times)
    peak = max(float(shares.max()), max(high for _, high in PEERS) / 100)
    summary = _summary(shares, len(times) - 1)
    parts = [*_bars(shares, peak), *_peers(peak), *_axis()]
    return Chart(svg("gaps", WIDTH, _HEIGHT, summary, parts), summary, _table(shares))


def _y(share: float, peak: float) -> float:
    return round(_FOOT - share / peak * (_FOOT - _TOP), 1)


def _bars(shares: NDArray[np.float64], peak: float) -> Iterable[Markup]:
    yield path("bars", [
        f"M{place * _BAR + 3:.1f} {_FOOT}V{_y(share, peak)}h{_BAR - 6:.1f}V{_FOOT}z"
        for place, share in enumerate(shares) if share
    ])  # fmt: skip


def _peers(peak: float) -> Iterable[Markup]:
    """Draw what half of the peers stay below as a line, and nine tenths as a dashed one."""
    for kind, which in (("median", 0), ("high", 1)):
        steps = [f"H{place * _BAR:.1f}V{_y(peer[which] / 100, peak)}H{(place + 1) * _BAR:.1f}"
                 for place, peer in enumerate(PEERS)]  # fmt: skip
        yield path(kind, [f"M0 {_FOOT}", *steps])


def _axis() -> Iterable[Markup]:
    yield path("line", [f"M0 {_FOOT}H{WIDTH}"])
    for place in range(1, BINS, 3):
        yield text(round(place * _BAR, 1), _FOOT + 13, _NAMES[place], "axis", "middle")
    yield text(WIDTH / 2, _HEIGHT - 3, "from one job to the next", "axis", "middle")


def _summary(shares: NDArray[np.float64], count: int) -> str:
    top = int(shares.argmax())
    median, high = PEERS[top]
    return (
        f"{count} gaps. Most often {_range(top)}: {shares[top]:.0%} of them. Of simulated honest "
        f"accounts half have at most {median:.0f}% there, nine in ten at most {high:.0f}%."
    )


def _range(place: int) -> str:
    if place == 0:
        return "below 1 s"
    if place == BINS - 1:
        return "18 h or more"
    return f"from {_NAMES[place]} to {_NAMES[place + 1]}"


def _table(shares: NDArray[np.float64]) -> Table:
    rows = tuple(
        (_range(place), f"{share:.1%}", f"{median:.1f}%", f"{high:.1f}%")
        for place, (share, (median, high)) in enumerate(zip(shares, PEERS, strict=True))
    )
    heads = ("Gap", "This account", "Half of peers at most", "Nine in ten at most")
    return Table(heads, rows)
