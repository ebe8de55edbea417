"""The one compiled loop that turns events into feature state, live and in replay alike.

The rule for when an account is scored again lives here too, so that a replay scores at the same
places however the log is cut.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from features import (
    burn,
    cadence,
    content,
    context,
    identity,
    index,
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
from features.account import learn
from features.layout import AT, WIDTH
from streams.vocabulary import EventType

Array = Any

RESCORE_ACTS: Final = 8
RESCORE_AFTER: Final = 60_000_000
TOUCH: Final = 256
LINE: Final = 64

_REQUESTED: Final = int(EventType.GENERATION_REQUESTED)
_COMPLETED: Final = int(EventType.GENERATION_COMPLETED)
_CADENCE: Final = AT["cadence"]
_SEQUENCE: Final = AT["sequence"]
_PHASES: Final = AT["phases"]
_REST: Final = AT["rest"]
_INTERACTION: Final = AT["interaction"]
_TURNS: Final = AT["turns"]
_RECENT: Final = AT["recent"]
_CONTENT: Final = AT["content"]
_TEMPLATES: Final = AT["templates"]
_BURN: Final = AT["burn"]
_IDENTITY: Final = AT["identity"]
_LOGINS: Final = AT["logins"]
_NETWORKS: Final = AT["networks"]
_TRAVEL: Final = AT["travel"]
_SURFACE: Final = AT["surface"]
_CONTEXT: Final = AT["context"]
_PLATFORM: Final = AT["platform"]


@njit(cache=True)
def observe(platform_now: Any, event: Any) -> None:
    """Learn what one event says of the whole platform."""
    if event.type == _REQUESTED:
        platform.requested(platform_now, float(event.t))
    elif event.type == _COMPLETED:
        platform.completed(platform_now, event.latency_ms)


@njit(cache=True)
def due(row: Any) -> bool:
    if row.unscored == 0 or row.acts < cadence.LEAST:
        return False
    return bool(row.unscored >= RESCORE_ACTS or row.last_t - row.scored_t >= RESCORE_AFTER)


@njit(cache=True)
def read(row: Any, platform_now: Any, out: Any) -> None:
    """Write the row's feature vector, shape (WIDTH,), to `out`. Changes nothing in the row."""
    out[0] = row.acts
    out[1] = row.challenge
    cadence.read(row, out, _CADENCE)
    sequence.read(row, out, _SEQUENCE)
    phases.read(row, out, _PHASES)
    rest.read(row, out, _REST)
    interaction.read(row, out, _INTERACTION)
    turns.read(row, out, _TURNS)
    recent.read(row, out, _RECENT)
    content.read(row, out, _CONTENT)
    templates.read(row, out, _TEMPLATES)
    burn.read(row, out, _BURN)
    identity.read(row, out, _IDENTITY)
    logins.read(row, out, _LOGINS)
    networks.read(row, out, _NETWORKS)
    travel.read(row, out, _TRAVEL)
    surface.read(row, out, _SURFACE)
    context.read(row, out, _CONTEXT)
    platform.read(platform_now, out, _PLATFORM)


@njit(cache=True)
def touch(lines: Array, rows: Array, start: int, stop: int) -> int:
    """Read a byte of every cache line the next events need, so that memory answers in parallel."""
    total = 0
    for i in range(start, stop):
        for at in range(0, lines.shape[1], LINE):
            total += lines[rows[i], at]
    return total


@njit(cache=True)
def update(
    state: Array, lines: Array, platform_state: Array, rows: Array, events: Array, seen: Any,
    fill: Array, due_at: Array, known: Array, plans: Array,
) -> Array:  # fmt: skip
    """Learn `events` in order; returns the vectors of the accounts that came due, in order.

    `lines` is `state` seen as bytes; `platform_state` (1,) the partition's own record; `seen` the
    two generations of event ids and `fill` their count; `due_at` (n,) receives the position in
    `events` of each returned vector, `known` (n,) how many events of the account were learnt by
    then and `plans` (n,) its plan.
    """
    vectors = np.empty((64, WIDTH), dtype=np.float64)
    count = 0
    for i in range(len(events)):
        if i % TOUCH == 0:
            touch(lines, rows, i, min(i + TOUCH, len(events)))
        row = state[rows[i]]
        if index.seen_before(seen[0], seen[1], fill, events[i].event):
            row.duplicates += 1
            continue
        learn(row, events[i])
        observe(platform_state[0], events[i])
        if due(row):
            if count == len(vectors):
                wider = np.empty((2 * count, WIDTH), dtype=np.float64)
                wider[:count] = vectors
                vectors = wider
            read(row, platform_state[0], vectors[count])
            due_at[count] = i
            known[count] = row.events
            plans[count] = row.plan
            count += 1
            row.unscored = 0
            row.scored_t = row.last_t
    return vectors[:count]


@njit(cache=True)
def read_all(state: Array, platform_state: Array, rows: Array) -> Array:
    """Give the vectors of `rows` as they stand now, shape (len(rows), WIDTH)."""
    vectors = np.empty((len(rows), WIDTH), dtype=np.float64)
    for i in range(len(rows)):
        read(state[rows[i]], platform_state[0], vectors[i])
    return vectors
