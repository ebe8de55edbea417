"""From requests to events: what the platform answers and what is done with the results.

Every account passes through here, honest or not; `Manners` say how results are looked at and how
much the interface is touched. Platform answers carry no device or address: a backend wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import catalogue
from streams.simulator.chance import happens
from streams.simulator.rows import JOB_FIELDS, ORIGIN_FIELDS, blank
from streams.vocabulary import AUTHS, EventType

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.habits import Habits

_MILLISECOND: Final = 1000
_DETAILS: Final = ("t", "job", "type", "latency", "dwell", "pointer", "keys", "visible", "auth")


@dataclass(frozen=True, slots=True)
class Manners:
    """What follows a request."""

    viewed: float = 0.0  # share of results looked at
    dwell_s: float = 7.0  # median
    view_delay_s: float = 4.0
    downloaded: float = 0.0
    shared: float = 0.0
    pointer: float = 0.0  # mean gestures for one press; both 0 = the interface is never touched
    keys: float = 0.0
    relogin: float = 0.1  # share of sittings that begin with a new login
    auth: int = AUTHS["password"]
    mistyped: float = 0.05  # failed logins for one login


def manners(rng: Generator, habits: Habits) -> Manners:
    """Draw how one person treats results and interface."""
    return Manners(
        viewed=float(rng.beta(7, 2)),
        dwell_s=float(np.exp(rng.normal(1.9, 0.6))),
        view_delay_s=float(np.exp(rng.normal(1.2, 0.7))),
        downloaded=float(rng.beta(1.5, 4)),
        shared=float(rng.beta(1, 30)),
        pointer=habits.pointer * float(np.exp(rng.normal(0, 0.5))),
        keys=habits.keys * float(np.exp(rng.normal(0, 0.6))),
        relogin=float(rng.beta(1 + 5 * habits.relogin, 6 - 5 * habits.relogin)),
        auth=int(rng.integers(1, 5)),
        mistyped=habits.mistyped * float(rng.uniform(0.3, 2.0)),
    )


def unfold(
    rng: Generator, sittings: NDArray[Any], requests: NDArray[Any], how: Manners
) -> NDArray[Any]:
    """All events of one person's (or program's) requests, in time order."""
    if not len(requests):
        return blank(0)
    requests = requests[np.argsort(requests["t"], kind="stable")]
    catalogue.run(rng, requests)
    parts = [_requested(requests), _finished(requests)]
    parts += _looked_at(rng, requests, how)
    _stay_until(sittings, parts)
    if how.pointer or how.keys:
        parts.append(_touched(rng, requests, how))
    parts += _logins(rng, sittings, how)
    rows = blank(sum(len(part["t"]) for part in parts))
    _write(rows, parts, sittings)
    rows[list(JOB_FIELDS)][: len(requests)] = requests[list(JOB_FIELDS)]
    rows["t"] -= rows["t"] % _MILLISECOND
    return rows[np.argsort(rows["t"], kind="stable")]


def _write(
    rows: NDArray[Any], parts: list[dict[str, NDArray[Any]]], sittings: NDArray[Any]
) -> None:
    """Lay the parts one after the other and add where each event came from."""
    sitting = np.concatenate([part["sitting"] for part in parts])
    for name in ORIGIN_FIELDS:
        rows[name] = sittings[name][sitting]
    at = 0
    for part in parts:
        here = slice(at, at + len(part["t"]))
        for name in _DETAILS:
            if name in part:
                rows[name][here] = part[name]
        at = here.stop
    backend = np.isin(rows["type"], (EventType.GENERATION_COMPLETED, EventType.GENERATION_FAILED))
    nowhere = blank(1)[0]
    for name in ORIGIN_FIELDS[1:]:
        rows[name][backend] = nowhere[name]


def _of(kind: int, requests: NDArray[Any], which: NDArray[Any], t: NDArray[Any]) -> dict[str, Any]:
    return {
        "t": t,
        "type": np.full(len(t), kind),
        "sitting": requests["sitting"][which],
        "job": which,
    }


def _requested(requests: NDArray[Any]) -> dict[str, NDArray[Any]]:
    every = np.arange(len(requests))
    return _of(EventType.GENERATION_REQUESTED, requests, every, requests["t"])


def _finished(requests: NDArray[Any]) -> dict[str, NDArray[Any]]:
    every = np.arange(len(requests))
    part = _of(EventType.GENERATION_COMPLETED, requests, every, _done(requests))
    part["type"] = np.where(
        requests["failed"], EventType.GENERATION_FAILED, EventType.GENERATION_COMPLETED
    )
    part["latency"] = requests["latency"]
    return part


def _done(requests: NDArray[Any]) -> NDArray[np.int64]:
    done: NDArray[np.int64] = requests["t"] + requests["latency"].astype(np.int64) * _MILLISECOND
    return done


def _looked_at(rng: Generator, requests: NDArray[Any], how: Manners) -> list[dict[str, Any]]:
    """Add views, and what some of them lead to; a program downloads without a view."""
    ready = np.flatnonzero(~requests["failed"])
    seen = ready[happens(rng, len(ready), how.viewed)]
    delay = np.exp(rng.normal(np.log(how.view_delay_s), 0.9, len(seen)))
    dwell = np.exp(rng.normal(np.log(how.dwell_s), 1.0, len(seen)))
    at = _done(requests)[seen] + (delay * catalogue.SECOND).astype(np.int64)
    views = _of(EventType.RESULT_VIEWED, requests, seen, at)
    views["dwell"] = (dwell * 1000).astype(np.int32)
    parts = [views]
    base, when = (seen, at) if len(seen) else (ready, _done(requests)[ready])
    for kind, share in (
        (EventType.RESULT_DOWNLOADED, how.downloaded),
        (EventType.RESULT_SHARED, how.shared),
    ):
        taken = np.flatnonzero(happens(rng, len(base), share))
        later = (rng.uniform(0.3, 6.0, len(taken)) * catalogue.SECOND).astype(np.int64)
        parts.append(_of(kind, requests, base[taken], when[taken] + later))
    return parts


def _stay_until(sittings: NDArray[Any], parts: list[dict[str, Any]]) -> None:
    """Let a sitting last at least until the last thing done in it."""
    for part in parts:
        np.maximum.at(sittings["end"], part["sitting"], part["t"])
    sittings["end"] += 20 * catalogue.SECOND


def _touched(rng: Generator, requests: NDArray[Any], how: Manners) -> dict[str, NDArray[Any]]:
    """Count gestures, sent now and then; those of one press lie before its request."""
    first = np.flatnonzero(np.diff(requests["press"], prepend=-1) != 0)
    sitting = requests["sitting"][first]
    sent = happens(rng, len(first), 0.5)
    sent[-1] = True
    sent[:-1] |= sitting[1:] != sitting[:-1]
    begin = np.concatenate([[0], np.flatnonzero(sent)[:-1] + 1])
    pointer = rng.poisson(how.pointer * rng.gamma(1.5, 1 / 1.5, len(first)))
    keys = rng.poisson(how.keys * rng.gamma(0.8, 1 / 0.8, len(first)))
    at = requests["t"][first]
    before = (rng.uniform(0.05, 2.0, len(first)) * catalogue.SECOND).astype(np.int64)
    since = np.minimum((at - at[begin][np.cumsum(sent) - sent]) // _MILLISECOND, 1_800_000)
    visible = since * rng.uniform(0.3, 1.0, len(first)) + rng.uniform(2000, 30000, len(first))
    return {
        "t": (at - before)[sent],
        "type": np.full(int(sent.sum()), int(EventType.UI_INTERACTION)),
        "sitting": sitting[sent],
        "pointer": np.add.reduceat(pointer, begin),
        "keys": np.add.reduceat(keys, begin),
        "visible": visible[sent].astype(np.int64),
    }


def _logins(rng: Generator, sittings: NDArray[Any], how: Manners) -> list[dict[str, Any]]:
    """Session starts, refreshes, ends and mistyped passwords, from the sittings' login marks."""
    login = np.flatnonzero(sittings["login"])
    again = np.flatnonzero(~sittings["login"])
    wrong = login[happens(rng, len(login), how.mistyped)]
    left = np.flatnonzero(happens(rng, len(sittings), how.relogin / 2))
    moments = (
        (EventType.SESSION_STARTED, login, sittings["start"][login]),
        (EventType.SESSION_REFRESHED, again, sittings["start"][again]),
        (EventType.LOGIN_FAILED, wrong, sittings["start"][wrong] - 9 * catalogue.SECOND),
        (EventType.SESSION_ENDED, left, sittings["end"][left]),
    )
    parts: list[dict[str, Any]] = [
        {"t": t, "type": np.full(len(t), int(kind)), "sitting": which} for kind, which, t in moments
    ]
    parts[0]["auth"] = np.full(len(login), how.auth)
    return parts
