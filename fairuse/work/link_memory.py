"""What the worker of linked accounts remembers: the table, and its place in every partition.

Both rest in one snapshot, so that they always belong together.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from features.links import LAYOUT, LinkTable
from features.snapshots import Header, Snapshot

if TYPE_CHECKING:
    from collections.abc import Collection

    from features.snapshots import SnapshotStore
    from streams.raw import Partition
    from streams.transport import Source

log = logging.getLogger(__name__)

FINGERPRINT: Final = hashlib.blake2b(LAYOUT.encode(), digest_size=8).hexdigest()
POSITIONS: Final = "links.positions"


@dataclass(slots=True)
class LinkMemory:
    """The table of shared attributes, and the place in each partition that it is good to."""

    source: Source
    store: SnapshotStore
    topic: str
    attributes: int
    table: LinkTable = field(init=False)
    positions: dict[int, int] = field(init=False)
    held: set[Partition] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.table, self.positions = LinkTable(self.attributes), {}
        found = self.store.load(self._name, 0, FINGERPRINT)
        if found is not None:
            arrays = dict(found.arrays)
            self.positions = dict(arrays.pop(POSITIONS).tolist())
            self.table = LinkTable.from_arrays(arrays)

    def assigned(self, partitions: Collection[Partition]) -> None:
        """Read on where the table stands; from the beginning if the log is another one."""
        self.held |= set(partitions)
        if any(self.positions.get(part.number, 0) > self.source.end(part) for part in partitions):
            log.warning("%s: the snapshot of links is ahead of its log; reading anew", self.topic)
            self.table, self.positions = LinkTable(self.attributes), {}
            partitions = self.held
        for part in partitions:
            first = self.source.beginning(part)
            self.source.seek(part, max(first, self.positions.get(part.number, first)))

    def revoked(self, partitions: Collection[Partition]) -> None:
        """Let partitions go. The table stays: it is of use as soon as one comes back."""
        self.held -= set(partitions)

    def save(self) -> None:
        """Write a snapshot; its name grows with the log."""
        positions = np.array(sorted(self.positions.items()), dtype=np.int64).reshape(-1, 2)
        header = Header(
            topic=self._name,
            partition=0,
            next_offset=int(positions[:, 1].sum()),
            fingerprint=FINGERPRINT,
            model_version="",
            arrays={},
        )
        self.store.save(Snapshot(header, self.table.arrays() | {POSITIONS: positions}))

    @property
    def _name(self) -> str:
        return f"{self.topic}.links"
