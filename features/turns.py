"""Turns: what an account does after what.

A person asks, looks, keeps some results and changes the prompt; a program that asks only has no
second letter to write. Six letters for what a customer can do, a table of moves between them.

Source: behaviour as a string of event types (digital DNA, Cresci et al., IEEE TDSC 2018).
"""

from __future__ import annotations

import math
from typing import Any, Final

from numba import njit

from features.information import conditional_entropy
from streams.vocabulary import EventType

LETTERS: Final = 6

FIELDS: Final = [
    ("turn_moves", "u1", (LETTERS, LETTERS)),  # halved when a cell is full
    ("turn_last", "u1"),  # letter of the last event plus one, 0 = none yet
]
NAMES: Final = ("turn_entropy",)
LEAST: Final = 24

_REQUESTED: Final = int(EventType.GENERATION_REQUESTED)
_COMPLETED: Final = int(EventType.GENERATION_COMPLETED)
_FAILED: Final = int(EventType.GENERATION_FAILED)
_VIEWED: Final = int(EventType.RESULT_VIEWED)
_DOWNLOADED: Final = int(EventType.RESULT_DOWNLOADED)
_SHARED: Final = int(EventType.RESULT_SHARED)
_TOUCHED: Final = int(EventType.UI_INTERACTION)
_STARTED: Final = int(EventType.SESSION_STARTED)
_ENDED: Final = int(EventType.SESSION_ENDED)


@njit(cache=True)
def letter_of(kind: int) -> int:
    """Give the letter of an event type, -1 for what the platform itself does."""
    if kind == _REQUESTED:
        return 0
    if kind == _VIEWED:
        return 1
    if kind in (_DOWNLOADED, _SHARED):
        return 2
    if kind == _TOUCHED:
        return 3
    if _STARTED <= kind <= _ENDED:
        return 4
    return -1 if kind in (_COMPLETED, _FAILED, 0) else 5


@njit(cache=True)
def update(row: Any, kind: int) -> None:
    """Learn one event of a type, in order of time."""
    letter = letter_of(kind)
    if letter < 0:
        return
    if row.turn_last > 0:
        before = row.turn_last - 1
        if row.turn_moves[before, letter] == 255:
            for a in range(LETTERS):
                for b in range(LETTERS):
                    row.turn_moves[a, b] //= 2
        row.turn_moves[before, letter] += 1
    row.turn_last = letter + 1


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too few moves are known."""
    moves = 0.0
    for a in range(LETTERS):
        for b in range(LETTERS):
            moves += row.turn_moves[a, b]
    out[at] = conditional_entropy(row.turn_moves) if moves >= LEAST else math.nan
