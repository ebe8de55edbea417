"""Abusive families in which a script works beside a person, on the person's own session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streams.simulator import bots, catalogue, honest, life, machines, people
from streams.simulator.accounts import silent
from streams.simulator.habits import HONEST
from streams.simulator.rows import ABSENT, ORIGIN_FIELDS, joined
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.seats import Seat


def copied_cookie(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Copy a person's session cookie to a rented machine, which works in bursts.

    The session continues under another address and agent; the device is not said.
    """
    owner = _owner(rng, seat)
    starts, lengths = machines.stints(rng, seat.window, rng.uniform(0.2, 2), rng.uniform(0.3, 0.9))
    sittings = machines.hosted(rng, seat.number, starts, machines=int(rng.integers(1, 3)))
    sittings["login"] = False
    gaps = rng.exponential(np.exp(rng.uniform(np.log(15), np.log(120))), 20_000)
    t, stint = machines.paced(starts, np.minimum(lengths, 3600 * 6), gaps)
    requests = machines.jobs(rng, t, stint)
    machines.scripted(rng, requests)
    script = life.unfold(rng, sittings, requests, machines.fetching(rng))
    script = script[script["type"] != EventType.SESSION_REFRESHED]
    return _in_session(owner, silent(script, "device"))


def human_plus_script(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Let a person start a userscript in their own browser and leave it to loop."""
    owner = _owner(rng, seat)
    asked = owner[owner["type"] == EventType.GENERATION_REQUESTED]
    if not len(asked):
        return owner
    count = min(len(asked), 1 + int(seat.window.days * rng.uniform(0.3, 1.2)))
    anchors = np.sort(rng.choice(len(asked), count, replace=False))
    starts = asked["t"][anchors] + rng.integers(20, 600, count) * catalogue.SECOND
    lengths = np.exp(rng.normal(np.log(2400), 0.8, count))
    lengths[:-1] = np.minimum(lengths[:-1], np.maximum(np.diff(starts) / 1e6 - 30, 30.0))
    person = people.meet(rng, bots.OWNER, seat.person(), 0)
    sittings = machines.at_home(rng, person, starts)
    for name in ORIGIN_FIELDS:
        sittings[name] = asked[name][anchors]
    sittings["login"] = False
    requests = bots.loop(rng, starts, lengths, most=150)
    machines.scripted(rng, requests)
    script = life.unfold(rng, sittings, requests, machines.fetching(rng))
    return _in_session(owner, script[script["type"] != EventType.SESSION_REFRESHED])


def _owner(rng: Generator, seat: Seat) -> NDArray[Any]:
    habits = HONEST["power_user" if rng.random() < 0.3 else "night_owl"]  # noqa: PLR2004 - three owners in ten are heavy users
    person = people.meet(rng, habits, seat.person(), 0)
    return honest.live(rng, habits, person, seat.window)


def _in_session(owner: NDArray[Any], script: NDArray[Any]) -> NDArray[Any]:
    """Let the script's events carry whatever session the owner's device last held."""
    latest = np.searchsorted(owner["t"], script["t"], side="right") - 1
    script["session"] = owner["session"][np.maximum(latest, 0)] if len(owner) else ABSENT
    return joined([owner, script], same_sessions=True)
