"""What a job costs: rate by model and resolution, times how much of it, times the feature.

Video and lip-sync are counted in fixed units of 4 seconds, and a unit that was started counts
whole. A cost is rounded down to a thousandth, in the customer's favour, and is never nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Final

from access.errors import BadJobError, UnknownFeatureError, UnknownResolutionError
from access.units import PLACES, units
from access.vocabulary import JobMode, Media

if TYPE_CHECKING:
    from access.plans import Catalogue, Model, Rate

UNIT_SECONDS: Final = 4
LONGEST_SECONDS: Final = 86_400
MOST_AT_ONCE: Final = 10_000

TIMED: Final = frozenset({Media.VIDEO, Media.LIPSYNC})
"""Media whose cost grows with their duration."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be generated. `count` is how many: images, steps of an agent, videos.

    `media`, if said, must be the model's own. `seconds` is the duration of one video and is
    ignored for what has none. Without a `resolution` the model's default counts.
    """

    model: str
    media: Media | None = None
    seconds: Decimal | None = None
    resolution: str | None = None
    feature: str | None = None
    count: int = 1


def cost_of(catalogue: Catalogue, job: Job, mode: JobMode) -> Decimal:
    """Give the cost in credits or in units of quota.

    Raises `UnknownModelError`, `UnknownResolutionError`, `UnknownFeatureError`, or `BadJobError`
    for a duration, a count or a medium that cannot be.
    """
    model = catalogue.model(job.model)
    rate = _rate(model, job.resolution)
    each = rate.quota if mode is JobMode.QUOTA else rate.credits
    exact = each * _amount(model, job) * _factor(catalogue, job.feature)
    return units(max(exact.quantize(PLACES, ROUND_DOWN), PLACES))


def time_units(seconds: Decimal) -> int:
    """Count the 4-second units that so many seconds have started."""
    whole, rest = divmod(seconds, UNIT_SECONDS)
    return int(whole) + bool(rest)


def _rate(model: Model, resolution: str | None) -> Rate:
    found = model.rates.get(model.default_resolution if resolution is None else resolution)
    if found is None:
        raise UnknownResolutionError(
            f"{model.name} has no resolution {resolution!r}; it has {', '.join(model.rates)}"
        )
    return found


def _factor(catalogue: Catalogue, feature: str | None) -> Decimal:
    if feature is None:
        return Decimal(1)
    found = catalogue.features.get(feature)
    if found is None:
        there_are = ", ".join(catalogue.features) or "none"
        raise UnknownFeatureError(f"there is no feature {feature!r}; there are {there_are}")
    return found


def _amount(model: Model, job: Job) -> int:
    if job.media is not None and job.media != model.media:
        raise BadJobError(f"{model.name} makes {model.media}, not {job.media}")
    if not 1 <= job.count <= MOST_AT_ONCE:
        raise BadJobError(f"count lies from 1 to {MOST_AT_ONCE}, not {job.count}")
    if job.seconds is not None and not (
        job.seconds.is_finite() and 0 <= job.seconds <= LONGEST_SECONDS
    ):
        raise BadJobError(f"seconds lie from 0 to {LONGEST_SECONDS}, not {job.seconds}")
    if model.media not in TIMED:
        return job.count
    if not job.seconds:
        raise BadJobError(f"{model.name} makes {model.media}: say how many seconds, above 0")
    return job.count * time_units(job.seconds)
