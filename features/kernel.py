"""The one compiled loop that turns events into feature state, live and in replay alike.

Each event is judged against what was known before it is learnt. The rule for when an account is
scored again lives here too, so that a replay scores at the same places however the log is cut.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from features import burn, cadence, content, identity, index, interaction, networks, rest
from streams.vocabulary import MODES, NETWORKS, EventType

Array = Any

HEADER: Final = [
    ("account", "u8"),
    ("first_t", "i8"),
    ("last_t", "i8"),
    ("scored_t", "i8"),
    ("official_last", "i8"),  # last request by an official feature
    ("paid_job", "u8"),  # the last job paid for with credits
    ("events", "u4"),
    ("acts", "u4"),
    ("late", "u4"),
    ("duplicates", "u4"),
    ("unscored", "u2"),  # acts since the account was last scored
    ("late_run", "u1"),
    ("failed", "u1"),  # 1 when the last job to end failed: the next request is a retry
]
FAMILIES: Final = (cadence, rest, interaction, content, burn, identity, networks)
STATE: Final = np.dtype(
    [*HEADER, *(field for family in FAMILIES for field in family.FIELDS)], align=True
)

GESTURE: Final = 10_000_000  # official jobs this close together (microseconds) are one act
RESYNC: Final = 8  # so many events in a row from the past: the account's clock had run ahead
RESCORE_ACTS: Final = 8
RESCORE_AFTER: Final = 60_000_000
TOUCH: Final = 256
LINE: Final = 64

_REQUESTED: Final = int(EventType.GENERATION_REQUESTED)
_COMPLETED: Final = int(EventType.GENERATION_COMPLETED)
_FAILED: Final = int(EventType.GENERATION_FAILED)
_VIEWED: Final = int(EventType.RESULT_VIEWED)
_DOWNLOADED: Final = int(EventType.RESULT_DOWNLOADED)
_TOUCHED: Final = int(EventType.UI_INTERACTION)
_CREDITS: Final = MODES["credits"]
_HOSTING: Final = NETWORKS["hosting"]
_VPN: Final = NETWORKS["vpn"]

_CADENCE: Final = 1  # the vector begins with the number of acts
_REST: Final = _CADENCE + len(cadence.NAMES)
_INTERACTION: Final = _REST + len(rest.NAMES)
_CONTENT: Final = _INTERACTION + len(interaction.NAMES)
_BURN: Final = _CONTENT + len(content.NAMES)
_IDENTITY: Final = _BURN + len(burn.NAMES)
_NETWORKS: Final = _IDENTITY + len(identity.NAMES)
WIDTH: Final = _NETWORKS + len(networks.NAMES)
NAMES: Final = ("acts", *(name for family in FAMILIES for name in family.NAMES))


@njit(cache=True)
def in_order(row: Any, t: int) -> bool:
    """Tell whether the event is not from the account's past; recover from a clock run ahead."""
    if t >= row.last_t:
        row.last_t = t
        row.late_run = 0
        return True
    row.late += 1
    row.late_run += 1
    if row.late_run < RESYNC:
        return False
    row.last_t = t
    row.late_run = 0
    forget_times(row, t)
    return True


@njit(cache=True)
def forget_times(row: Any, t: int) -> None:
    """Drop every remembered moment, as they may lie in the future; counts and sums stay."""
    row.act_last = 0
    row.rest_last = 0
    row.done_last = 0
    row.content_last = 0
    row.official_last = 0
    row.device_last[:] = 0
    row.device_left = 0
    row.scored_t = 0
    burn.turn_back(row, t)


@njit(cache=True)
def is_gesture(row: Any, event: Any) -> bool:
    """Tell whether a request is a person's new gesture.

    Jobs that an official feature sends close together are the one gesture that asked for them.
    """
    if event.official == 0:
        return True
    fresh = event.t - row.official_last >= GESTURE
    row.official_last = event.t
    return bool(fresh)


@njit(cache=True)
def seen_from(row: Any, event: Any) -> None:
    """Learn which device and network a gesture came from."""
    if event.device != 0:
        # Where a VPN comes out says nothing of where its user is.
        country = 0 if event.network == _VPN else event.country
        identity.acted(row, event.t, event.device, event.block, country, event.model)
    networks.update(row, event.block, event.country, event.network == _HOSTING)
    if event.agent != 0:
        networks.declared(row, event.declared)


@njit(cache=True)
def act(row: Any, event: Any) -> None:
    """Learn one act: a request that the customer, not an official feature, timed and filled in."""
    cadence.update(row, event.t)
    rest.update(row, event.t)
    interaction.requested(row, event.t)
    content.update(row, event.t, event.sketch, event.params, event.seed)
    row.acts += 1
    row.unscored += 1


@njit(cache=True)
def requested(row: Any, event: Any, ordered: bool) -> None:
    """Learn a request. What is paid for with credits is never evidence: quota has the fair use."""
    if event.mode == _CREDITS:
        row.paid_job = event.job
        return
    burn.update(row, event.t, event.units)
    if not ordered:
        return
    if row.failed != 0:
        # The retry of a failed job, by the browser or by hand, keeps no time of the customer's.
        row.failed = 0
        cadence.skip(row, event.t)
        return
    if is_gesture(row, event):
        seen_from(row, event)
        if event.official == 0:
            act(row, event)


@njit(cache=True)
def learn(row: Any, event: Any) -> None:
    """Update one account's row with one event."""
    if row.events == 0:
        row.first_t = event.t
    row.events += 1
    ordered = in_order(row, event.t)
    kind = event.type
    if kind == _REQUESTED:
        requested(row, event, ordered)
    elif kind in (_COMPLETED, _FAILED):
        if ordered and (event.job == 0 or event.job != row.paid_job):
            row.failed = kind == _FAILED
            if kind == _COMPLETED:
                interaction.completed(row, event.t)
    elif kind == _VIEWED:
        interaction.viewed(row)
    elif kind == _DOWNLOADED:
        interaction.downloaded(row)
    elif kind == _TOUCHED:
        interaction.gestured(row, event.pointer, event.keys)


@njit(cache=True)
def due(row: Any) -> bool:
    if row.unscored == 0 or row.acts < cadence.LEAST:
        return False
    return bool(row.unscored >= RESCORE_ACTS or row.last_t - row.scored_t >= RESCORE_AFTER)


@njit(cache=True)
def read(row: Any, out: Any) -> None:
    """Write the row's feature vector, shape (WIDTH,), to `out`. Changes nothing in the row."""
    out[0] = row.acts
    cadence.read(row, out, _CADENCE)
    rest.read(row, out, _REST)
    interaction.read(row, out, _INTERACTION)
    content.read(row, out, _CONTENT)
    burn.read(row, out, _BURN)
    identity.read(row, out, _IDENTITY)
    networks.read(row, out, _NETWORKS)


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
    state: Array, lines: Array, rows: Array, events: Array, seen: Any, fill: Array,
    due_at: Array, known: Array,
) -> Array:  # fmt: skip
    """Learn `events` in order; returns the vectors of the accounts that came due, in order.

    `lines` is `state` seen as bytes; `seen` the two generations of event ids and `fill` their
    count; `due_at` (n,) receives the position in `events` of each returned vector and `known` (n,)
    how many events of the account were learnt by then.
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
        if due(row):
            if count == len(vectors):
                wider = np.empty((2 * count, WIDTH), dtype=np.float64)
                wider[:count] = vectors
                vectors = wider
            read(row, vectors[count])
            due_at[count] = i
            known[count] = row.events
            count += 1
            row.unscored = 0
            row.scored_t = row.last_t
    return vectors[:count]


@njit(cache=True)
def read_all(state: Array, rows: Array) -> Array:
    """Give the vectors of `rows` as they stand now, shape (len(rows), WIDTH)."""
    vectors = np.empty((len(rows), WIDTH), dtype=np.float64)
    for i in range(len(rows)):
        read(state[rows[i]], vectors[i])
    return vectors
