"""The invented platform: plans, models with their cost and speed, features, challenges.

Units are 4-second units of video; an image costs a quarter of one. Latency is what a request waits
in the queue and in the machine: it follows the hour, the model and the queue, never the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from streams.vocabulary import MEDIA, MODES

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

DAY: Final = 86_400_000_000
HOUR: Final = 3_600_000_000
SECOND: Final = 1_000_000

PLANS: Final = ("free", "basic", "pro", "ultimate", "creator")
FEATURES: Final = (None, "batch", "variations")
BATCH: Final = 1
VARIATIONS: Final = 2
CHALLENGES: Final = (None, "captcha", "email_code")
QUOTA: Final = MODES["quota"]
CREDITS: Final = MODES["credits"]


class Model(NamedTuple):
    """One generation model: what it makes, what a job costs, how long a quiet queue takes."""

    name: str
    media: int
    units: float
    seconds: float


MODELS: Final = (
    Model("lumen-2", MEDIA["image"], 0.25, 14.0),
    Model("lumen-2-fast", MEDIA["image"], 0.25, 6.0),
    Model("lumen-ultra", MEDIA["image"], 0.5, 26.0),
    Model("reel-3", MEDIA["video"], 1.0, 75.0),
    Model("reel-3-turbo", MEDIA["video"], 1.0, 38.0),
    Model("reel-3-long", MEDIA["video"], 3.0, 190.0),
    Model("visage-1", MEDIA["lipsync"], 2.0, 90.0),
    Model("director-1", MEDIA["agent"], 4.0, 240.0),
)
IMAGE_MODELS: Final = (1, 2, 3)
VIDEO_MODELS: Final = (4, 5, 6)
OTHER_MODELS: Final = (7, 8)

UNITS: Final = np.array([0.0, *(model.units for model in MODELS)])
MEDIA_OF: Final = np.array([0, *(model.media for model in MODELS)], dtype=np.uint8)
_SECONDS: Final = np.array([0.0, *(model.seconds for model in MODELS)])
_BUSIEST_HOUR: Final = 17.0
_FAILED: Final = 0.015


def load(t: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much longer than on an empty platform a job takes at these times (UTC)."""
    hour = (t % DAY) / HOUR
    weekend = (t // DAY + 3) % 7 >= 5  # noqa: PLR2004 - Saturday and Sunday, days since a Thursday
    rhythm = 1.25 + 0.6 * np.cos((hour - _BUSIEST_HOUR) / 12 * np.pi)
    return rhythm + 0.15 * weekend


def quiet_latency(rng: Generator, model: NDArray[Any], mode: NDArray[Any]) -> NDArray[np.float64]:
    """Seconds these jobs would take on an empty platform; quota jobs use the slower queue."""
    spread = np.exp(rng.normal(0.0, 0.3, len(model)))
    seconds: NDArray[np.float64] = _SECONDS[model] * spread
    return seconds * np.where(mode == CREDITS, 0.75, 1.1)


def run(rng: Generator, requests: NDArray[Any]) -> None:
    """Let the platform finish the requests whose latency is not settled yet."""
    seconds = quiet_latency(rng, requests["model"], requests["mode"]) * load(requests["t"])
    drawn = np.maximum(seconds * 1000, 800).astype(np.int32)
    open_ = requests["latency"] <= 0
    requests["latency"] = np.where(open_, drawn, requests["latency"])
    requests["failed"] |= rng.random(len(requests)) < _FAILED


def price(requests: NDArray[Any]) -> None:
    """Write what each job costs."""
    requests["units"] = UNITS[requests["model"]]
