"""Abusive families whose program alone decides when: six ways of timing.

Each is one function from chance and a seat to rows. None knows what is measured of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import catalogue, honest, life, machines, people, prompts
from streams.simulator.habits import HONEST, Habits
from streams.simulator.rows import joined

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.life import Manners
    from streams.simulator.people import Person
    from streams.simulator.seats import Seat

OWNER: Final = Habits(devices=1, phone=0.0, paid=1.0)
_MIXED: Final = 0.35
_PLACES: Final = 2


def _with_owner(rng: Generator, seat: Seat, person: Person, rows: NDArray[Any]) -> NDArray[Any]:
    """Let some owners also use the account themselves, at a person's pace."""
    if rng.random() < _MIXED:
        return joined([rows, honest.live(rng, HONEST["casual"], person, seat.window)])
    return rows


def _send(
    rng: Generator,
    seat: Seat,
    starts: NDArray[np.int64],
    requests: NDArray[Any],
    how: Manners | None = None,
) -> NDArray[Any]:
    """Send the program's requests from the owner's machine or a rented one."""
    person = people.meet(rng, OWNER, seat.person(), 0)
    if rng.integers(_PLACES):
        sittings = machines.at_home(rng, person, starts)
    else:
        sittings = machines.hosted(rng, seat.number, starts)
    rows = life.unfold(rng, sittings, requests, how or machines.fetching(rng))
    return _with_owner(rng, seat, person, rows)


def _day(rng: Generator, gap: float) -> float:
    """Hours a day the program works, so that it asks for some dozens to hundreds of jobs."""
    wanted = np.exp(rng.uniform(np.log(12), np.log(300)))
    return float(min(wanted * gap / 3600, rng.uniform(6, 23)))


def fixed_interval(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Send a request every so many seconds, exact to the network's delay."""
    gap = float(np.exp(rng.uniform(np.log(30), np.log(900))))
    if rng.random() < 0.5:  # noqa: PLR2004 - half of the authors choose a round number
        gap = round(gap / 15) * 15.0
    starts, lengths = machines.stints(rng, seat.window, _day(rng, gap), rng.uniform(0.4, 1.0))
    late = rng.exponential(0.04, int(lengths.sum() / gap) + 1)
    t, stint = machines.paced(starts, lengths, gap + np.diff(late, prepend=0.0))
    requests = machines.jobs(rng, t, stint)
    machines.scripted(rng, requests)
    return _send(rng, seat, starts, requests)


def jittered(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Draw random gaps, of the shapes programmers choose: uniform, exponential or log-normal."""
    gap = float(np.exp(rng.uniform(np.log(40), np.log(600))))
    starts, lengths = machines.stints(rng, seat.window, _day(rng, gap), rng.uniform(0.4, 1.0))
    count = int(1.3 * lengths.sum() / gap) + 50
    shapes = (
        rng.uniform(0.5, 1.5, count),
        rng.exponential(1.0, count),
        np.exp(rng.normal(-0.32, 0.8, count)),
    )
    t, stint = machines.paced(starts, lengths, gap * shapes[rng.integers(len(shapes))])
    requests = machines.jobs(rng, t, stint)
    machines.scripted(rng, requests)
    return _send(rng, seat, starts, requests)


def log_normal_with_nights(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Draw log-normal gaps by day and rest eight hours by night, as a careful author would."""
    gap = float(np.exp(rng.uniform(np.log(40), np.log(600))))
    starts, lengths = machines.stints(rng, seat.window, min(_day(rng, gap), 16.0), 0.9)
    count = int(1.5 * lengths.sum() / gap) + 50
    spread = rng.uniform(0.6, 1.2)
    gaps = gap * np.exp(rng.normal(-spread * spread / 2, spread, count))
    t, stint = machines.paced(starts, lengths, gaps)
    requests = machines.jobs(rng, t, stint)
    machines.scripted(rng, requests)
    return _send(rng, seat, starts, requests)


def closed_loop(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Send the next request a moment after the last result is ready."""
    starts, lengths = machines.stints(rng, seat.window, rng.uniform(0.3, 5), rng.uniform(0.3, 0.9))
    requests = loop(rng, starts, lengths)
    machines.scripted(rng, requests)
    return _send(rng, seat, starts, requests)


def loop(
    rng: Generator, starts: NDArray[np.int64], lengths: NDArray[np.float64], most: int = 500
) -> NDArray[Any]:
    """Make requests that each wait for the one before; at most `most` a stint."""
    sizes = np.minimum(lengths / 10, most).astype(np.int64) + 1
    stint = np.repeat(np.arange(len(starts)), sizes)
    requests = machines.jobs(rng, starts[stint], stint)
    quiet = catalogue.quiet_latency(rng, requests["model"], requests["mode"])
    pause = rng.uniform(0.1, 3.0) + rng.gamma(2.0, 0.1, len(stint))
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    for _ in range(3):  # the load depends on the times, and they on the load: this settles them
        seconds = np.round(quiet * catalogue.load(requests["t"]), 3)
        elapsed = np.cumsum(seconds + pause) - seconds - pause
        within = elapsed - elapsed[first][stint]
        requests["t"] = starts[stint] + (within * catalogue.SECOND).astype(np.int64)
    requests["latency"] = np.round(np.diff(elapsed, append=elapsed[-1]) * 1000 - pause * 1000)
    requests["latency"] = np.maximum(requests["latency"], 800)
    kept: NDArray[Any] = requests[within < lengths[stint]]
    return kept


def cron_batch(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Work off a list at the same minute, every so many hours."""
    every = int(rng.choice([1, 2, 3, 6, 12, 24]))
    minute = int(rng.choice([0, 0, 0, 5, 15, 30, int(rng.integers(60))]))
    size = int(np.exp(rng.uniform(np.log(4), np.log(40))))
    turns = np.arange(int(rng.integers(every)), seat.window.hours, every)
    starts = seat.window.start + turns * catalogue.HOUR + minute * 60 * catalogue.SECOND
    starts = starts[: max(int(9000 / size), 1)]
    stint = np.repeat(np.arange(len(starts)), size)
    gap = rng.uniform(1.0, 8.0)
    waited = gap * (np.arange(len(stint)) % size) + rng.exponential(0.6, len(stint))
    requests = machines.jobs(rng, starts[stint] + (waited * 1e6).astype(np.int64), stint)
    machines.scripted(rng, requests)
    return _send(rng, seat, starts, requests)


def session_replay(rng: Generator, seat: Seat) -> NDArray[Any]:
    """Play a few recorded sittings of a person again, at a person's hours.

    Labelled automation: nobody sits there. Gaps, views and gestures are a person's; what gives it
    away is that they come round again, with prompts from a list.
    """
    habits = HONEST["night_owl"]
    asked, _ = honest.asked(rng, habits, seat.window, 0.0)
    tapes = _tapes(rng, asked)
    starts, _ = machines.stints(rng, seat.window, 8.0, rng.uniform(0.6, 1.0))
    starts = np.sort(np.concatenate([starts, starts + rng.integers(2, 5) * catalogue.HOUR]))
    played = [tapes[i] for i in rng.integers(0, len(tapes), len(starts))]
    stint = np.repeat(np.arange(len(starts)), [len(tape) for tape in played])
    late = rng.integers(0, 4000, len(stint))
    requests = machines.jobs(rng, starts[stint] + np.concatenate(played) + late, stint)
    prompts.fill_slots(rng, requests, int(rng.integers(2, 9)), int(rng.integers(20, 200)))
    requests["params"] = 1 + int(rng.integers(2**31))
    requests["seed"] = -1
    person = people.meet(rng, OWNER, seat.person(), 0)
    sittings = machines.at_home(rng, person, starts)
    how = life.manners(rng, OWNER)
    return life.unfold(rng, sittings, requests, how)


def _tapes(rng: Generator, asked: NDArray[Any]) -> list[NDArray[np.int64]]:
    """Give the times within the longest sittings; a made-up one for who hardly ever sat."""
    _, first, sizes = np.unique(asked["sitting"], return_index=True, return_counts=True)
    longest = np.argsort(sizes)[::-1][: int(rng.integers(2, 6))]
    tapes = [asked["t"][first[i] : first[i] + sizes[i]] for i in longest if sizes[i] > 3]  # noqa: PLR2004 - shorter is no recording
    invented = np.cumsum(np.exp(rng.normal(4.3, 1.0, 12)) * catalogue.SECOND).astype(np.int64)
    return [tape - tape[0] for tape in tapes] or [invented]
