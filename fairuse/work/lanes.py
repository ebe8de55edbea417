"""The partitions that a worker holds: each with its feature state, its scorer and its place.

A lane's state is a function of its partition's log up to `position`, and of nothing else. It is
saved only when that place is not past the committed one, so a snapshot never knows of an event
whose verdicts were not published.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from detectors.memory import RECORD as RECORD_LAYOUT
from detectors.policy import Policy
from detectors.scorer import Scorer
from detectors.verdict import Response
from fairuse.metrics import Metric
from features.snapshots import Header, Snapshot
from features.state import FeatureState
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from detectors.verdict import Verdict
    from fairuse.metrics import Metrics
    from fairuse.work.models import Models
    from features.snapshots import SnapshotStore
    from streams.clock import Clock
    from streams.columns import EventBatch
    from streams.raw import Partition
    from streams.transport import Sink, Source

log = logging.getLogger(__name__)

RECORDS: Final = "scorer.records"
SCORED_FROM: Final = "scorer.scored_from"
SHADOW: Final = "shadow."
VERSION: Final = "version"
PAUSE: Final = len(Response) - 1


Known: TypeAlias = "dict[str, tuple[Scorer, bool]]"
"""Scorers with a past, by the version of their model, and whether each acted or only watched."""


@dataclass(slots=True)
class Lane:
    """One partition at work. `spoken` is the committed place: before it, the lane keeps silent.

    `shadow` is the challenger's scorer, if there is one. A scorer new to the partition `watches` in
    silence and acts from `spoken` on: what nobody heard it ask for was not asked.
    """

    partition: Partition
    state: FeatureState
    scorer: Scorer
    position: int
    spoken: int
    saved_at: float
    shadow: Scorer | None = None
    policy: Policy = field(default_factory=Policy)
    watches: bool = False

    def judge(self, events: EventBatch) -> list[Verdict]:
        """Learn a batch and give the verdicts that have not been published before."""
        if not self.watches:
            return self._judge(events)
        begins = self.scorer.acted_from
        early = events.events["offset"] < begins
        verdicts = self._judge(events.where(early))
        if not early.all():
            self.scorer, self.watches = self.scorer.promoted(self.policy, begins), False
            verdicts += self._judge(events.where(~early))
        return verdicts

    def _judge(self, events: EventBatch) -> list[Verdict]:
        readings = self.state.update(events)
        verdicts = self.scorer.judge(events, readings, self.state, self.partition.topic)
        if self.shadow is not None:
            verdicts += self.shadow.judge(events, readings, self.state, self.partition.topic)
        return [verdict for verdict in verdicts if verdict.offset >= self.spoken]


@dataclass(slots=True)
class Lanes:
    """Hears from the source which partitions come and go, and keeps a lane for each held one."""

    source: Source
    sink: Sink
    store: SnapshotStore
    models: Models
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

    def look_round(self) -> None:
        """Let other models score, if the registry says so: between two batches, never within."""
        if not self.models.look():
            return
        for lane in self.held.values():
            known = {_version(lane.scorer): (lane.scorer, not lane.watches)}
            if lane.shadow is not None:
                known[_version(lane.shadow)] = (lane.shadow, False)
            heard = max(lane.position, lane.spoken)
            lane.scorer, lane.shadow = self._scorers(
                known, lane.scorer.records, lane.position, heard
            )
            lane.watches = lane.scorer.acted_from > lane.position
            # At once: a model that no snapshot knows has not spoken yet.
            self.save(lane)

    def save_due(self) -> None:
        """Save the lanes whose last snapshot is old."""
        now = self.clock.monotonic()
        for lane in self.held.values():
            if now - lane.saved_at >= self.snapshot_seconds:
                self.save(lane)
                self._show_agreement(lane)

    def save(self, lane: Lane) -> None:
        """Write a snapshot, unless the lane is ahead of what was committed."""
        if lane.position > lane.spoken:
            return
        began = self.clock.monotonic()
        self.store.save(_snapshot(lane))
        lane.saved_at = self.clock.monotonic()
        self.metrics.count(Metric.SNAPSHOTS)
        self.metrics.count(Metric.SNAPSHOT_SECONDS, lane.saved_at - began)

    def _show_agreement(self, lane: Lane) -> None:
        """Show of how many accounts the champion and the challenger would ask for a pause."""
        counts = _agreement(lane.scorer, lane.shadow) if lane.shadow else {}
        for by, count in counts.items():
            number = str(lane.partition.number)
            self.metrics.show(Metric.AGREEMENT, count, partition=number, by=by)

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
        offset = found.header.next_offset
        before = arrays[RECORDS]
        known = self._known(arrays, found.header)
        scorer, shadow = self._scorers(known, before, offset, spoken)
        state, now = FeatureState.from_arrays(arrays), self.clock.monotonic()
        watches = scorer.acted_from > offset
        return Lane(
            partition, state, scorer, offset, spoken, now, shadow, self.policy, watches=watches
        )

    def _known(self, arrays: dict[str, NDArray[Any]], header: Header) -> Known:
        """Take the scorers of the models at work out of a snapshot's arrays."""
        beside, first = arrays.pop(SHADOW + VERSION, None), _taken(arrays, "")
        spoke = first is None or first[-1] <= header.next_offset
        kept = {header.model_version: (first, spoke)}
        if beside is not None:
            kept[beside.tobytes().decode()] = (_taken(arrays, SHADOW), False)
        known: Known = {}
        for model in (self.models.champion, self.models.challenger):
            parts, acted = kept.get(model.manifest.version, (None, True)) if model else (None, True)
            if model and parts is not None:
                policy = self.policy if acted else self.policy.shadow()
                known[model.manifest.version] = (Scorer(model, policy, *parts), acted)
        return known

    def _scorers(
        self, known: Known, before: NDArray[Any], at: int, heard: int
    ) -> tuple[Scorer, Scorer | None]:
        """Give the scorers of the models at work from the offset `at` on, with what is known.

        `before` are the records of who acted until then; verdicts are heard from `heard` on.
        Another model's running maxima mean nothing to one that is new; who an account's peers are
        this month does.
        """
        champion, challenger = self.models.champion, self.models.challenger
        watching = self.policy.shadow()
        acting, acted = known.get(champion.manifest.version, (None, False))
        if acting is None:
            acting = Scorer.after(before, champion, watching, at)
        if not acted:
            acting = acting.promoted(self.policy if heard == at else watching, heard)
        if challenger is None:
            return acting, None
        beside, acted = known.get(challenger.manifest.version, (None, False))
        if beside is None or acted:
            # One that acted until now begins anew: what it asked for was no shadow.
            beside = Scorer.after(before, challenger, watching, at)
        return acting, beside

    def _fresh(self, partition: Partition, first: int, spoken: int) -> Lane:
        # Nobody knows which model spoke here: the one at work is taken to have.
        scorer, shadow = self._scorers({}, np.zeros(0, dtype=RECORD_LAYOUT), first, first)
        now = self.clock.monotonic()
        return Lane(partition, FeatureState(), scorer, first, spoken, now, shadow, self.policy)


def _version(scorer: Scorer) -> str:
    return scorer.model.manifest.version


def _taken(arrays: dict[str, NDArray[Any]], prefix: str) -> tuple[NDArray[Any], int, int] | None:
    """Take one scorer's records and offsets out of a snapshot; None of another layout."""
    records, began = arrays.pop(prefix + RECORDS), arrays.pop(prefix + SCORED_FROM, None)
    if began is None or records.dtype != RECORD_LAYOUT:
        return None
    return records, int(began[0]), int(began[-1])


def _agreement(champion: Scorer, challenger: Scorer) -> dict[str, int]:
    """Count the accounts of which this month either or both would have asked for a pause."""
    size = min(len(champion.records), len(challenger.records))
    ours, theirs = champion.records[:size], challenger.records[:size]
    asked = (ours["response"] == PAUSE) & (ours["response_month"] == ours["month"])
    month = theirs["shadow_month"] == theirs["month"]
    would = (theirs["shadow"].max(axis=1) == PAUSE) & month
    return {
        "both": int((asked & would).sum()),
        "champion": int((asked & ~would).sum()),
        "challenger": int((would & ~asked).sum()),
    }


def _snapshot(lane: Lane) -> Snapshot:
    header = Header(
        topic=lane.partition.topic,
        partition=lane.partition.number,
        next_offset=lane.position,
        fingerprint=VIEW.fingerprint,
        model_version=lane.scorer.model.manifest.version,
        arrays={},
    )
    scoring = _kept(lane.scorer, "")
    if lane.shadow is not None:
        version = _version(lane.shadow).encode()
        scoring |= _kept(lane.shadow, SHADOW)
        scoring[SHADOW + VERSION] = np.frombuffer(version, dtype=np.uint8)
    return Snapshot(header, lane.state.arrays() | scoring)


def _kept(scorer: Scorer, prefix: str) -> dict[str, NDArray[Any]]:
    began = np.array([scorer.scored_from, scorer.acted_from])
    return {prefix + RECORDS: scorer.records, prefix + SCORED_FROM: began}
