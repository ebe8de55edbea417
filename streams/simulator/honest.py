"""Honest traffic: a person asks, waits or does not, looks, and asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import catalogue, life, people, prompts, rhythm, world
from streams.simulator.chance import bits, happens
from streams.simulator.habits import HONEST, Habits
from streams.simulator.rows import REQUEST

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.people import Person
    from streams.simulator.rhythm import Window
    from streams.simulator.seats import Seat

GROUP_SIZES: Final = {"home": 3, "office": 12, "vpn": 20, "carrier": 40, "school": 25, "": 1}


def persona(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Give the traffic of an honest account: one person who lives by the persona's habits."""
    habits = HONEST[seat.persona]
    group = seat.group(GROUP_SIZES[habits.share_address])
    person = people.meet(rng, habits, seat.person(), group)
    return live(rng, habits, person, seat.window)


def live(rng: Generator, habits: Habits, person: Person, window: Window) -> NDArray[Any]:
    """One person's events in the window."""
    requests, starts = asked(rng, habits, window, world.OFFSET_HOURS[person.city])
    sittings = people.origins(rng, habits, person, starts)
    if habits.both and len(person.devices) > 1:
        sittings = _beside(rng, habits.both, person, sittings, requests)
    how = life.manners(rng, habits)
    begin_sessions(rng, sittings, how.relogin)
    return life.unfold(rng, sittings, requests, how)


def asked(
    rng: Generator, habits: Habits, window: Window, utc_offset: float
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Give what a person asks for, and the starts of the sittings in which they do."""
    begin, sizes = rhythm.sittings(rng, habits, window, utc_offset)
    requests = np.zeros(int(sizes.sum()), dtype=REQUEST)
    requests["sitting"] = np.repeat(np.arange(len(begin)), sizes)
    _choose_models(rng, habits, requests)
    starts = window.start + (begin * catalogue.SECOND).astype(np.int64)
    _spread(rng, rhythm.pace(rng, habits.spread), requests, starts)
    requests, starts = _possible(requests, starts, window)
    requests["press"] = np.arange(len(requests))
    if len(requests):
        prompts.by_hand(rng, requests, habits.again)
    return _multiplied(rng, habits, requests), starts


def _choose_models(rng: Generator, habits: Habits, requests: NDArray[Any]) -> None:
    """Make a sitting one for images or for film; most jobs go to a favourite model."""
    count = len(requests)
    sittings = int(requests["sitting"][-1]) + 1 if count else 0
    share = np.clip(habits.video + rng.normal(0, 0.2), 0, 1)
    film = happens(rng, sittings, share)[requests["sitting"]]
    favourite = np.where(
        film, rng.choice(catalogue.VIDEO_MODELS), rng.choice(catalogue.IMAGE_MODELS)
    )
    other = np.where(film, rng.integers(4, 9, count), rng.integers(1, 4, count))
    requests["model"] = np.where(happens(rng, count, 0.15), other, favourite)
    quota = 1.0 if rng.random() < 0.4 else rng.beta(6, 2)  # noqa: PLR2004 - two in five never spend credits
    requests["mode"] = np.where(happens(rng, count, quota), catalogue.QUOTA, catalogue.CREDITS)


def _spread(
    rng: Generator, pace: rhythm.Pace, requests: NDArray[Any], starts: NDArray[np.int64]
) -> None:
    """Set the times: some gestures wait for the result before, others do not."""
    sitting = requests["sitting"]
    seconds = catalogue.quiet_latency(rng, requests["model"], requests["mode"])
    seconds *= catalogue.load(starts)[sitting]
    requests["latency"] = np.maximum(seconds * 1000, 800)
    gaps = pace.gaps(rng, sitting)
    waited = happens(rng, len(gaps), rng.uniform(0.1, 0.8))
    reaction = np.exp(rng.normal(2.3, 1.1, len(gaps)))
    previous = np.concatenate([[0.0], seconds[:-1]])[: len(gaps)]
    gaps = np.where(waited, np.maximum(gaps, previous + reaction), gaps)
    first = np.diff(sitting, prepend=-1) != 0
    gaps[first] = rng.uniform(5, 120, int(first.sum()))
    elapsed = np.cumsum(gaps)
    within = elapsed - (elapsed - gaps)[first][np.cumsum(first) - 1]
    requests["t"] = starts[sitting] + (within * catalogue.SECOND).astype(np.int64)


def _possible(
    requests: NDArray[Any], starts: NDArray[np.int64], window: Window
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Nobody sits longer than a few hours, nor sits down again before getting up."""
    sitting = requests["sitting"]
    latest = starts + int(rhythm.LONGEST_SITTING) * catalogue.SECOND
    kept = requests["t"] <= np.minimum(latest, window.end - 1)[sitting]
    ends = starts.copy()
    np.maximum.at(ends, sitting[kept], requests["t"][kept])
    free = np.ones(len(starts), dtype=bool)
    free[1:] = starts[1:] > np.maximum.accumulate(ends)[:-1]
    requests = requests[kept & free[sitting]]
    used, requests["sitting"] = np.unique(requests["sitting"], return_inverse=True)
    return requests, starts[used]


def _multiplied(rng: Generator, habits: Habits, requests: NDArray[Any]) -> NDArray[Any]:
    """Official batches and variations: one gesture, many jobs."""
    count = len(requests)
    batch = happens(rng, count, habits.batch)
    varied = (
        happens(rng, count, float(np.clip(rng.normal(habits.variations, 0.1), 0, 0.6))) & ~batch
    )
    sizes = np.where(varied, rng.integers(2, 5, count), 1)
    sizes = np.where(batch, rng.integers(5, 41, count), sizes)
    jobs = np.repeat(requests, sizes)
    turn = np.arange(len(jobs)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    jobs["t"] += turn * rng.integers(4000, 30000, len(jobs))
    jobs["latency"][turn > 0] = 0
    jobs["feature"] = np.repeat(
        np.where(batch, catalogue.BATCH, np.where(varied, catalogue.VARIATIONS, 0)), sizes
    )
    slots = (jobs["feature"] == catalogue.BATCH) & (turn > 0)
    jobs["sketch"][slots] ^= prompts.flips(rng, int(slots.sum()), 4)
    catalogue.price(jobs)
    return jobs


def _beside(
    rng: Generator, share: float, person: Person, sittings: NDArray[Any], requests: NDArray[Any]
) -> NDArray[Any]:
    """Hold some sittings on two devices at one address: work goes back and forth between them."""
    chosen = np.flatnonzero(happens(rng, len(sittings), share))
    twins = sittings[chosen].copy()
    count = len(person.devices)
    place = np.argmax(person.devices == twins["device"][:, None], axis=1)
    people.hold(twins, person, (place + rng.integers(1, count, len(chosen))) % count)
    twin_of = np.full(len(sittings), -1)
    twin_of[chosen] = len(sittings) + np.arange(len(chosen))
    spells = np.cumsum(happens(rng, len(requests), 0.25))
    odd = bits(rng, len(requests) + 1)[spells] % np.uint64(2) == 1
    other = twin_of[requests["sitting"]]
    requests["sitting"] = np.where(odd & (other >= 0), other, requests["sitting"])
    return np.concatenate([sittings, twins])


def begin_sessions(rng: Generator, sittings: NDArray[Any], relogin: float) -> None:
    """Count off the login sessions: a device stays logged in until it has to log in again."""
    sessions = 0
    for device in np.unique(sittings["device"]):
        mine = np.flatnonzero(sittings["device"] == device)
        mine = mine[np.argsort(sittings["start"][mine], kind="stable")]
        login = happens(rng, len(mine), relogin)
        login[0] = True
        sittings["login"][mine] = login
        sittings["session"][mine] = sessions + np.cumsum(login) - 1
        sessions += int(login.sum())
