"""Where and when programs run: stints of work, the machine they run on, the jobs they send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import addresses, catalogue, people, prompts, world
from streams.simulator.chance import bits, happens
from streams.simulator.honest import begin_sessions
from streams.simulator.life import Manners
from streams.simulator.rows import ABSENT, REQUEST, SITTING

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.people import Person
    from streams.simulator.rhythm import Window

LEAST_GAP: Final = 0.05
_LOGIN: Final = 3 * catalogue.SECOND  # from opening the session to the first request


def stints(
    rng: Generator, window: Window, hours: float, share: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give starts and lengths (seconds) of a program's working days; about `share` of the days."""
    days = np.flatnonzero(happens(rng, max(int(np.ceil(window.days)), 1), share))
    if not len(days):
        days = np.array([0])
    begin = rng.uniform(0, 24) + rng.normal(0, rng.uniform(0.0, 1.5), len(days))
    length = np.minimum(hours * np.exp(rng.normal(0, 0.25, len(days))), 23.5) * 3600
    starts = window.start + days * catalogue.DAY + (begin % 24 * catalogue.HOUR).astype(np.int64)
    free = np.minimum(length, np.append(np.diff(starts) / catalogue.SECOND - 60, np.inf))
    return starts, np.maximum(free, 60.0)


def at_home(rng: Generator, person: Person, starts: NDArray[np.int64]) -> NDArray[Any]:
    """Run the program on its owner's own machine."""
    sittings = np.zeros(len(starts), dtype=SITTING)
    sittings["start"] = starts - _LOGIN
    people.hold(sittings, person, np.zeros(len(starts), dtype=np.int64))
    people.at_home(sittings, person)
    begin_sessions(rng, sittings, 0.1)
    return sittings


def hosted(
    rng: Generator, number: int, starts: NDArray[np.int64], machines: int = 1
) -> NDArray[Any]:
    """Run the program on rented machines, under the name of a library or headless browser."""
    sittings = np.zeros(len(starts), dtype=SITTING)
    sittings["start"] = starts - _LOGIN
    which = number * 16 + rng.integers(0, machines, len(starts))
    agent = world.script(rng)
    sittings["agent"], sittings["client"] = agent, world.CLIENT_OF[agent]
    sittings["attested"] = ABSENT
    ip = addresses.shared(addresses.EXITS, 5000 + which)
    city = int(rng.choice(world.DATA_CENTRES))
    people.Line("hosting", ip, city, number).serve(sittings)
    begin_sessions(rng, sittings, 0.2)
    return sittings


def jobs(rng: Generator, t: NDArray[np.int64], sitting: NDArray[Any]) -> NDArray[Any]:
    """Make requests at these times, all for one or two models, on quota."""
    requests = np.zeros(len(t), dtype=REQUEST)
    requests["t"], requests["sitting"] = t, sitting
    requests["press"] = np.arange(len(t))
    kind = catalogue.VIDEO_MODELS if rng.random() < 0.4 else catalogue.IMAGE_MODELS  # noqa: PLR2004 - two programs in five make film
    models = rng.choice(kind, 1 + int(rng.random() < 0.3))  # noqa: PLR2004 - some use two models
    requests["model"] = rng.choice(models, len(t))
    requests["mode"] = catalogue.QUOTA
    catalogue.price(requests)
    return requests


def scripted(rng: Generator, requests: NDArray[Any]) -> None:
    """Prompts from templates; seeds that count upwards, or none."""
    prompts.fill_slots(rng, requests, int(rng.integers(1, 7)), int(rng.integers(8, 120)))
    if rng.random() < 0.6:  # noqa: PLR2004 - three programs in five count seeds
        prompts.sweep(rng, requests)
    else:
        requests["seed"] = ABSENT
        requests["params"] = bits(rng, 1)[0] >> np.uint64(32)


def fetching(rng: Generator) -> Manners:
    """Fetch results by program; a few also open the page and press its buttons."""
    opens = rng.random() < 0.25  # noqa: PLR2004 - one program in four drives the page
    return Manners(
        viewed=float(rng.uniform(0.2, 0.9)) if opens else 0.0,
        dwell_s=0.4,
        view_delay_s=0.6,
        downloaded=float(rng.uniform(0.3, 1.0)),
        pointer=1.0 if opens else 0.0,
        auth=int(rng.integers(1, 5)),
    )


def paced(
    starts: NDArray[np.int64], lengths: NDArray[np.float64], gaps: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give times and stints of requests that follow each other at these gaps (seconds)."""
    elapsed = np.cumsum(np.maximum(gaps, LEAST_GAP))
    ends = np.cumsum(lengths)
    elapsed = elapsed[elapsed < ends[-1]]
    stint = np.searchsorted(ends, elapsed, side="right")
    within = elapsed - (ends - lengths)[stint]
    return starts[stint] + (within * catalogue.SECOND).astype(np.int64), stint
