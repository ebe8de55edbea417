"""`fairuse intake`: verdicts from their topic become cases and leases.

Each verdict is one transaction of the database, and the position in the topic is committed after
it. A crash in between brings the verdict again, and intake knows it by its id.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from access.database import writers
from fairuse.metrics import Metric
from fairuse.topics import VERDICTS
from fairuse.wiring import open_database, open_topics, read_offers, review_policy
from fairuse.work.following import Goal, Held, repeat
from review_api.intake import Intake, IntakeResult
from review_api.intake import intake as take_in
from streams.transport import FencedError, Record

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from fairuse.work.run import Run
    from review_api.policy import ReviewPolicy
    from streams.raw import RawBatch
    from streams.transport import Sink, Source


@dataclass(slots=True)
class VerdictsIn:
    """One member of the group that takes verdicts in."""

    run: Run
    source: Source
    sink: Sink
    sessions: sessionmaker[Session]
    policy: ReviewPolicy
    dead_letter_topic: str
    held: Held = field(default_factory=Held)

    def step(self) -> int:
        """Take what has come, and commit its place; give the number of verdicts."""
        batches = self.source.poll(self.run.settings.poll_seconds)
        for raw in batches:
            dead = [record for record in map(self._take, *_columns(raw)) if record]
            try:
                self.sink.send_and_commit(dead, self.source, {raw.partition: raw.next_offset})
            except FencedError:
                # Another worker reads the partition now; it will know these verdicts again.
                self.run.metrics.count(Metric.FENCED)
        return sum(len(raw) for raw in batches)

    def _take(self, place: dict[str, Any], payload: bytes) -> Record | None:
        with self.sessions.begin() as session:
            result = take_in(session, payload, self.run.clock.now(), self.policy)
        self._count(result)
        return self._letter(place, payload, result)

    def _count(self, result: IntakeResult) -> None:
        self.run.metrics.count(Metric.INTAKE, outcome=result.intake.value)
        if result.detector is not None:
            self.run.metrics.count(Metric.PAUSES, detector=result.detector)
        if result.refusal is not None:
            self.run.metrics.count(Metric.WITHHELD, reason=result.refusal.value)

    def _letter(self, place: dict[str, Any], payload: bytes, result: IntakeResult) -> Record | None:
        if result.intake is not Intake.DEAD_LETTER:
            return None
        letter = place | {"sentence": result.dead_letter, "payload": payload[:4096]}
        return Record(self.dead_letter_topic, None, msgspec.json.encode(letter))


def intake(run: Run) -> int:
    """Take verdicts in as they come; give their number."""
    topics = open_topics(run.settings, run.clock)
    engine = open_database(run.settings)
    with (
        closing(topics.source(run.settings.group, run.settings, run.clock)) as source,
        closing(topics.sink(run.clock)) as sink,
    ):
        worker = VerdictsIn(
            run=run,
            source=source,
            sink=sink,
            sessions=writers(engine),
            policy=replace(review_policy(run.settings), catalogue=read_offers(run.settings)),
            dead_letter_topic=topics.dead_letters(VERDICTS),
        )
        source.subscribe([VERDICTS], worker.held)
        goal = Goal(source)

        def done() -> bool:
            return goal.reached(worker.held.partitions)

        try:
            return repeat(worker.step, run.stop, run.meter, done if run.until_end else None)
        finally:
            engine.dispose()


def _columns(raw: RawBatch) -> tuple[list[dict[str, Any]], list[bytes]]:
    places = [
        {"topic": raw.partition.topic, "partition": raw.partition.number, "offset": int(offset)}
        for offset in raw.offsets
    ]
    return places, raw.values
