"""The account farm: many accounts, one operator, each kept low and slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import addresses, honest, life, machines, people, prompts, world
from streams.simulator.chance import bits, mixed_one
from streams.simulator.rows import SITTING

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.seats import Seat

SIZE: Final = 10
_DEVICES: Final = 4


def account_farm(rng: Generator, seat: Seat) -> NDArray[Any]:
    """One of a farm's accounts: its devices, agents, exits and templates are the farm's.

    Gaps are log-normal and there is a night, so that no account stands out by its clock alone.
    """
    farm = seat.group_generator(SIZE)
    gap = float(np.exp(rng.uniform(np.log(120), np.log(900))))
    hours = float(np.clip(rng.uniform(10, 45) * gap / 3600, 1, 15))
    starts, lengths = machines.stints(rng, seat.window, hours, rng.uniform(0.7, 1.0))
    gaps = gap * np.exp(rng.normal(-0.3, 0.75, int(1.4 * lengths.sum() / gap) + 50))
    t, stint = machines.paced(starts, lengths, gaps)
    requests = machines.jobs(rng, t, stint)
    _farm_prompts(rng, farm, requests)
    sittings = _farm_machines(rng, farm, seat, starts)
    return life.unfold(rng, sittings, requests, machines.fetching(rng))


def _farm_prompts(rng: Generator, farm: Generator, requests: NDArray[Any]) -> None:
    """All accounts fill the same few templates from the same list of words."""
    templates = bits(farm, 3)
    words = prompts.flips(farm, 60, 4)
    picked, slot = rng.integers(0, 3, len(requests)), rng.integers(0, 60, len(requests))
    requests["sketch"] = templates[picked] ^ words[slot]
    requests["chars"] = farm.integers(60, 200, 3)[picked] + farm.integers(-8, 9, 60)[slot]
    requests["params"] = farm.integers(1, 2**31, 2)[rng.integers(0, 2, len(requests))]
    requests["seed"] = -1


def _farm_machines(
    rng: Generator, farm: Generator, seat: Seat, starts: NDArray[np.int64]
) -> NDArray[Any]:
    sittings = np.zeros(len(starts), dtype=SITTING)
    sittings["start"] = starts - 3_000_000
    farm_number = mixed_one(seat.group(SIZE) + (seat.seed << 20), salt=61) >> 20
    city = int(farm.integers(len(world.CITIES)))
    agents = farm.integers(0, world.FIRST_HAND_HELD, _DEVICES)
    place = rng.integers(0, _DEVICES, len(starts))
    sittings["device"] = (farm_number * 8 + place).astype(np.uint64)
    sittings["agent"] = agents[place]
    sittings["client"] = world.CLIENT_OF[agents[place]]
    sittings["attested"] = -1
    exits = addresses.token(farm_number + rng.integers(0, 15, len(starts)))
    people.Line("residential", exits, city, farm_number).serve(sittings)
    honest.begin_sessions(rng, sittings, 0.3)
    return sittings
