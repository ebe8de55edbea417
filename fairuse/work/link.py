"""`fairuse link`: from usage events to linked accounts in the review database.

One worker reads the whole log, because accounts of different partitions share devices. What it
learnt rests in a snapshot with the place in every partition. After a crash it reads on from there
and notes some sightings again, which changes nothing.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from access.database import readers, writers
from detectors.association import SHARED
from fairuse.metrics import Metric
from fairuse.wiring import open_database, open_topics, review_policy
from fairuse.work.following import Goal, repeat
from fairuse.work.link_memory import LinkMemory
from features.snapshots import SnapshotStore
from review_api.links import forget_links, note_sightings
from review_api.neighbours import look_at, upheld_since, worth_a_look
from streams.decode import decode
from streams.transport import FencedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session, sessionmaker

    from fairuse.work.run import Run
    from features.links import Sighting
    from review_api.policy import ReviewPolicy

GROUP_SUFFIX: Final = "-link"
SNAPSHOTS_APART: Final = 10
"""So many times the snapshot interval of feature state: to note twice costs little."""
NOTED_AT_ONCE: Final = 500
"""Sightings in one transaction: on SQLite a reviewer's decision waits until it ends."""


@dataclass(slots=True)
class Linker:
    """Keeps linked accounts, and asks for a look where they call for one."""

    run: Run
    memory: LinkMemory
    writing: sessionmaker[Session]
    reading: sessionmaker[Session]
    policy: ReviewPolicy
    saved_at: float
    decided: int = 0

    def step(self) -> int:
        """Learn what has come, note what is new and commit; give the number of records."""
        settings, source = self.run.settings, self.memory.source
        batches = source.poll(settings.poll_seconds, settings.batch_events)
        for raw in batches:
            if raw.partition not in self.memory.held:
                continue
            # Unreadable records are the scoring worker's to report.
            self._note(self.memory.table.update(decode(raw, settings.hash_key).events))
            self.memory.positions[raw.partition.number] = raw.next_offset
            try:
                source.commit({raw.partition: raw.next_offset})
            except FencedError:
                self.run.metrics.count(Metric.FENCED)
        self._follow_decisions()
        self._save_when_due()
        return sum(len(raw) for raw in batches)

    def close(self) -> None:
        """Save what was learnt."""
        self.memory.save()

    def _note(self, sightings: list[Sighting]) -> None:
        for start in range(0, len(sightings), NOTED_AT_ONCE):
            few = sightings[start : start + NOTED_AT_ONCE]
            with self.writing.begin() as session:
                touched = note_sightings(session, few, self.run.clock.now())
                accounts = worth_a_look(session, touched)
            for sighting in few:
                self.run.metrics.count(Metric.SIGHTINGS, shared=SHARED[sighting.kind])
            self._look(accounts)

    def _follow_decisions(self) -> None:
        """Look at the accounts linked to those that people have upheld since."""
        with self.reading.begin() as session:
            accounts, self.decided = upheld_since(session, self.decided)
        self._look(accounts)

    def _look(self, accounts: Iterable[str]) -> None:
        for account in accounts:
            # One transaction each: two accounts are never locked at once.
            with self.writing.begin() as session:
                now = self.run.clock.now()
                finding = look_at(session, account, self.memory.topic, now, self.policy)
            if finding is not None:
                self.run.metrics.count(Metric.LINK_REVIEWS, reason=finding.reason.code)

    def _save_when_due(self) -> None:
        settings, now = self.run.settings, self.run.clock.monotonic()
        if now - self.saved_at < SNAPSHOTS_APART * settings.snapshot_seconds:
            return
        self.saved_at = now
        self.memory.save()
        self.run.metrics.show(Metric.LINK_ATTRIBUTES, self.memory.table.attributes)
        with self.writing.begin() as session:
            forget_links(session, self.run.clock.now() - timedelta(days=settings.link_days))


def link(run: Run) -> int:
    """Keep linked accounts as events come; give the number of records."""
    topics = open_topics(run.settings, run.clock)
    engine = open_database(run.settings)
    group = run.settings.group + GROUP_SUFFIX
    with closing(topics.source(group, run.settings, run.clock)) as source:
        store = SnapshotStore(run.settings.snapshot_dir)
        memory = LinkMemory(source, store, topics.events, run.settings.link_attributes)
        policy = review_policy(run.settings)
        worker = Linker(
            run, memory, writers(engine), readers(engine), policy, run.clock.monotonic()
        )
        source.subscribe([topics.events], memory)
        goal = Goal(source)

        def done() -> bool:
            return goal.reached(memory.held)

        try:
            total = repeat(worker.step, run.stop, run.meter, done if run.until_end else None)
            worker.close()
            return total
        finally:
            engine.dispose()
