"""The layout of an account's row and of its feature vector: families side by side, in one order."""

from __future__ import annotations

from typing import Final

import numpy as np

from features import (
    burn,
    cadence,
    content,
    context,
    identity,
    interaction,
    logins,
    networks,
    phases,
    platform,
    recent,
    rest,
    sequence,
    surface,
    templates,
    travel,
    turns,
)  # fmt: skip

HEADER: Final = [
    ("account", "u8"),
    ("first_t", "i8"),
    ("last_t", "i8"),
    ("scored_t", "i8"),
    ("official_last", "i8"),  # last request by an official feature
    ("paid_job", "u8"),  # the last job paid for with credits
    ("plan", "u8"),  # the last one told, as a hash; context, and in no vector
    ("events", "u4"),
    ("acts", "u4"),
    ("late", "u4"),
    ("duplicates", "u4"),
    ("unscored", "u2"),  # acts since the account was last scored
    ("late_run", "u1"),
    ("failed", "u1"),  # 1 when the last job to end failed: the next request is a retry
]
FAMILIES: Final = (
    cadence, sequence, phases, rest, interaction, turns, recent, content, templates, burn, identity,
    logins, networks, travel, surface, context,
)  # fmt: skip
STATE: Final = np.dtype(
    [*HEADER, *(field for family in FAMILIES for field in family.FIELDS)], align=True
)
"""One account: 25 cache lines of 64 bytes."""

FIRST: Final = ("acts", "challenge_balance")


def _places() -> dict[str, int]:
    """Where each family's numbers begin, after what every vector begins with."""
    places, at = {}, len(FIRST)
    for family in (*FAMILIES, platform):
        places[family.__name__.rpartition(".")[2]] = at
        at += len(family.NAMES)
    return places


NAMES: Final = (*FIRST, *(name for family in (*FAMILIES, platform) for name in family.NAMES))
WIDTH: Final = len(NAMES)
AT: Final = _places()
"""Family name to the place of its first number in a vector."""
