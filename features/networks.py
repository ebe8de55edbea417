"""Networks: from where an account's requests come, and to where its results go.

The last few address blocks and countries are kept exactly; coming back to one that had to make room
counts as a change again. Where somebody is says little alone: travellers, VPNs and mobile carriers
change networks too. Results fetched from networks that never asked for any are what a relay shows.
"""

from __future__ import annotations

import math
from typing import Any, Final

from numba import njit

from features.index import fold

WINDOW: Final = 1024  # results fetched, after which older ones weigh half
BLOCKS: Final = 8
COUNTRIES: Final = 4

FIELDS: Final = [
    ("blocks", "u4", (BLOCKS,)),
    ("countries", "u2", (COUNTRIES,)),
    ("blocks_seen", "u2"),
    ("countries_seen", "u2"),
    ("network_acts", "u4"),
    ("hosted_acts", "u4"),
    ("fetches", "u2"),  # results looked at or downloaded
    ("foreign_fetches", "u2"),  # ... from a network that asked for none of late
]
NAMES: Final = (
    "network_blocks",
    "countries",
    "hosting_share",
    "foreign_fetch_share",
)
LEAST: Final = 32


@njit(cache=True)
def update(row: Any, block: int, country: int, hosted: bool) -> None:
    """Learn the network of one gesture; each part may be absent (0)."""
    if block != 0:
        remember(row, fold(block))
        row.network_acts += 1
        row.hosted_acts += hosted
    if country != 0:
        for k in range(COUNTRIES):
            if row.countries[k] == country:
                return
        row.countries[row.countries_seen % COUNTRIES] = country
        row.countries_seen = min(row.countries_seen + 1, 65535)


@njit(cache=True)
def remember(row: Any, block: int) -> None:
    for k in range(BLOCKS):
        if row.blocks[k] == block:
            return
    row.blocks[row.blocks_seen % BLOCKS] = block
    row.blocks_seen = min(row.blocks_seen + 1, 65535)


@njit(cache=True)
def fetched(row: Any, block: int) -> None:
    """Learn from which network a result was looked at, downloaded or shared; 0 = absent."""
    if block == 0 or row.network_acts < LEAST:
        return
    if row.fetches >= WINDOW:
        row.fetches //= 2
        row.foreign_fetches //= 2
    row.fetches += 1
    short = fold(block)
    for k in range(BLOCKS):
        if row.blocks[k] == short:
            return
    row.foreign_fetches += 1


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    if row.network_acts >= LEAST:
        out[at] = math.log(max(row.blocks_seen, 1))
        out[at + 1] = math.log(max(row.countries_seen, 1))
        out[at + 2] = row.hosted_acts / row.network_acts
    if row.fetches >= LEAST:
        out[at + 3] = row.foreign_fetches / row.fetches
