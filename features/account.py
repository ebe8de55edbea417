"""What one event changes in an account's row: which family learns what, and what nobody does.

Each event is judged against what was known before it is learnt. Here stand the rules of what
counts: credits are never evidence, official features and retries keep no time of the customer's,
and an event from the past moves no clock.
"""

from __future__ import annotations

from typing import Any, Final

from numba import njit

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
    rest,
    surface,
    templates,
    travel,
    turns,
)  # fmt: skip
from streams.vocabulary import MODES, NETWORKS, EventType

GESTURE: Final = 10_000_000  # official jobs this close together (microseconds) are one act
RESYNC: Final = 8  # so many events in a row from the past: the account's clock had run ahead
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
