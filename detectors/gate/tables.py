"""Account-months as tables: one model's side of them, and those of all partitions together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from detectors import strata
from detectors.gate.sides import peaks_heard
from detectors.gate.weighed import MONTHS, SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.calibration import Calibration
    from detectors.gate.sides import Side
    from detectors.gate.weighing import Part


def joined(parts: Sequence[Part]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Name the accounts of all partitions once, and point all months at these names."""
    place: dict[str, int] = {}
    tables = []
    for part in parts:
        rows, at = np.unique(part.months["account"], return_inverse=True)
        own = [place.setdefault(part.names[row], len(place)) for row in rows.tolist()]
        months = part.months.copy()
        months["account"] = np.array(own, dtype=np.int64)[at] if own else 0
        tables.append(months)
    names = np.array(list(place), dtype=object)
    return names, np.concatenate(tables) if tables else np.zeros(0, dtype=MONTHS)


def side_rows(side: Side, ended: NDArray[Any]) -> NDArray[Any]:
    """Give what one model says of the account-months that `Side.months` gave, dtype `SIDE`."""
    out = np.zeros(len(ended), dtype=SIDE)
    out["peaks"], out["maximum"] = ended["peaks"], peaks_heard(ended["peaks"], side.scorer)
    out["offset"], out["p"] = -1, 1.0
    table = side.scorer.model.calibration.strata
    _place(table, ended, out)
    _rank(side.scorer.model.calibration, out)
    for i, key in enumerate(zip(ended["row"].tolist(), ended["month"].tolist(), strict=True)):
        rise = side.rises.get(key)
        if rise is None:
            continue
        out["rank"][i], out["hard"][i] = rise.rank, rise.hard
        if rise.event is not None:
            event = rise.event.events[0]
            out["offset"][i], out["index"][i] = event["offset"], event["index"]
            out["t"][i] = event["t"]
    return out


def _place(table: NDArray[Any], ended: NDArray[Any], out: NDArray[Any]) -> None:
    """Find the strata, once for each combination of what was known before a month."""
    keys, at = np.unique(ended[list(strata.NAMES)], return_inverse=True)
    places = [strata.find(table, key["plan"], key["volume"], key["tenure"]) for key in keys]
    out["stratum"] = np.array(places, dtype=np.uint16)[at] if len(keys) else 0


def _rank(calibration: Calibration, out: NDArray[Any]) -> None:
    """Fill in common maxima and p-values, as `Calibration.p_value` gives them."""
    for s in np.unique(out["stratum"]).tolist():
        row, inside = calibration.strata[s], out["stratum"] == s
        common = (out["maximum"][inside].astype(np.float64) - row["offset"]) / row["gain"]
        out["common"][inside] = common
        pool = calibration.pool(s)
        if len(pool):
            above = len(pool) - np.searchsorted(pool[::-1], common, side="left")
            out["p"][inside] = (1 + above) / (len(pool) + 1)
