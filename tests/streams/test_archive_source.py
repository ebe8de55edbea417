"""An archive is read as any topic is: what the suite over transports asks of reading."""

from __future__ import annotations

import pytest

from streams.archive import ArchiveWriter
from streams.archive_source import ArchiveSink, ArchiveSource
from streams.clock import SystemClock
from streams.columns import EventBatch
from streams.decode import decode
from streams.encode import encode_arrow
from streams.raw import Encoding, Partition
from streams.transport import (
    FencedError,
    Record,
    Sink,
    Source,
    TopicMissingError,
    TopicSpec,
    TransportError,
)
from streams.urls import ensure_topics, is_topic_url, open_sink, open_source, parse
from tests.contracts.transports import Reader, Transport, await_that, records
from tests.streams.samples import batch, record, same_rows
from tests.streams.test_archive import MONDAY, SUNDAY, _rest
from tests.streams.test_decode_arrow import table

TOPIC = "usage-events"
ONE, OTHER = Partition(TOPIC, 0), Partition(TOPIC, 1)


def write(folder, partition, one, day=SUNDAY):
    writer = ArchiveWriter(folder)
    writer.add(type(one)(partition, *_rest(one)))
    writer.flush(day)


def some(first, count):
    return batch([record(event_id=f"e{first + n}", seed=n) for n in range(count)], first=first)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, ONE, some(0, 20))
    write(tmp_path, ONE, some(20, 20), day=MONDAY)
    write(tmp_path, OTHER, some(5, 10))
    return tmp_path


class Archived(Transport):
    """Opens sources on an archive, and closes them all."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def make_source(self, group):
        return ArchiveSource(self.folder, group, SystemClock())

    def make_sink(self):
        return ArchiveSink(self.folder, SystemClock())


@pytest.fixture
def transport(folder):
    made = Archived(folder)
    with made.opened:
        yield made


def test_records_come_in_log_order_with_their_offsets_and_their_events(transport):
    reader = Reader(transport, TOPIC, "all")
    reader.read(50)
    assert isinstance(reader.source, Source)
    assert reader.offsets(ONE) == list(range(40))
    assert reader.offsets(OTHER) == list(range(5, 15))
    assert {key for one in reader.batches for key in one.keys} == {b"acc_91"}
    again = EventBatch.join([decode(one).events for one in reader.batches if one.partition == ONE])
    live = EventBatch.join([decode(some(0, 20)).events, decode(some(20, 20)).events])
    live.events["partition"] = 0
    assert same_rows(live.events, again.events)


def test_a_poll_gives_no_more_than_its_limit_and_loses_nothing(transport):
    reader, sizes = Reader(transport, TOPIC, "limit"), []
    await_that(
        lambda: sizes.append(sum(map(len, reader.poll(limit=7)))) or len(reader.values()) >= 50
    )
    assert max(sizes) <= 7
    assert reader.offsets(ONE) == list(range(40))


def test_reading_goes_on_from_the_committed_position_after_reopening(transport):
    first = Reader(transport, TOPIC, "resume")
    first.read(50)
    assert first.source.committed(ONE) is None
    first.source.commit({ONE: 33, OTHER: 15})
    first.source.close()
    write(transport.folder, OTHER, some(15, 2), day=MONDAY)
    second = Reader(transport, TOPIC, "resume")
    second.read(9)
    assert second.offsets(ONE) == list(range(33, 40))
    assert second.offsets(OTHER) == [15, 16]


def test_seeking_back_replays_the_very_same_records(transport):
    reader = Reader(transport, TOPIC, "seek")
    reader.read(50)
    values = reader.values()
    reader.batches.clear()
    for part in (ONE, OTHER):
        reader.source.seek(part, 0)
    reader.read(50)
    assert sorted(reader.values()) == sorted(values)
    with pytest.raises(FencedError):
        reader.source.seek(Partition(TOPIC, 9), 0)


def test_the_position_passes_offsets_without_a_row_and_reaches_the_end(transport):
    write(transport.folder, OTHER, batch([record(), b"{", b"{"], first=20), day=MONDAY)
    reader = Reader(transport, TOPIC, "end")
    reader.read(51)
    await_that(lambda: reader.poll() == [] and reader.source.position(OTHER) == 23)
    assert (reader.source.beginning(OTHER), reader.source.end(OTHER)) == (5, 23)
    assert reader.source.position(ONE) == reader.source.end(ONE) == 40


def test_what_is_archived_while_reading_comes_too(transport):
    reader = Reader(transport, TOPIC, "follow")
    reader.read(50)
    assert reader.poll() == []
    write(transport.folder, ONE, some(40, 3), day=MONDAY)
    reader.read(53)
    assert reader.offsets(ONE) == list(range(43))


def test_members_share_and_never_commit_what_they_gave_up(transport):
    first = Reader(transport, TOPIC, "share")
    first.settle(2)
    second = Reader(transport, TOPIC, "share")
    await_that(lambda: (first.poll(), second.poll()) and len(second.hooks.owned) == 1)
    (lost,) = second.hooks.owned
    with pytest.raises(FencedError):
        first.source.commit({lost: 7})
    second.source.close()
    first.settle(2)


def test_outputs_and_positions_take_effect_together_and_nothing_goes_into_the_archive(transport):
    url = f"archive:{transport.folder}/{TOPIC}"
    clock = SystemClock()
    ensure_topics(url, [TopicSpec(TOPIC, 4), TopicSpec("verdicts", 1)], clock=clock)
    reader, sink = Reader(transport, TOPIC, "worker"), transport.sink()
    reader.read(50)
    sink.claim(reader.source, reader.hooks.owned)
    sink.send_and_commit(records("verdicts", [b"said"]), reader.source, {ONE: 40})
    broken = [*records("verdicts", [b"half"]), Record("nowhere", b"k", b"v")]
    with pytest.raises(TopicMissingError):
        sink.send_and_commit(broken, reader.source, {OTHER: 15})
    assert (reader.source.committed(ONE), reader.source.committed(OTHER)) == (40, None)
    watcher = Reader(transport, "verdicts", "watcher")
    watcher.read(1)
    assert watcher.values() == [b"said"]
    with pytest.raises(TransportError, match="can only be read"):
        sink.send(records(TOPIC, [b"{}"]))


def test_a_record_of_several_events_comes_as_one_again(tmp_path):
    mixed = batch([record(), encode_arrow(table(3)), record()], first=7)
    mixed.encodings[1] = Encoding.ARROW
    write(tmp_path, ONE, mixed)
    made = Archived(tmp_path)
    with made.opened:
        reader = Reader(made, TOPIC, "several")
        reader.read(3)
    (one,) = reader.batches
    live = decode(type(mixed)(ONE, *_rest(mixed))).events
    assert one.offsets.tolist() == [7, 8, 9]
    assert same_rows(decode(one).events.events, live.events)


def test_a_topic_that_is_not_archived_is_named(transport):
    with pytest.raises(TopicMissingError, match=r"no-such-topic.*archive at"):
        Reader(transport, "no-such-topic", "missing")


def test_a_folder_without_the_topic_is_named_and_not_made(tmp_path):
    url = f"archive:{tmp_path}/mistyped/{TOPIC}"
    with pytest.raises(TopicMissingError, match=f"{TOPIC} in the archive at .*mistyped"):
        ensure_topics(url, [TopicSpec(TOPIC, 4)], clock=SystemClock())
    assert not (tmp_path / "mistyped").exists()


def test_an_archive_has_a_topic_url(folder):
    url = f"archive:{folder}/{TOPIC}"
    assert is_topic_url(url)
    assert str(parse(url)) == url
    source, sink = (
        open_source(url, "g", clock=SystemClock()),
        open_sink(url, clock=SystemClock()),
    )
    assert isinstance(source, ArchiveSource)
    assert isinstance(sink, Sink)
    source.close()
    sink.close()
