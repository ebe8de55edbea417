"""Live scoring and archiving of a simulated platform, in this process and without a broker.

Everything is the real thing but the log between: the same decoding, feature state, scorer and
archive writer. A new champion is picked up at the end of a night and scores from there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.memory import behind
from detectors.registry import Registry
from detectors.scorer import Scorer
from fairuse.watching import policy_of
from features.state import FeatureState
from streams.archive import ArchiveWriter
from streams.decode import decode
from streams.encode import encode_table
from streams.partitions import partition_for
from streams.raw import Encoding, Partition, RawBatch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import pyarrow as pa

    from detectors.verdict import Verdict
    from fairuse.settings import Settings

TOPIC: Final = "usage-events"


@dataclass(slots=True)
class Lane:
    """One partition at work; without a champion nobody is judged."""

    state: FeatureState = field(default_factory=FeatureState)
    scorer: Scorer | None = None
    position: int = 0


@dataclass(slots=True)
class Live:
    """The partitions of a platform, and the archive they are written to."""

    settings: Settings
    lanes: dict[Partition, Lane] = field(init=False)

    def __post_init__(self) -> None:
        numbers = range(self.settings.partitions)
        self.lanes = {Partition(TOPIC, number): Lane() for number in numbers}

    def take(self, events: pa.Table, day: date) -> list[Verdict]:
        """Score and archive a day's events in their order; give what was said."""
        writer = ArchiveWriter(self.settings.archive_dir)
        said: list[Verdict] = []
        for raw in self._records(events):
            lane = self.lanes[raw.partition]
            batch = decode(raw, self.settings.hash_key).events
            readings = lane.state.update(batch)
            if lane.scorer is not None:
                said += lane.scorer.judge(batch, readings, lane.state, TOPIC)
            lane.position = raw.next_offset
            writer.add(raw)
        writer.flush(day)
        return said

    def look(self) -> str | None:
        """Score from here on with the champion of the registry; give its version."""
        registry = Registry(self.settings.registry_dir)
        version = registry.champion_version()
        if version is None:
            return None
        for lane in self.lanes.values():
            if lane.scorer is None or lane.scorer.model.manifest.version != version:
                model, policy = registry.load(version), policy_of(self.settings)
                before = behind(lane.state) if lane.scorer is None else lane.scorer.records
                lane.scorer = Scorer.after(before, model, policy, lane.position)
        return version

    def _records(self, events: pa.Table) -> Iterator[RawBatch]:
        values = encode_table(events)
        keys = [key.encode() for key in events.column("account_id").to_pylist()]
        placed = [
            partition_for(key, value, len(self.lanes))
            for key, value in zip(keys, values, strict=True)
        ]
        for partition, lane in self.lanes.items():
            mine = [n for n, number in enumerate(placed) if number == partition.number]
            if mine:
                yield RawBatch(
                    partition, lane.position + np.arange(len(mine)), [values[n] for n in mine],
                    np.full(len(mine), Encoding.JSON, dtype=np.uint8), lane.position + len(mine),
                    [keys[n] for n in mine],
                )  # fmt: skip
