"""When an honest person sits down, and at what pace they work.

Sittings follow a renewal process with the heavy-tailed, correlated pauses of real people, bent to
the person's own day, week and moods. Gaps inside a sitting come from a quantile function through
the account's own 5 % and 50 % gap, drawn from the real accounts' figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator import quantiles
from streams.simulator.catalogue import HOUR

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.habits import Habits

LONGEST_GAP: Final = 1800.0
LONGEST_SITTING: Final = 5 * 3600.0
_MEAN_TO_MEDIAN: Final = 2.33  # of the size of a sitting: exp(1.3 ** 2 / 2)
_LESSONS: Final = 10.0  # the middle of a school's morning
_PACE_LEVELS: Final = quantiles.normal_scores((0.001, 0.05, 0.5, 0.85, 0.995))


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that is simulated, in microseconds since 1970 and days."""

    start: int
    days: float

    @property
    def hours(self) -> int:
        return int(np.ceil(self.days * 24))

    @property
    def end(self) -> int:
        return self.start + round(self.days * 24 * HOUR)


def correlated(rng: Generator, count: int, lag1: float) -> NDArray[np.float64]:
    """Draw standard normal values of which neighbours have this correlation (at most a half)."""
    rho = float(np.clip(lag1, -0.499, 0.499))
    theta = 0.0 if rho == 0 else (1 - np.sqrt(1 - 4 * rho * rho)) / (2 * rho)
    noise = rng.standard_normal(count + 1)
    mixed: NDArray[np.float64] = (noise[1:] + theta * noise[:-1]) / np.sqrt(1 + theta * theta)
    return mixed


def week(rng: Generator, habits: Habits, window: Window, utc_offset: float) -> NDArray[np.float64]:
    """How willing this person is to sit down in each hour of the window."""
    hours = (window.start // HOUR + np.arange(window.hours)) + utc_offset
    day = (hours // 24).astype(np.int64)
    since = day - day[0]
    days = int(since[-1]) + 1
    quiet = quantiles.at(float(rng.standard_normal()), quantiles.COMMENT_QUIET_HOURS)
    quiet = 0.0 if habits.sleepless else quiet
    middle = habits.bedtime + rng.normal(0, 1.3) + rng.normal(0, 0.6, days)
    middle = middle + habits.shifts * (np.arange(days) // 7 % 3)
    from_middle = np.abs((hours % 24 - middle[since] + 12) % 24 - 12)
    best = habits.bedtime - 8 + rng.normal(0, 2.5)
    awake = 1 + rng.uniform(0.1, 0.8) * np.cos((hours % 24 - best) / 12 * np.pi)
    asleep = rng.uniform(0.3, 0.7) if quiet < 1 else 0.01 * np.exp(rng.normal(0, 0.8))
    willing = np.where(from_middle * 2 < quiet + 1, asleep, awake)
    willing *= np.exp(rng.normal(0, rng.uniform(0.3, 0.9), days))[since]
    weekend = quantiles.at(float(rng.standard_normal()), quantiles.COMMENT_WEEKEND)
    saturday_or_sunday = (day + 3) % 7 >= 5  # noqa: PLR2004 - days since a Thursday
    willing *= np.where(saturday_or_sunday, 2.5 * weekend / (1 - weekend), 1.0)
    if habits.lessons:
        morning = np.abs(hours % 24 - _LESSONS) < 2  # noqa: PLR2004 - four lessons
        willing *= np.where(morning & ~saturday_or_sunday, 30.0, 1.0)
    return willing * _frenzy(rng, habits, since, days)


def _frenzy(
    rng: Generator, habits: Habits, since: NDArray[np.int64], days: int
) -> NDArray[np.float64]:
    """Days of a contest, when everything else is put aside."""
    factor = np.ones(days)
    if habits.contests:
        busy = rng.integers(0, days, rng.integers(1, habits.contests + 1))
        factor[busy] = rng.uniform(10, 40)
    return factor[since]


def sittings(
    rng: Generator, habits: Habits, window: Window, utc_offset: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw starts (seconds into the window) and sizes (gestures) of a person's sittings."""
    score = float(rng.standard_normal()) + habits.rate_shift
    rate = np.exp(quantiles.at(score, habits.log_rate))
    median = max(habits.sitting * np.exp(rng.normal(0, 0.4)), 1.0)
    willing = week(rng, habits, window, utc_offset)
    expected = rate * window.days / (median * _MEAN_TO_MEDIAN)
    clock = np.concatenate([[0.0], np.cumsum(willing)])
    clock *= expected / clock[-1]
    lag1 = quantiles.at(float(rng.standard_normal()), quantiles.COMMENT_GAP_LAG1)
    pauses = quantiles.pauses(correlated(rng, int(2 * expected) + 20, lag1))
    turns = np.cumsum(pauses) - pauses[0] * rng.random()
    turns = turns[turns < expected]
    starts = np.interp(turns, clock, np.arange(len(clock)) * 3600.0)
    sizes = np.ceil(median * np.exp(rng.normal(0, 1.3, len(starts))))
    return starts, np.minimum(sizes, 400).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Pace:
    """One person's gaps inside a sitting: log seconds at the levels of `_PACE_LEVELS`."""

    log_gaps: NDArray[np.float64]
    lag1: float

    def gaps(self, rng: Generator, sitting: NDArray[Any]) -> NDArray[np.float64]:
        """Seconds before each gesture, the quicker the mood of the sitting the shorter."""
        mood = rng.normal(0, 0.45, int(sitting[-1]) + 1 if len(sitting) else 0)[sitting]
        scores = correlated(rng, len(sitting), self.lag1) * 0.893 + mood
        log_seconds: NDArray[np.float64] = np.interp(scores, _PACE_LEVELS, self.log_gaps)
        return np.exp(log_seconds)


def pace(rng: Generator, spread: float = 1.0) -> Pace:
    """Draw how one person works: fast or slow, even or uneven."""
    score = rng.standard_normal(3)
    median = quantiles.at(score[0], quantiles.GENERATION_GAP_P50)
    low = quantiles.at(0.6 * score[0] + 0.8 * score[1], quantiles.GENERATION_GAP_P05)
    low = min(low, median - 0.3)
    top = np.log(LONGEST_GAP)
    shoulder = median + rng.uniform(0.15, 0.6) * (top - median)
    curve = np.array([max(low - 1.0, -0.5), low, median, shoulder, top])
    own = quantiles.GENERATION_GAP_LAG1 if rng.random() < 0.5 else quantiles.COMMENT_GAP_LAG1  # noqa: PLR2004 - two populations, evenly
    return Pace(median + (curve - median) * spread, quantiles.at(score[2], own))
