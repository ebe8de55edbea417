"""The one compiled loop that turns events into feature state, live and in replay alike.

Each event is judged against what was known before it is learnt. The rule for when an account is
scored again lives here too, so that a replay scores at the same places however the log is cut.
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
from streams.vocabulary import MODES, NETWORKS, EventType

Array = Any

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
_SHARED: Final = int(EventType.RESULT_SHARED)
_TOUCHED: Final = int(EventType.UI_INTERACTION)
_LOGGED_IN: Final = int(EventType.SESSION_STARTED)
_PASSED: Final = int(EventType.CHALLENGE_PASSED)
_FAILED_IT: Final = int(EventType.CHALLENGE_FAILED)
_CREDITS: Final = MODES["credits"]
_HOSTING: Final = NETWORKS["hosting"]
_VPN: Final = NETWORKS["vpn"]

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
_AT: Final = _places()
_CADENCE: Final = _AT["cadence"]
_SEQUENCE: Final = _AT["sequence"]
_PHASES: Final = _AT["phases"]
_REST: Final = _AT["rest"]
_INTERACTION: Final = _AT["interaction"]
_TURNS: Final = _AT["turns"]
_RECENT: Final = _AT["recent"]
_CONTENT: Final = _AT["content"]
_TEMPLATES: Final = _AT["templates"]
_BURN: Final = _AT["burn"]
_IDENTITY: Final = _AT["identity"]
_LOGINS: Final = _AT["logins"]
_NETWORKS: Final = _AT["networks"]
_TRAVEL: Final = _AT["travel"]
_SURFACE: Final = _AT["surface"]
_CONTEXT: Final = _AT["context"]
_PLATFORM: Final = _AT["platform"]


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
    row.place_t = 0
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
    """Learn which device, network, place and client a gesture came from."""
    hosted = event.network == _HOSTING
    veiled = event.network == _VPN
    if event.device != 0:
        # Where a VPN comes out says nothing of where its user is.
        country = 0 if veiled else event.country
        identity.acted(row, event.t, event.device, event.block, country, event.model)
    if not (hosted or veiled):
        travel.update(row, event.t, event.lat, event.lon, event.device)
    networks.update(row, event.block, event.country, hosted)
    surface.update(row, event)
    context.gestured(row, event.official, event.network)


@njit(cache=True)
def act(row: Any, event: Any) -> None:
    """Learn one act: a request that the customer, not an official feature, timed and filled in."""
    cadence.update(row, event.t)
    phases.update(row, event.t)
    rest.update(row, event.t)
    interaction.requested(row, event.t)
    content.update(row, event.t, event.sketch, event.params, event.seed)
    templates.update(row, event.sketch)
    row.acts += 1
    row.unscored += 1


@njit(cache=True)
def requested(row: Any, event: Any, ordered: bool) -> None:
    """Learn a request. What is paid for with credits is never evidence: quota has the fair use."""
    context.requested(row, event.mode == _CREDITS)
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
        turns.update(row, event.type)
        seen_from(row, event)
        if event.official == 0:
            act(row, event)


@njit(cache=True)
def fetched(row: Any, event: Any) -> None:
    """Learn that a result was looked at, downloaded or shared."""
    if event.type == _VIEWED:
        interaction.viewed(row)
    elif event.type == _DOWNLOADED:
        interaction.downloaded(row)
    networks.fetched(row, event.block)


@njit(cache=True)
def ended(row: Any, event: Any) -> None:
    """Learn that a job of the quota ended; what ended in failure is asked for again at once."""
    if event.job == 0 or event.job != row.paid_job:
        row.failed = event.type == _FAILED
        if event.type == _COMPLETED:
            interaction.completed(row, event.t)


@njit(cache=True)
def subscribed(row: Any, event: Any, ordered: bool) -> None:
    """Learn the plan, if the event tells it."""
    if ordered and event.plan != 0:
        row.plan = event.plan


@njit(cache=True)
def learn(row: Any, event: Any) -> None:
    """Update one account's row with one event."""
    if row.events == 0:
        row.first_t = event.t
    row.events += 1
    ordered = in_order(row, event.t)
    subscribed(row, event, ordered)
    kind = event.type
    if ordered and kind != _REQUESTED:
        turns.update(row, kind)
    if kind == _REQUESTED:
        requested(row, event, ordered)
    elif kind in (_COMPLETED, _FAILED):
        if ordered:
            ended(row, event)
    elif kind in (_VIEWED, _DOWNLOADED, _SHARED):
        fetched(row, event)
    elif kind == _TOUCHED:
        interaction.gestured(row, event.pointer, event.keys)
        context.stroked(row, event.pointer, event.keys)
    elif kind == _LOGGED_IN:
        logins.started(row, event.block, event.country, event.device, event.system)
    elif kind in (_PASSED, _FAILED_IT):
        context.challenged(row, kind == _PASSED)


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
