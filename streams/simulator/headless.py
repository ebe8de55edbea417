"""The abusive family that drives the website itself, from a browser nobody looks at.

The browser says it is an ordinary one. The program opens the page, fills the form, waits for the
result, saves it and takes the next prompt from its list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from streams.simulator import bots, life, machines, people, world
from streams.simulator.life import Manners

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.seats import Seat


def headless_script(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Drive the page: clicks but hardly a key, every result opened at once, waits of seconds."""
    hours = float(rng.uniform(0.5, 6))
    starts, lengths = machines.stints(rng, seat.window, hours, rng.uniform(0.4, 1.0))
    requests = bots.loop(rng, starts, lengths)
    # Besides the wait for the result there is one that its author made up against detection.
    breaks = rng.gamma(1.5, rng.uniform(2.0, 20.0), len(requests))
    requests = _delayed(requests, breaks, starts, lengths)
    machines.scripted(rng, requests)
    requests["seed"] = -1
    person = people.meet(rng, bots.OWNER, seat.person(), 0)
    sittings = machines.at_home(rng, person, starts)
    if rng.random() < 0.5:  # noqa: PLR2004 - half of them run on a rented machine
        sittings = machines.hosted(rng, seat.number, starts)
        sittings["agent"] = world.desk(rng)
        sittings["client"] = world.CLIENT_OF[sittings["agent"]]
    return life.unfold(rng, sittings, requests, _driven(rng))


def _delayed(
    requests: NDArray[Any],
    breaks: NDArray[np.float64],
    starts: NDArray[np.int64],
    lengths: NDArray[np.float64],
) -> NDArray[Any]:
    """Stretch every stint by its breaks; what no longer fits into it is not sent."""
    stint = requests["sitting"]
    total = np.cumsum(breaks)
    late = total - total[np.searchsorted(stint, stint)]
    requests["t"] += (late * 1e6).astype(np.int64)
    ends = starts + (lengths * 1e6).astype(np.int64)
    kept: NDArray[Any] = requests[requests["t"] < ends[stint]]
    return kept


def _driven(rng: Generator) -> Manners:
    return Manners(
        viewed=float(rng.uniform(0.9, 1.0)),
        dwell_s=float(rng.uniform(0.3, 1.5)),
        view_delay_s=float(rng.uniform(0.3, 1.0)),
        downloaded=float(rng.uniform(0.7, 1.0)),
        pointer=float(rng.uniform(1.0, 4.0)),
        keys=0.3,
        auth=int(rng.integers(1, 5)),
    )
