"""`fairuse book`: what the platform's events mean for subscriptions, credits and quota.

A few events at a time are one transaction of the database, and the position in the topic is
committed after all of a batch; a crash in between brings events again that the books know already.
Unreadable records are the scoring worker's to report; an event that the books refuse is a dead
letter of this one.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from access.booking import Booked, book_all
from access.database import writers
from access.errors import AccessError, UnknownPlanError
from access.platform_events import BILLING_TYPES, JOB_TYPES, read_event
from fairuse.metrics import Metric
from fairuse.wiring import open_database, open_topics, read_offers, refuse_lost_plans
from fairuse.work.following import Goal, Held, repeat
from streams.archive_rows import keep
from streams.dead_letters import MAX_PAYLOAD_BYTES, DeadLetter, encode
from streams.event import DeadReason
from streams.transport import FencedError, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from access.catalogue import Catalogue
    from access.platform_events import PlatformEvent
    from fairuse.work.run import Run
    from streams.raw import Partition, RawBatch
    from streams.transport import Sink, Source

GROUP_SUFFIX: Final = "-books"
BOOKED_AT_ONCE: Final = 100
"""Events in one transaction: the accounts in it are locked until it ends."""

Row = dict[str, Any]


@dataclass(slots=True)
class Bookkeeper:
    """One member of the group that keeps the books."""

    run: Run
    source: Source
    sink: Sink
    sessions: sessionmaker[Session]
    catalogue: Catalogue
    dead_letter_topic: str
    held: Held = field(default_factory=Held)

    def step(self) -> int:
        """Book what has come, and commit its place; give the number of records."""
        settings = self.run.settings
        batches = self.source.poll(settings.poll_seconds, settings.batch_events)
        for raw in batches:
            letters = list(self._book(raw))
            try:
                self.sink.send_and_commit(letters, self.source, {raw.partition: raw.next_offset})
            except FencedError:
                # Another worker reads the partition now; the books know these events already.
                self.run.metrics.count(Metric.FENCED)
        return sum(len(raw) for raw in batches)

    def _book(self, raw: RawBatch) -> Iterator[Record]:
        rows = self._rows(raw)
        for start in range(0, len(rows), BOOKED_AT_ONCE):
            yield from self._book_some(raw.partition, rows[start : start + BOOKED_AT_ONCE])

    def _rows(self, raw: RawBatch) -> list[Row]:
        table, _ = keep(raw)
        types = BILLING_TYPES | JOB_TYPES if self.run.settings.book_jobs else BILLING_TYPES
        ours = pc.is_in(table.column("type"), pa.array(types, pa.string()))
        rows: list[Row] = table.filter(ours).to_pylist()
        return rows

    def _book_some(self, partition: Partition, rows: Sequence[Row]) -> Iterator[Record]:
        read = [_read(row) for row in rows]
        events = [event for event in read if not isinstance(event, AccessError)]
        with self.sessions.begin() as session:
            booked = iter(book_all(session, events, self.catalogue, self.run.clock.now()))
        for row, event in zip(rows, read, strict=True):
            outcome = event if isinstance(event, AccessError) else next(booked)
            if isinstance(outcome, Booked):
                self.run.metrics.count(Metric.BOOKED, outcome=outcome.value)
            else:
                self.run.metrics.count(Metric.DEAD_LETTERS, reason=DeadReason.OUT_OF_RANGE)
                letter = _letter(partition, row, outcome)
                yield Record(self.dead_letter_topic, None, encode(letter))


def book(run: Run) -> int:
    """Keep the books as events come; give the number of records."""
    catalogue = read_offers(run.settings)
    topics = open_topics(run.settings, run.clock)
    engine = open_database(run.settings)
    refuse_lost_plans(engine, run.settings, catalogue)
    group = run.settings.group + GROUP_SUFFIX
    with (
        closing(topics.source(group, run.settings, run.clock)) as source,
        closing(topics.sink(run.clock)) as sink,
    ):
        letters = topics.dead_letters(topics.events)
        worker = Bookkeeper(run, source, sink, writers(engine), catalogue, letters)
        source.subscribe([topics.events], worker.held)
        goal = Goal(source)

        def done() -> bool:
            return goal.reached(worker.held.partitions)

        try:
            return repeat(worker.step, run.stop, run.meter, done if run.until_end else None)
        finally:
            engine.dispose()


def _read(row: Row) -> PlatformEvent | AccessError:
    try:
        return read_event(row)
    except AccessError as error:
        return error


def _letter(partition: Partition, row: Row, error: AccessError) -> DeadLetter:
    said = {name: value for name, value in row.items() if value is not None and name[0] != "_"}
    payload = msgspec.json.encode(said)
    return DeadLetter(
        topic=partition.topic,
        partition=partition.number,
        offset=row["_offset"],
        index=row["_index"],
        reason=DeadReason.OUT_OF_RANGE,
        field="plan" if isinstance(error, UnknownPlanError) else "",
        sentence=str(error),
        payload=payload[:MAX_PAYLOAD_BYTES],
        size=len(payload),
    )
