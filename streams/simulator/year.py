"""One subscriber's year as events: a subscription with its turns, a pack, a few hundred jobs.

It starts on Basic, uses a month's quota up, buys a pack, goes up to Pro, cancels and takes that
back, goes down again, lapses and returns. It shows and tests the books; traffic for detectors is
`streams.simulator.simulation`'s. What the plans give is not known here, but for `QUOTA`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from streams.simulator.chance import generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator

    Row = dict[str, Any]

QUOTA: Final = 400
"""Units of quota that Basic gives in a month; January uses up all of them."""
PACK: Final = 60
END: Final = datetime(2026, 10, 31, tzinfo=UTC)
_PLACE: Final = 1_000_000_007  # a place of chance that no simulated account stands at

# When it is said, what, of which plan, and the end of the period if it says so.
_SAID: Final = (
    ("2025-10-31", "started", "basic", "2025-11-30"),
    ("2025-11-30", "renewed", "basic", "2025-12-31"),
    ("2025-12-31", "renewed", "basic", "2026-01-31"),
    ("2026-01-31", "renewed", "basic", "2026-02-28"),
    ("2026-02-11", "changed", "pro", None),
    ("2026-02-28", "renewed", "pro", "2026-03-31"),
    ("2026-03-31", "renewed", "pro", "2026-04-30"),
    ("2026-04-12", "cancelled", "pro", "2026-04-30"),
    ("2026-04-17", "renewed", "pro", None),  # taken back
    ("2026-04-30", "renewed", "pro", "2026-05-31"),
    ("2026-05-13", "changed", "basic", None),
    ("2026-05-31", "renewed", "basic", "2026-06-30"),
    ("2026-06-30", "renewed", "basic", "2026-07-31"),
    ("2026-07-09", "cancelled", "basic", None),
    ("2026-09-04", "started", "basic", "2026-10-04"),
    ("2026-10-04", "renewed", "basic", "2026-11-04"),
)
_BOUGHT: Final = "2025-12-18"


class _Habit(NamedTuple):
    """From a day on: what pays, how many jobs a day, of how many units, how often one fails."""

    since: str
    mode: str
    a_day: float
    units: float
    failing: float


# Where credits run low nothing fails, so that no job depends on the order in which news arrives.
_HABITS: Final = (
    _Habit("2025-11-01", "quota", 0.7, 4, 0.1),
    _Habit("2025-12-01", "quota", 0.3, 4, 0.1),
    _Habit("2026-01-01", "quota", 2.0, 10, 0.0),  # forty jobs in twenty days use the quota up
    _Habit("2026-01-21", "quota", 0.0, 0, 0.0),
    _Habit("2026-02-01", "quota", 0.7, 8, 0.1),
    _Habit("2026-08-01", "quota", 0.0, 0, 0.0),  # no subscription, and no quota
    _Habit("2026-09-05", "quota", 0.6, 4, 0.1),
    _Habit("2025-11-01", "credits", 0.2, 2, 0.1),
    _Habit("2025-12-01", "credits", 1.0, 4, 0.0),  # the plan's last to the twentieth; then the pack
    _Habit("2026-01-01", "credits", 0.0, 0, 0.0),
    _Habit("2026-01-21", "credits", 0.4, 5, 0.0),
    _Habit("2026-02-01", "credits", 0.2, 4, 0.1),
    _Habit("2026-08-01", "credits", 0.1, 4, 0.0),  # the default plan has a few
    _Habit("2026-09-05", "credits", 0.1, 2, 0.1),
)


def year_of(account_id: str, seed: int) -> list[Row]:
    """Give the events of a year in order of time, as rows of the event contract."""
    rng = generator(seed, _PLACE)
    rows = [*_told(), *_jobs(rng)]
    rows.sort(key=lambda row: row["occurred_at"])
    return [
        {"event_id": f"{account_id}-{seed}-{number}", "account_id": account_id, **row}
        for number, row in enumerate(rows)
    ]


def _told() -> Iterator[Row]:
    for day, kind, plan, end in _SAID:
        yield {
            "type": f"subscription.{kind}",
            "occurred_at": _moment(day),
            "plan": plan,
            "period_end": _moment(end) if end else None,
        }
    yield {"type": "credits.purchased", "occurred_at": _moment(_BOUGHT), "units": float(PACK)}


def _jobs(rng: Generator) -> Iterator[Row]:
    # What is said of a day may arrive in any order: no job depends on it.
    quiet = {day for day, *_ in _SAID} | {_BOUGHT}
    day, number = date.fromisoformat(_HABITS[0].since), 0
    while day < END.date():
        for habit in _habits_of(day.isoformat()) if day.isoformat() not in quiet else ():
            whole = int(habit.a_day)
            for _ in range(whole + (rng.random() < habit.a_day - whole)):
                yield from _job(rng, day, habit, f"job-{number}")
                number += 1
        day += timedelta(days=1)


def _habits_of(day: str) -> list[_Habit]:
    """Give the latest habit of each mode."""
    return list({habit.mode: habit for habit in sorted(_HABITS) if habit.since <= day}.values())


def _job(rng: Generator, day: date, habit: _Habit, name: str) -> Iterator[Row]:
    at = _midnight(day) + timedelta(seconds=int(rng.integers(8 * 3600, 20 * 3600)))
    seconds = int(rng.integers(40, 240))
    yield {
        "type": "generation.requested",
        "occurred_at": at,
        "job_id": name,
        "media": "video",
        "model": "reel-3",
        "mode": habit.mode,
        "units": float(habit.units),
    }
    yield {
        "type": f"generation.{'failed' if rng.random() < habit.failing else 'completed'}",
        "occurred_at": at + timedelta(seconds=seconds),
        "job_id": name,
        "latency_ms": seconds * 1000,
    }


def _moment(day: str) -> datetime:
    return _midnight(date.fromisoformat(day)) + timedelta(hours=20, minutes=15)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
