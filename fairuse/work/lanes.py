"""The partitions that a worker holds: each with its feature state, its scorer and its place.

A lane's state is a function of its partition's log up to `position`, and of nothing else. It is
saved only when that place is not past the committed one, so a snapshot never knows of an event
whose verdicts were not published.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.memory import RECORD as RECORD_LAYOUT
from detectors.policy import Policy
from detectors.scorer import Scorer
from fairuse.metrics import Metric
from features.snapshots import Header, Snapshot
from features.state import FeatureState
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Collection

    from detectors.model import Model
    from detectors.verdict import Verdict
    from fairuse.metrics import Metrics
    from features.snapshots import SnapshotStore
    from streams.clock import Clock
    from streams.columns import EventBatch
    from streams.raw import Partition
    from streams.transport import Sink, Source

log = logging.getLogger(__name__)

RECORDS: Final = "scorer.records"
SCORED_FROM: Final = "scorer.scored_from"


@dataclass(slots=True)
class Lane:
    """One partition at work. `spoken` is the committed place: before it, the lane keeps silent."""

    partition: Partition
    state: FeatureState
    scorer: Scorer
    position: int
    spoken: int
    saved_at: float

    def judge(self, events: EventBatch) -> list[Verdict]:
        """Learn a batch and give the verdicts that have not been published before."""
        readings = self.state.update(events)
        verdicts = self.scorer.judge(events, readings, self.state, self.partition.topic)
        return [verdict for verdict in verdicts if verdict.offset >= self.spoken]


@dataclass(slots=True)
class Lanes:
    """Hears from the source which partitions come and go, and keeps a lane for each held one."""

    source: Source
    sink: Sink
    store: SnapshotStore
    model: Model
    clock: Clock
    metrics: Metrics
    snapshot_seconds: float
    policy: Policy = field(default_factory=Policy)
    held: dict[Partition, Lane] = field(default_factory=dict)

    def assigned(self, partitions: Collection[Partition]) -> None:
        """Take partitions over: shut the predecessor out, then restore and seek."""
        self.sink.claim(self.source, partitions)
        for partition in partitions:
            self.held[partition] = lane = self._open(partition)
            self.source.seek(partition, lane.position)
            self.metrics.count(Metric.REBALANCES, change="came")

    def revoked(self, partitions: Collection[Partition]) -> None:
        """Let partitions go, with a snapshot that saves the successor a replay."""
        for partition in partitions:
            if lane := self.held.pop(partition, None):
                self.save(lane)
                self.metrics.count(Metric.REBALANCES, change="went")

    def drop(self, partition: Partition) -> None:
        """Forget a lane whose batch was refused: its state is ahead of what was published."""
        self.held.pop(partition, None)
        self.metrics.count(Metric.FENCED)

    def save_due(self) -> None:
        """Save the lanes whose last snapshot is old."""
        now = self.clock.monotonic()
        for lane in self.held.values():
            if now - lane.saved_at >= self.snapshot_seconds:
                self.save(lane)

    def save(self, lane: Lane) -> None:
        """Write a snapshot, unless the lane is ahead of what was committed."""
        if lane.position > lane.spoken:
            return
        began = self.clock.monotonic()
        self.store.save(_snapshot(lane))
        lane.saved_at = self.clock.monotonic()
        self.metrics.count(Metric.SNAPSHOTS)
        self.metrics.count(Metric.SNAPSHOT_SECONDS, lane.saved_at - began)

    def _open(self, partition: Partition) -> Lane:
        first = self.source.beginning(partition)
        committed = self.source.committed(partition)
        spoken = first if committed is None else committed
        lane = self._restored(partition, spoken) or self._fresh(partition, first, spoken)
        if lane.position < first:
            log.warning(
                "%s/%d: records %d to %d are gone from the log; features miss them",
                partition.topic, partition.number, lane.position, first,
            )  # fmt: skip
            lane.position = first
            lane.spoken = max(spoken, first)
        return lane

    def _restored(self, partition: Partition, spoken: int) -> Lane | None:
        found = self.store.load(partition.topic, partition.number, VIEW.fingerprint)
        if found is None:
            return None
        if found.header.next_offset > spoken:
            # The group was set back, or the log is another one: only the log itself can tell.
            log.warning("%s: its snapshot is ahead of its log; replaying from the start", partition)
            return None
        arrays = dict(found.arrays)
        records, began = arrays.pop(RECORDS), arrays.pop(SCORED_FROM, None)
        # Another model's running maxima mean nothing to this one: it begins the month anew.
        same = found.header.model_version == self.model.manifest.version
        same = same and records.dtype == RECORD_LAYOUT
        state, offset = FeatureState.from_arrays(arrays), found.header.next_offset
        scorer = Scorer(self.model, self.policy, scored_from=offset)
        if same and began is not None:
            scorer = Scorer(self.model, self.policy, records, int(began[0]))
        return Lane(partition, state, scorer, offset, spoken, self.clock.monotonic())

    def _fresh(self, partition: Partition, first: int, spoken: int) -> Lane:
        state, scorer = FeatureState(), Scorer(self.model, self.policy, scored_from=first)
        return Lane(partition, state, scorer, first, spoken, self.clock.monotonic())


def _snapshot(lane: Lane) -> Snapshot:
    header = Header(
        topic=lane.partition.topic,
        partition=lane.partition.number,
        next_offset=lane.position,
        fingerprint=VIEW.fingerprint,
        model_version=lane.scorer.model.manifest.version,
        arrays={},
    )
    began = np.array([lane.scorer.scored_from])
    scoring = {RECORDS: lane.scorer.records, SCORED_FROM: began}
    return Snapshot(header, lane.state.arrays() | scoring)
