"""What the embedded log adds to the contract: processes, killed writers, trimming, compaction."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from streams.clock import ManualClock, SystemClock
from streams.embedded import EmbeddedSink, EmbeddedSource
from streams.embedded_retention import compact, trim
from streams.embedded_store import FILE, LogStore
from streams.raw import Partition
from streams.transport import FencedError, Record, TopicSpec, TransportError
from tests.contracts.transports import (
    EmbeddedTransport,
    Hooks,
    MemoryTransport,
    Reader,
    await_that,
    records,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def clock():
    return ManualClock(NOON)


@pytest.fixture
def transport(tmp_path, clock):
    made = EmbeddedTransport(tmp_path / "log", clock, expiry=30)
    with made.opened:
        yield made


def write_batches(folder, topic, writer, batches):
    sink = EmbeddedSink(folder, SystemClock())
    for batch in range(batches):
        sink.send(
            [Record(topic, b"%d" % writer, b"%d:%d:%d" % (writer, batch, n)) for n in range(5)]
        )
    sink.close()


def write_until_killed(folder, topic, started):
    sink = EmbeddedSink(folder, SystemClock())
    for batch in range(100_000):
        values = [b"%d:%d:" % (batch, n) + bytes(20_000) for n in range(10)]
        sink.send([Record(topic, b"key", value) for value in values])
        started.set()


def hold_partitions(folder, topic, held):
    source = EmbeddedSource(folder, "killed", SystemClock())
    hooks = Hooks()
    source.subscribe([topic], hooks)
    await_that(lambda: source.poll(0.05) == [] and len(hooks.owned) == 2)
    held.set()
    signal.pause()


def test_two_processes_write_at_once_and_every_record_arrives_whole(transport):
    topic = transport.topic(partitions=2)
    writers = [
        SPAWN.Process(target=write_batches, args=(transport.folder, topic, writer, 40))
        for writer in range(2)
    ]
    for writer in writers:
        writer.start()
    reader = Reader(transport, topic, "both")
    reader.read(400)
    for writer in writers:
        writer.join(30)

    assert [writer.exitcode for writer in writers] == [0, 0]
    for writer in range(2):
        mine = [value for value in reader.values() if value.startswith(b"%d:" % writer)]
        assert mine == [b"%d:%d:%d" % (writer, b, n) for b in range(40) for n in range(5)]


def test_a_writer_killed_in_the_middle_leaves_whole_calls_only(transport):
    topic = transport.topic(partitions=1)
    started = SPAWN.Event()
    writer = SPAWN.Process(target=write_until_killed, args=(transport.folder, topic, started))
    writer.start()
    assert started.wait(30)
    reader = Reader(transport, topic, "torn")
    reader.read(200)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(30)
    await_that(lambda: reader.poll() == [])

    values = reader.values()
    assert len(values) % 10 == 0
    assert [value.split(b":")[:2] for value in values] == [
        [b"%d" % (n // 10), b"%d" % (n % 10)] for n in range(len(values))
    ]
    assert {len(value.rsplit(b":", 1)[1]) for value in values} == {20_000}
    transport.sink().send(records(topic, [b"still works"]))
    reader.read(len(values) + 1)


def test_the_partitions_of_a_killed_process_are_free_at_once(transport):
    topic = transport.topic(partitions=2)
    held = SPAWN.Event()
    holder = SPAWN.Process(target=hold_partitions, args=(transport.folder, topic, held))
    holder.start()
    assert held.wait(30)
    heir = Reader(transport, topic, "killed")
    await_that(lambda: heir.poll() == [] and not heir.hooks.owned)
    os.kill(holder.pid, signal.SIGKILL)
    holder.join(30)

    heir.settle(2)  # though this clock stands still, so that no heartbeat can be late

    assert len(heir.hooks.owned) == 2
    assert len(list(transport.folder.glob("member-*.lock"))) == 1


def test_a_member_that_hangs_loses_its_partitions_and_may_not_commit_them(transport, clock):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"1", b"2"]))
    hung = Reader(transport, topic, "hung")
    hung.read(2)
    heir = Reader(transport, topic, "hung")
    clock.advance(31)
    heir.settle(1)

    with pytest.raises(FencedError):
        sink.send_and_commit(records(topic, [b"late"]), hung.source, hung.positions())
    hung.poll()
    assert hung.hooks.told[-1] == ("revoked", {Partition(topic, 0)})
    heir.read(2)
    assert heir.values() == [b"1", b"2"]


def test_a_member_that_hung_joins_again_and_stays(transport, clock):
    topic = transport.topic(partitions=2)
    hung, heir = Reader(transport, topic, "wakes"), Reader(transport, topic, "wakes")
    await_that(
        lambda: (
            (hung.poll(0.05), heir.poll(0.05))
            and len(hung.hooks.owned) == len(heir.hooks.owned) == 1
        )
    )
    clock.advance(31)
    heir.settle(2)

    await_that(
        lambda: (
            (hung.poll(0.05), heir.poll(0.05))
            and len(hung.hooks.owned) == len(heir.hooks.owned) == 1
        )
    )
    told = len(hung.hooks.told), len(heir.hooks.told)
    for _ in range(5):
        hung.poll(0.02)
        heir.poll(0.02)

    assert (len(hung.hooks.told), len(heir.hooks.told)) == told


def test_a_member_that_keeps_polling_is_never_thought_gone(transport, clock):
    topic = transport.topic(partitions=1)
    owner = Reader(transport, topic, "alive")
    owner.settle(1)
    other = Reader(transport, topic, "alive")

    for _ in range(20):
        clock.advance(5)
        owner.poll(0.01)
        other.poll(0.01)

    assert len(owner.hooks.owned) == 1
    assert not other.hooks.owned


def test_a_call_that_fails_after_writing_its_records_leaves_none(transport):
    topic = transport.topic(partitions=1)
    sink, worker = transport.sink(), Reader(transport, topic, "half")
    worker.settle(1)

    def interrupted(*_):
        raise KeyboardInterrupt

    worker.source.store.set_positions = interrupted
    with pytest.raises(KeyboardInterrupt):
        sink.send_and_commit(records(topic, [b"half"]), worker.source, {Partition(topic, 0): 0})

    assert worker.poll() == []
    assert worker.source.end(Partition(topic, 0)) == 0


def test_trimming_by_count_keeps_the_newest_and_never_reuses_an_offset(transport):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(10)]))

    removed = trim(sink.store, topic, keep_records=3)
    again = trim(sink.store, topic, keep_records=3)
    gone = trim(sink.store, topic, keep_records=0)
    sink.send(records(topic, [b"new"]))

    reader = Reader(transport, topic, "trimmed")
    reader.read(1)
    partition = Partition(topic, 0)
    assert (removed, again, gone) == (7, 0, 3)
    assert reader.values() == [b"new"]
    assert reader.offsets(partition) == [10]
    assert reader.source.beginning(partition) == 10


def test_trimming_by_age_removes_what_is_older_only(transport, clock):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"old"]))
    clock.advance(3600)
    sink.send(records(topic, [b"young"]))

    kept = trim(sink.store, topic, keep_for=timedelta(hours=2))
    removed = trim(sink.store, topic, keep_for=timedelta(minutes=30))

    reader = Reader(transport, topic, "aged")
    reader.read(1)
    assert (kept, removed) == (0, 1)
    assert reader.values() == [b"young"]


def test_compaction_keeps_the_last_record_of_every_key_in_order(transport):
    topic, sink = transport.topic(partitions=1, compacted=True), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(12)], keys=3))
    sink.send([Record(topic, None, b"keyless")])

    assert compact(sink.store, topic) == 9

    reader = Reader(transport, topic, "compacted")
    reader.read(4)
    assert reader.values() == [b"9", b"10", b"11", b"keyless"]
    assert reader.offsets(Partition(topic, 0)) == [9, 10, 11, 12]


def test_a_plain_topic_is_not_compacted(transport):
    with pytest.raises(TransportError, match="not a compacted topic"):
        compact(transport.sink().store, transport.topic())


def test_topics_keep_their_partitions_when_they_are_asked_for_again(transport):
    topic = transport.topic(partitions=2)
    transport.create(TopicSpec(topic, 7))

    assert transport.sink().store.partitions([topic]) == {topic: 2}


def test_a_file_that_is_no_log_is_named(tmp_path):
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)

    with pytest.raises(TransportError, match="file is not a database"):
        LogStore(tmp_path, SystemClock())


def test_a_log_of_a_newer_release_is_left_alone(tmp_path):
    LogStore(tmp_path, SystemClock()).close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(TransportError, match="newer release"):
        LogStore(tmp_path, SystemClock())


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(TransportError, match=str(tmp_path / "file")):
        LogStore(tmp_path / "file" / "log", SystemClock())


def test_a_log_locked_for_too_long_says_so(transport):
    topic = transport.topic()
    impatient = EmbeddedSink(transport.folder, transport.clock)
    impatient.store.db.execute("PRAGMA busy_timeout = 50")
    with transport.sink().store.transaction(), pytest.raises(TransportError, match="locked"):
        impatient.send(records(topic, [b"v"]))
    impatient.close()


def test_a_source_of_another_transport_is_refused(transport):
    memory = MemoryTransport()
    reader = Reader(memory, memory.topic(), "mixed")

    with pytest.raises(TransportError, match="not on the same embedded log"):
        transport.sink().send_and_commit([], reader.source, {Partition("t", 0): 1})
