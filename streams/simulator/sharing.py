"""Abusive families in which several people use one account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import catalogue, honest, life, machines, people, world
from streams.simulator.habits import HONEST
from streams.simulator.rows import blank, joined
from streams.vocabulary import AUTHS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.seats import Seat

_SHARERS: Final = ("casual", "power_user", "night_owl", "traveller", "two_devices", "vpn_user")
_SAME_CITY: Final = 0.35


def shared_by(people_count: int) -> Callable[[Generator, Seat], NDArray[Any]]:
    """Give the family of accounts shared by so many people, each living their own life."""

    def shared(rng: Generator, seat: Seat) -> NDArray[Any]:
        city = int(rng.integers(len(world.CITIES)))
        lives = []
        for which in range(people_count):
            habits = replace(HONEST[str(rng.choice(_SHARERS))], rate_shift=0.3)
            here = city if rng.random() < _SAME_CITY else None
            person = people.meet(rng, habits, seat.person(which), seat.number, here)
            lives.append(honest.live(rng, habits, person, seat.window))
        return joined(lives)

    return shared


def resale_pool(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Sell a password: many buyers in many places, each for a little while."""
    buyers = int(rng.integers(8, 26))
    habits = replace(
        HONEST["casual"], rate_shift=-0.3, devices=1, sitting=6.0, relogin=0.9, mistyped=0.3
    )
    lives = []
    for which in range(buyers):
        person = people.meet(rng, habits, seat.person(which), seat.number)
        lives.append(_bought(rng, honest.live(rng, habits, person, seat.window)))
    return joined(lives)


def _bought(rng: Generator, rows: NDArray[Any]) -> NDArray[Any]:
    """Keep a buyer's stretch of use: access is bought by the week."""
    if not len(rows):
        return rows
    first, last = int(rows["t"][0]), int(rows["t"][-1])
    begin = first + int(rng.uniform(-0.3, 0.8) * (last - first))
    end = begin + int(rng.uniform(0.2, 0.6) * (last - first + 1))
    return rows[(rows["t"] >= begin) & (rows["t"] <= end)]


def reseller_proxy(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Resell: strangers' requests, day and night, through a few rented machines.

    Customers never see the platform's pages; the service fetches their results.
    """
    customers = int(rng.integers(15, 60))
    habits = replace(HONEST["casual"], variations=0.0, rate_shift=0.3, again=0.15)
    asked = [
        honest.asked(rng, habits, seat.window, float(rng.choice(world.OFFSET_HOURS)))[0]
        for _ in range(customers)
    ]
    requests = np.sort(np.concatenate(asked), order="t")
    if not len(requests):
        return blank(0)
    _, first, requests["sitting"] = np.unique(
        requests["t"] // (6 * catalogue.HOUR), return_index=True, return_inverse=True
    )
    starts = requests["t"][first] - catalogue.SECOND
    requests["press"] = np.arange(len(requests))
    requests["mode"] = catalogue.QUOTA
    sittings = machines.hosted(rng, seat.number, starts, machines=int(rng.integers(1, 4)))
    how = replace(machines.fetching(rng), viewed=0.0, pointer=0.0, auth=AUTHS["token"])
    return life.unfold(rng, sittings, requests, how)
