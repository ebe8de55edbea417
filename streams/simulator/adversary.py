"""A bot that is tuned: six knobs, for whoever looks for the settings that are not noticed.

It stands outside the families, for it has no fixed habit; `tuned` gives a population in which every
account of one persona is such a bot instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import accounts, bots, honest, life, machines, people, prompts
from streams.simulator.life import Manners
from streams.simulator.simulation import Simulation

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.seats import Seat

STAND_IN: Final = "jittered_bot"
"""The persona whose accounts are replaced."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """What the author of a bot can turn."""

    rate: float  # requests a day
    jitter: float  # standard deviation of the log of a gap
    sleep: float  # hours of night
    viewed: float  # share of results looked at, with gestures to match
    words: float  # prompts it knows
    devices: float  # it pretends to be on


@dataclass(frozen=True)
class Tuned(Simulation):
    """A population in which one persona's accounts are bots with these knobs."""

    knobs: Knobs = Knobs(300.0, 0.0, 0.0, 0.0, 8.0, 1.0)

    def lived(self, seat: Seat) -> NDArray[Any]:
        if seat.persona != STAND_IN:
            return super().lived(seat)
        rng = seat.generator()
        rows = driven(rng, seat, self.knobs)
        return accounts.furnish(rng, seat, rows, abusive=True, paid=1.0)


def driven(rng: Generator, seat: Seat, knobs: Knobs) -> NDArray[Any]:
    """Live by the knobs, from the owner's machines at the owner's home."""
    hours = 24.0 - knobs.sleep
    starts, lengths = machines.stints(rng, seat.window, hours, 1.0)
    gap = hours * 3600 / knobs.rate
    noise = rng.normal(-(knobs.jitter**2) / 2, knobs.jitter, int(2 * lengths.sum() / gap) + 50)
    t, stint = machines.paced(starts, lengths, gap * np.exp(noise))
    requests = machines.jobs(rng, t, stint)
    prompts.fill_slots(rng, requests, max(round(knobs.words / 20), 1), max(round(knobs.words), 1))
    requests["params"] = 1 + int(rng.integers(2**31))
    requests["seed"] = -1
    person = people.meet(rng, bots.OWNER, seat.person(), 0)
    sittings = machines.at_home(rng, person, starts)
    # The same browser under several names: it costs nothing to say another device.
    sittings["device"] += rng.integers(0, max(round(knobs.devices), 1), len(sittings)).astype("u8")
    honest.begin_sessions(rng, sittings, 0.1)
    how = Manners(viewed=knobs.viewed, downloaded=0.5, pointer=14.0 * knobs.viewed)
    return life.unfold(rng, sittings, requests, how)
