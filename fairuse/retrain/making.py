"""From a log and labels to a candidate: both passes and what lies between, each a step.

Nothing here depends on the machine or the hour: the same positions, labels, seed and code give the
same model, bit for bit. `build` does the same without steps, for whoever wants a model made again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from detectors.census import Census, CensusTask, together
from detectors.latency import Latencies, LatencyDay, days_of
from detectors.model import Manifest
from detectors.training import Fitted, Lessons, calibrate, learnt
from fairuse.retrain.codecs import Arrays, as_bytes, from_bytes
from fairuse.retrain.lessons import LESSONS, MODELS
from features.view import VIEW
from streams.archive_erase import microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from detectors.labels import LabelSet
    from detectors.latency import Counts
    from detectors.passes import Log
    from fairuse.retrain.steps import Made, Steps
    from streams.columns import EventBatch
    from streams.place import Place
    from streams.raw import Partition

TRAILING: Final = 120 * 86_400_000_000
"""Only account-months of the last 120 days calibrate, in microseconds: habits change."""
SAMPLE: Final = 2000
"""Accounts whose vectors are kept beside a model, to see later whether features drift."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What the first pass gives: the census, and the days of the platform's latency."""

    census: Census
    latency: tuple[LatencyDay, ...]


@dataclass(frozen=True, slots=True)
class CountingTask:
    """Counts one partition and its jobs' durations in one reading."""

    census: CensusTask

    def __call__(
        self, partition: Partition, batches: Iterable[EventBatch]
    ) -> tuple[Census, Counts]:
        durations = Latencies()
        took: list[Counts] = []

        def timed() -> Iterator[EventBatch]:
            for batch in batches:
                took.append(durations(partition, [batch]))
                yield batch

        census = self.census(partition, timed())
        whole: Counts = {}
        for part in took:
            for day, counts in part.items():
                whole[day] = whole[day] + counts if day in whole else counts
        return census, whole


def counted(log: Log, labels: LabelSet, until: datetime) -> Counted:
    """Run the first pass over a log; it ends at `until`, whatever times its events bear.

    One event sent with a clock years ahead would make all that anybody did too old to calibrate.
    """
    parts = log.each(CountingTask(CensusTask(places_of(labels))))
    latency = days_of((durations for _, durations in parts), until)
    census = together([census for census, _ in parts])
    return Counted(replace(census, last=min(census.last, microseconds(until))), latency)


def places_of(labels: LabelSet) -> tuple[Place, ...]:
    """Give the places at which people judged."""
    return tuple(one.place for one in labels.labels if one.place is not None)


def candidate_of(
    steps: Steps, log: Log, labels: LabelSet, manifest: Manifest,
    sound: Callable[[Census], None] = lambda _census: None,
) -> tuple[Made[Counted], Made[tuple[Fitted, ...]]]:  # fmt: skip
    """Make the candidate in steps; raises `TooLittleToFit` for a tiny population.

    `sound` hears the census once it is large enough, and raises what nothing may be learnt for.
    """
    until = datetime.fromisoformat(manifest.as_of)
    census = steps.step("census", COUNTED, lambda: counted(log, labels, until))

    def said() -> Manifest:
        return told(manifest, labels, census.value.census)

    def taught() -> Lessons:
        made = learnt(census.value.census, labels.judgements(), manifest.seed)
        sound(census.value.census)
        return made

    lessons = steps.step("learn", LESSONS, taught)
    models = steps.step(
        "calibrate",
        MODELS,
        lambda: both(calibrate(log, census.value.census, lessons.value, said(), trailing=TRAILING)),
    )
    return census, models


def build(log: Log, labels: LabelSet, manifest: Manifest, until: datetime) -> tuple[Fitted, ...]:
    """Make the same models at one go."""
    census = counted(log, labels, until).census
    lessons = learnt(census, labels.judgements(), manifest.seed)
    said = told(manifest, labels, census)
    return both(calibrate(log, census, lessons, said, trailing=TRAILING))


def both(made: tuple[Fitted, Fitted | None]) -> tuple[Fitted, ...]:
    """Give the candidate, and the unsupervised pair if that is another model."""
    return tuple(one for one in made if one is not None)


def blank(seed: int, created_at: datetime) -> Manifest:
    """Give a manifest that knows of nothing yet but the feature view, the seed and the time."""
    return Manifest(
        version="", view_fingerprint=VIEW.fingerprint, features=VIEW.names, origin="archive",
        seed=seed, accounts=0, events=0, excluded=0, calibrated=0, first_event="", last_event="",
        created_at=created_at.isoformat(), blind=(),
    )  # fmt: skip


def told(manifest: Manifest, labels: LabelSet, census: Census) -> Manifest:
    """Say in a manifest what taught the model."""
    there = set(census.names)
    unknown = {one.account_id for one in labels.labels} - there
    return msgspec.structs.replace(
        manifest, label_digest=labels.digest, labels=len(labels.labels),
        labels_known_by=labels.known_by.isoformat(),
        labels_observed_by=labels.observed_by.isoformat(), unknown_accounts=len(unknown),
    )  # fmt: skip


def sample_of(census: Census, seed: int) -> NDArray[np.float32]:
    """Draw accounts and give their last vectors (n, WIDTH); nothing says whose they are."""
    last: dict[int, NDArray[np.float64]] = {}
    for rows, vectors in zip(census.rows, census.vectors, strict=True):
        last |= dict(zip(rows.tolist(), vectors, strict=True))
    rows = np.array(sorted(last), dtype=np.int64)
    if len(rows) > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SAMPLE, replace=False))
    return np.array([last[row] for row in rows.tolist()], dtype=np.float32)


def _counted_out(made: Counted) -> dict[str, NDArray[Any]]:
    return made.census.arrays() | {"latency": as_bytes(made.latency)}


def _counted_in(stored: Mapping[str, NDArray[Any]]) -> Counted:
    latency = from_bytes(stored["latency"], tuple[LatencyDay, ...])
    return Counted(Census.from_arrays(stored), latency)


COUNTED: Final = Arrays(_counted_out, _counted_in)
