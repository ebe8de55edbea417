"""Honest peers: which account-months are compared with which, by what was known before the month.

A stratum is a plan, the number of acts of the month before and whether the account was known for
thirty days. Each one's running maxima are put on the scale of the whole population (median to
median, upper tail to upper tail), so that one threshold serves all and cannot
be paid for by the heaviest customers alone. A stratum of few months is judged by a wider one.

Source: Mondrian conformal prediction (Vovk, Gammerman and Shafer 2005, section 4.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FEWEST: Final = 200  # months a stratum needs to have a median and an upper tail of its own
UPPER: Final = 0.9
LEAST: Final = 0.5  # a narrow stratum is not stretched further: little would count for much
SMALLEST: Final = 0.25  # the least spread that maxima are scaled by, as in `detectors.bank`

NEW, KNOWN = 0, 1
TENURES: Final = ("new", "known")
VOLUMES: Final = ("none", "1-63", "64-511", "512-")  # acts in the month before
EXACT, ANY_PLAN, ANY_VOLUME, EVERYTHING = range(4)

KEY_FIELDS: Final = [("plan", "u8"), ("volume", "u1"), ("tenure", "u1")]
KEY: Final = np.dtype(KEY_FIELDS)
NAMES: Final = tuple(name for name, _ in KEY_FIELDS)
STRATUM: Final = np.dtype(
    [
        ("plan", "u8"),  # hash of the plan's name, 0 unknown
        ("offset", "f8"),  # a common maximum z is `offset + gain * z` here
        ("gain", "f8"),
        ("months", "u4"),  # judged by this stratum when it was fitted
        ("pool", "u4"),  # whose maxima calibrate it, 0 the common ones
        ("volume", "u2"),
        ("tenure", "u2"),
        ("breadth", "u4"),  # what is left open: nothing, the plan, the volume too, everything
    ]
)
"""Without padding, because a model is named by the bytes of its arrays."""


def whole(months: int = 0) -> NDArray[Any]:
    """Give the table of one stratum that holds everybody, as they are."""
    table = np.zeros(1, dtype=STRATUM)
    table["gain"], table["breadth"], table["months"] = 1.0, EVERYTHING, months
    return table


@njit(cache=True)
def volume_of(acts: int) -> int:
    """Give the position in `VOLUMES` for a month of that many acts."""
    if acts == 0:
        return 0
    return 1 if acts < 64 else 2 if acts < 512 else 3


@njit(cache=True)
def find(table: Any, plan: int, volume: int, tenure: int) -> int:
    """Give the position of the narrowest stratum for a key; the last one takes everybody."""
    for s in range(len(table) - 1):
        row = table[s]
        if row.breadth == EXACT and row.plan != plan:
            continue
        if row.breadth <= ANY_PLAN and row.volume != volume:
            continue
        if row.tenure == tenure:
            return s
    return len(table) - 1


def label(stratum: Any) -> str:
    """Name one row of the table, as in `any/64-511/known`; a plan by eight digits of its hash."""
    breadth = stratum["breadth"]
    plan = f"{int(stratum['plan']):016x}"[:8] if stratum["plan"] else "unknown"
    parts = (plan, VOLUMES[stratum["volume"]], TENURES[stratum["tenure"]])
    return "/".join("any" if place < breadth else part for place, part in enumerate(parts))


def fit(
    keys: NDArray[Any], maxima: NDArray[np.float64], fold: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.float64]]:
    """Fit strata to account-months: keys (n,), their maxima (n,) and the half (n,) of each account.

    Returns the table, each month's place in it (n,) and its maximum on the common scale (n,). The
    scale of a month comes from the accounts of the other half, so that none sets its own.
    """
    table = np.concatenate([*_large(keys), whole()])
    places = np.array(
        [find(table, key["plan"], key["volume"], key["tenure"]) for key in keys], dtype=np.int64
    )
    table["months"] = np.bincount(places, minlength=len(table))
    common = np.empty(len(maxima))
    for s in range(len(table)):
        inside = _inside(keys, table[s])
        for half in (0, 1):
            judged = (places == s) & (fold == half)
            offset, gain = _scale(maxima, inside, fold != half)
            common[judged] = (maxima[judged] - offset) / gain
        table["offset"][s], table["gain"][s] = _scale(maxima, inside, np.ones_like(inside))
    return table, places, common


def _large(keys: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield the strata with enough months, the narrowest first."""
    for breadth in (EXACT, ANY_PLAN, ANY_VOLUME):
        open_keys = keys.copy()
        for name in NAMES[:breadth]:
            open_keys[name] = 0
        found, counts = np.unique(open_keys, return_counts=True)
        rows = np.zeros(np.count_nonzero(counts >= FEWEST), dtype=STRATUM)
        for name in NAMES:
            rows[name] = found[counts >= FEWEST][name]
        rows["breadth"] = breadth
        yield rows


def _inside(keys: NDArray[Any], stratum: Any) -> NDArray[np.bool_]:
    """Tell which months a stratum's description fits, whether or not a narrower one has them."""
    inside = np.ones(len(keys), dtype=bool)
    for place, name in enumerate(NAMES):
        if place >= stratum["breadth"]:
            inside &= keys[name] == stratum[name]
    return inside


def _scale(
    maxima: NDArray[np.float64], inside: NDArray[np.bool_], known: NDArray[np.bool_]
) -> tuple[float, float]:
    """Give offset and gain of a stratum against everybody; (0, 1) for everybody themselves."""
    if inside.all() or not (inside & known).any():
        return 0.0, 1.0
    centre, spread = _middle_and_tail(maxima[known])
    own_centre, own_spread = _middle_and_tail(maxima[known & inside])
    gain = max(own_spread / spread, LEAST)
    return own_centre - gain * centre, gain


def _middle_and_tail(maxima: NDArray[np.float64]) -> tuple[float, float]:
    centre = float(np.median(maxima))
    return centre, max(float(np.quantile(maxima, UPPER)) - centre, SMALLEST)
