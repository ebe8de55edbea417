"""Travel: how fast an account moves between the places of its requests.

A jump that no aeroplane makes is two people, or a phone whose address is looked up wrongly, or a
network that comes out elsewhere. So the place of a VPN or a hosting provider is not taken, a jump
that one device makes is told apart, and none of it is core evidence of anything.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.index import fold

WINDOW: Final = 1024
MONTH: Final = 30 * 86_400_000_000
FAR_KM: Final = 300.0  # places of addresses are known no better
TOO_FAST: Final = 1000.0  # km/h
SOONEST_S: Final = 60.0
EARTH_KM: Final = 6371.0

FIELDS: Final = [
    ("place_t", "i8"),
    ("place_lat", "f4"),
    ("place_lon", "f4"),
    ("place_device", "u4"),
    ("fastest", "f4"),  # km/h this month
    ("placed", "u2"),  # requests with a place in the window
    ("travel_jumps", "u2"),  # ... too fast from the place before
    ("travel_jumps_same", "u2"),  # ... on the same device
    ("place_month", "i2"),
]
NAMES: Final = ("travel_kmh", "travel_share", "travel_same_device")
LEAST: Final = 24


@njit(cache=True)
def distance(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Give the great-circle distance in km of two places in degrees (haversine)."""
    a, b = math.radians(lat), math.radians(other_lat)
    east = math.sin(math.radians(other_lon - lon) / 2.0)
    north = math.sin((b - a) / 2.0)
    square = north * north + math.cos(a) * math.cos(b) * east * east
    return 2.0 * EARTH_KM * math.asin(math.sqrt(min(square, 1.0)))


@njit(cache=True)
def update(row: Any, t: int, lat: float, lon: float, device: int) -> None:
    """Learn one request's place, in degrees; NaN where it is not known."""
    if math.isnan(lat) or math.isnan(lon):
        return
    if row.placed >= WINDOW:
        row.placed //= 2
        row.travel_jumps //= 2
        row.travel_jumps_same //= 2
    month = t // MONTH
    if month != row.place_month:
        row.place_month = month
        row.fastest = np.float32(0.0)
    who = fold(device) if device != 0 else 0
    if row.place_t > 0:
        far = distance(row.place_lat, row.place_lon, lat, lon)
        hours = max((t - row.place_t) / 1e6, SOONEST_S) / 3600.0
        if far >= FAR_KM:
            row.fastest = max(row.fastest, np.float32(far / hours))
            if far / hours >= TOO_FAST:
                row.travel_jumps += 1
                row.travel_jumps_same += who != 0 and who == row.place_device
    row.placed += 1
    row.place_t = t
    row.place_lat = lat
    row.place_lon = lon
    row.place_device = who


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too few places are known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    if row.placed < LEAST:
        return
    out[at] = math.log1p(row.fastest)
    out[at + 1] = (row.travel_jumps - row.travel_jumps_same) / row.placed
    if row.travel_jumps > 0:
        out[at + 2] = row.travel_jumps_same / row.travel_jumps
