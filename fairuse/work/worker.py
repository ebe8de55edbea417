"""The live loop: raw records in, verdicts and dead letters out, exactly once.

Each micro-batch is one transaction of verdicts, dead letters and the input's position. After a
crash the state is rebuilt from the newest snapshot and the log, in silence up to the committed
position. The loop stops on a transport failure or past the dead-letter limit; it never skips.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from detectors.overlap import overlaps
from detectors.verdict import Response
from detectors.verdict import encode as encode_verdict
from fairuse.metrics import Metric
from fairuse.topics import VERDICTS
from streams.dead_letters import DeadLetterLimit
from streams.dead_letters import encode as encode_letter
from streams.decode import decode
from streams.transport import CONTENT_TYPE, FencedError, Record

if TYPE_CHECKING:
    from detectors.verdict import Verdict
    from fairuse.metrics import Metrics
    from fairuse.work.lanes import Lane, Lanes
    from streams.dead_letters import DeadLetter
    from streams.decode import Decoded
    from streams.raw import RawBatch
    from streams.transport import Sink, Source

JSON: Final = ((CONTENT_TYPE, b"application/json"),)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a worker takes at once and how long it waits."""

    poll_seconds: float = 1.0
    batch_events: int = 8192


@dataclass(slots=True)
class Worker:
    """One member of the group that scores usage events."""

    source: Source
    sink: Sink
    lanes: Lanes
    metrics: Metrics
    dead_letter_topic: str
    key: bytes
    pace: Pace = field(default_factory=Pace)
    limit: DeadLetterLimit = field(default_factory=DeadLetterLimit)

    def step(self) -> int:
        """Take what has come, at most one poll's worth; give the number of records."""
        self.lanes.look_round()
        batches = self.source.poll(self.pace.poll_seconds, self.pace.batch_events)
        for raw in batches:
            # A batch may outlive its lane: an earlier one of this poll may have been refused.
            if lane := self.lanes.held.get(raw.partition):
                self._take(lane, raw)
        self.lanes.save_due()
        return sum(len(raw) for raw in batches)

    def close(self) -> None:
        """Save what is held and leave the group."""
        self.lanes.revoked(list(self.lanes.held))
        self.source.close()
        self.sink.close()

    def _take(self, lane: Lane, raw: RawBatch) -> None:
        began = self.lanes.clock.monotonic()
        decoded = decode(raw, self.key)
        self.limit.count(len(decoded.events) + len(decoded.dead), len(decoded.dead))
        verdicts = lane.judge(decoded.events)
        dead = [letter for letter in decoded.dead if letter.offset >= lane.spoken]
        speaks = raw.next_offset > lane.spoken
        if speaks and not self._publish(lane, raw, verdicts, dead):
            return
        self._count(raw, decoded, replayed=int((raw.offsets < lane.spoken).sum()))
        self._count_published(verdicts, dead)
        lane.position = raw.next_offset
        lane.spoken = max(lane.spoken, lane.position)
        number = str(raw.partition.number)
        self.metrics.show(Metric.ACCOUNTS, lane.state.accounts, partition=number)
        self.metrics.count(Metric.BATCH_SECONDS, self.lanes.clock.monotonic() - began)

    def _publish(
        self, lane: Lane, raw: RawBatch, verdicts: list[Verdict], dead: list[DeadLetter]
    ) -> bool:
        records = [_verdict_record(verdict) for verdict in verdicts]
        records += [self._letter_record(letter) for letter in dead]
        try:
            self.sink.send_and_commit(records, self.source, {raw.partition: raw.next_offset})
        except FencedError:
            self.lanes.drop(lane.partition)
            return False
        return True

    def _letter_record(self, letter: DeadLetter) -> Record:
        return Record(self.dead_letter_topic, None, encode_letter(letter), JSON)

    def _count(self, raw: RawBatch, decoded: Decoded, *, replayed: int) -> None:
        self.metrics.count(Metric.BATCHES)
        self.metrics.count(Metric.RECORDS, len(raw))
        self.metrics.count(Metric.EVENTS, len(decoded.events))
        self.metrics.count(Metric.UNKNOWN_EVENTS, decoded.unknown_types)
        self.metrics.count(Metric.REPLAYED, replayed)

    def _count_published(self, verdicts: list[Verdict], dead: list[DeadLetter]) -> None:
        champion = self.lanes.models.champion.manifest.version
        for verdict in verdicts:
            if verdict.model_version != champion:
                self.metrics.count(Metric.CHALLENGER, response=verdict.shadow)
                continue
            self.metrics.count(Metric.VERDICTS, kind=verdict.kind, action=verdict.action)
            if verdict.shadow is not Response.NONE:
                self._count_shadow(verdict)
        for letter in dead:
            self.metrics.count(Metric.DEAD_LETTERS, reason=letter.reason)

    def _count_shadow(self, verdict: Verdict) -> None:
        overlap = "yes" if overlaps(verdict) else "no"
        self.metrics.count(
            Metric.SHADOWS, detector=verdict.detector, response=verdict.shadow, overlap=overlap
        )


def _verdict_record(verdict: Verdict) -> Record:
    return Record(VERDICTS, verdict.account_id.encode(), encode_verdict(verdict), JSON)
