"""One suite over every transport: memory, the embedded log, and a real Kafka broker."""

from __future__ import annotations

import time
from collections import defaultdict

import pytest

from streams.raw import Encoding, Partition
from streams.transport import (
    ARROW_STREAM,
    MAX_RECORD_BYTES,
    FencedError,
    Record,
    RecordTooLargeError,
    TopicMissingError,
)
from tests.contracts.transports import (
    EmbeddedTransport,
    KafkaTransport,
    MemoryTransport,
    Reader,
    await_that,
    records,
)


@pytest.fixture(params=["memory", "embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def transport(request, tmp_path):
    if request.param == "memory":
        made = MemoryTransport()
    elif request.param == "embedded":
        made = EmbeddedTransport(tmp_path / "log")
    else:
        made = KafkaTransport(request.getfixturevalue("kafka"))
    with made.opened:
        yield made


def test_records_of_one_key_arrive_in_the_order_they_were_sent(transport):
    topic, sink = transport.topic(partitions=3), transport.sink()
    sent = records(topic, [b"%d" % n for n in range(300)], keys=10)
    for start in range(0, 300, 50):
        sink.send(sent[start : start + 50])

    reader = Reader(transport, topic, "order")
    reader.read(300)

    arrived = defaultdict(list)
    for batch in reader.batches:
        for key, value in zip(batch.keys, batch.values, strict=True):
            arrived[key].append(int(value))
    assert {len(values) for values in arrived.values()} == {30}
    assert all(values == sorted(values) for values in arrived.values())


def test_offsets_rise_within_a_partition_and_name_where_to_go_on(transport):
    topic, sink = transport.topic(partitions=2), transport.sink()
    for start in range(5):
        sink.send(records(topic, [b"%d" % n for n in range(start * 20, start * 20 + 20)]))
    reader = Reader(transport, topic, "offsets")

    reader.read(100)

    for partition in reader.hooks.owned:
        offsets = reader.offsets(partition)
        assert offsets == sorted(set(offsets))
    assert all(batch.next_offset > batch.offsets[-1] for batch in reader.batches)
    assert sorted(reader.values(), key=int) == [b"%d" % n for n in range(100)]


def test_a_poll_gives_no_more_than_its_limit_and_loses_nothing(transport):
    topic, sink = transport.topic(partitions=2), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(50)]))
    reader = Reader(transport, topic, "limit")

    sizes = []
    await_that(
        lambda: sizes.append(sum(map(len, reader.poll(limit=7)))) or len(reader.values()) >= 50
    )

    assert max(sizes) <= 7
    assert sorted(reader.values(), key=int) == [b"%d" % n for n in range(50)]


def test_an_empty_poll_comes_back_when_its_time_is_up(transport):
    topic = transport.topic()
    reader = Reader(transport, topic, "empty")
    reader.settle(2)

    started = time.monotonic()
    batches = reader.poll(timeout=0.3)

    assert batches == []
    assert 0.2 < time.monotonic() - started < 5


def test_reading_goes_on_from_the_committed_position_after_reopening(transport):
    topic, sink = transport.topic(partitions=2), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(40)]))
    first = Reader(transport, topic, "resume")
    first.read(40)
    first.source.commit(first.positions())
    first.source.close()
    sink.send(records(topic, [b"%d" % n for n in range(40, 60)]))

    second = Reader(transport, topic, "resume")
    second.read(20)

    assert sorted(second.values(), key=int) == [b"%d" % n for n in range(40, 60)]


def test_what_was_read_but_not_committed_comes_again(transport):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(30)]))
    first = Reader(transport, topic, "again")
    first.read(30)
    partition = Partition(topic, 0)
    first.source.commit({partition: first.offsets(partition)[10]})
    first.source.close()

    second = Reader(transport, topic, "again")
    second.read(20)

    assert second.values() == [b"%d" % n for n in range(10, 30)]


def test_a_partition_without_a_position_has_none_until_it_is_committed(transport):
    topic = transport.topic(partitions=1)
    reader = Reader(transport, topic, "unset")
    reader.settle(1)
    partition = Partition(topic, 0)

    before = reader.source.committed(partition)
    reader.source.commit({partition: 0})

    assert before is None
    assert reader.source.committed(partition) == 0


def test_seeking_back_replays_the_very_same_records(transport):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(25)]))
    reader = Reader(transport, topic, "seek")
    reader.read(25)
    partition = Partition(topic, 0)
    offsets = reader.offsets(partition)

    reader.batches.clear()
    reader.source.seek(partition, offsets[5])
    reader.read(20)

    assert reader.offsets(partition) == offsets[5:]
    assert reader.values() == [b"%d" % n for n in range(5, 25)]


def test_a_hook_may_seek_before_the_first_record_is_given(transport):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(10)]))
    reader = Reader(transport, topic, "hook-seek")
    told = reader.hooks.assigned

    def assigned(partitions):
        told(partitions)
        for partition in partitions:
            assert reader.source.committed(partition) is None
            reader.source.seek(partition, 7)

    reader.hooks.assigned = assigned
    reader.read(3)

    assert reader.values() == [b"7", b"8", b"9"]


def test_seeking_in_a_partition_of_somebody_else_is_refused(transport):
    topic = transport.topic(partitions=1)
    reader = Reader(transport, topic, "strange")
    reader.settle(1)

    with pytest.raises(FencedError):
        reader.source.seek(Partition(topic, 9), 0)


def test_the_position_reaches_the_end_once_everything_is_read(transport):
    topic, sink = transport.topic(partitions=1), transport.sink()
    reader = Reader(transport, topic, "end")
    reader.settle(1)
    partition = Partition(topic, 0)
    assert reader.source.end(partition) == 0

    sink.send(records(topic, [b"a", b"b", b"c"]))
    reader.read(3)
    await_that(
        lambda: (
            reader.poll() == []
            and reader.source.position(partition) == reader.source.end(partition)
        )
    )

    assert reader.source.beginning(partition) == 0
    assert reader.source.end(partition) >= 3


def test_groups_read_the_same_topic_each_at_its_own_pace(transport):
    topic, sink = transport.topic(partitions=2), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(20)]))
    one, other = Reader(transport, topic, "one"), Reader(transport, topic, "other")

    one.read(20)
    one.source.commit(one.positions())
    other.read(20)

    assert sorted(one.values()) == sorted(other.values())
    assert all(other.source.committed(part) is None for part in other.hooks.owned)


def test_a_second_member_takes_a_share_and_gives_it_back_when_it_leaves(transport):
    topic, sink = transport.topic(partitions=4), transport.sink()
    first = Reader(transport, topic, "share")
    first.settle(4)

    second = Reader(transport, topic, "share")
    await_that(
        lambda: (
            (first.poll(), second.poll()) and len(first.hooks.owned) == len(second.hooks.owned) == 2
        )
    )
    sink.send(records(topic, [b"%d" % n for n in range(40)], keys=40))
    await_that(
        lambda: (first.poll(), second.poll()) and len(first.values() + second.values()) >= 40
    )

    assert not first.hooks.owned & second.hooks.owned
    assert sorted(first.values() + second.values(), key=int) == [b"%d" % n for n in range(40)]
    assert {batch.partition for batch in second.batches} <= second.hooks.owned

    first.source.commit(first.positions())
    second.source.commit(second.positions())
    second.source.close()
    first.settle(4)
    sink.send(records(topic, [b"%d" % n for n in range(40, 80)], keys=40))
    await_that(lambda: first.poll() is not None and len(first.values() + second.values()) >= 80)

    assert sorted(first.values() + second.values(), key=int) == [b"%d" % n for n in range(80)]


def test_a_partition_is_never_committed_by_a_member_that_gave_it_up(transport):
    topic, sink = transport.topic(partitions=2), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(20)]))
    first = Reader(transport, topic, "given-up")
    first.read(20)
    second = Reader(transport, topic, "given-up")
    await_that(lambda: (first.poll(), second.poll()) and len(second.hooks.owned) == 1)
    (lost,) = second.hooks.owned

    with pytest.raises(FencedError):
        first.source.commit({lost: 1})
    with pytest.raises(FencedError):
        sink.send_and_commit(records(topic, [b"late"]), first.source, {lost: 1})

    assert second.source.committed(lost) is None
    second.source.seek(lost, 0)
    await_that(lambda: second.poll() == [] and second.source.position(lost) > 0)
    assert b"late" not in second.values()


def test_a_closed_source_can_commit_nothing(transport):
    topic, sink = transport.topic(partitions=1), transport.sink()
    reader = Reader(transport, topic, "left")
    reader.settle(1)
    partition = Partition(topic, 0)
    survivor = Reader(transport, topic, "left")
    reader.source.close()
    survivor.settle(1)

    with pytest.raises(Exception, match=r".+"):
        sink.send_and_commit(records(topic, [b"ghost"]), reader.source, {partition: 5})

    assert survivor.source.committed(partition) is None
    assert survivor.poll() == []


def test_outputs_and_positions_take_effect_together(transport):
    inputs, outputs = transport.topic(partitions=1), transport.topic(partitions=1)
    sink = transport.sink()
    sink.send(records(inputs, [b"in-%d" % n for n in range(10)]))
    worker = Reader(transport, inputs, "worker")
    worker.read(10)
    sink.claim(worker.source, worker.hooks.owned)

    for batch in worker.batches:
        out = records(outputs, [b"out-" + value[3:] for value in batch.values])
        sink.send_and_commit(out, worker.source, {batch.partition: batch.next_offset})

    watcher = Reader(transport, outputs, "watcher")
    watcher.read(10)
    partition = Partition(inputs, 0)
    assert sorted(watcher.values()) == sorted(b"out-%d" % n for n in range(10))
    assert worker.source.committed(partition) == worker.positions()[partition]


def test_a_transaction_that_fails_leaves_neither_outputs_nor_positions(transport):
    inputs, outputs = transport.topic(partitions=1), transport.topic(partitions=1)
    sink = transport.sink()
    sink.send(records(inputs, [b"1", b"2"]))
    worker = Reader(transport, inputs, "fails")
    worker.read(2)
    partition = Partition(inputs, 0)

    broken = [*records(outputs, [b"half"]), Record("no-such-topic", b"k", b"v")]
    with pytest.raises(TopicMissingError):
        sink.send_and_commit(broken, worker.source, {partition: 2})
    assert worker.source.committed(partition) is None

    sink.send_and_commit(records(outputs, [b"whole"]), worker.source, {partition: 2})
    watcher = Reader(transport, outputs, "watch-fails")
    watcher.read(1)
    assert watcher.poll() == []
    assert watcher.values() == [b"whole"]
    assert worker.source.committed(partition) == 2


def test_sending_writes_all_records_or_none(transport):
    topic, sink = transport.topic(partitions=2), transport.sink()
    too_large = Record(topic, b"k", bytes(MAX_RECORD_BYTES + 1))

    with pytest.raises(RecordTooLargeError, match="1,000,002 bytes"):
        sink.send([*records(topic, [b"before"]), too_large])
    with pytest.raises(TopicMissingError, match="no-such-topic"):
        sink.send([*records(topic, [b"before"]), Record("no-such-topic", None, b"v")])
    sink.send(records(topic, [b"after"]))

    reader = Reader(transport, topic, "all-or-none")
    reader.read(1)
    assert reader.poll() == []
    assert reader.values() == [b"after"]


def test_keys_content_types_and_large_values_survive(transport):
    topic, sink = transport.topic(partitions=1), transport.sink()
    large = bytes(range(256)) * 3516  # 900 kB
    headers = (("content-type", ARROW_STREAM.encode()), ("empty", b""))
    sink.send(
        [
            Record(topic, "schlüssel".encode(), large, headers),
            Record(topic, None, b"", (("content-type", b"application/json"),)),
            Record(topic, b"", b"\x00\xff"),
        ]
    )
    reader = Reader(transport, topic, "survive")

    reader.read(3)

    keys = [key for batch in reader.batches for key in batch.keys]
    encodings = [code for batch in reader.batches for code in batch.encodings]
    assert keys == ["schlüssel".encode(), None, b""]
    assert reader.values() == [large, b"", b"\x00\xff"]
    assert encodings == [Encoding.ARROW, Encoding.JSON, Encoding.JSON]


def test_subscribing_to_a_topic_that_is_not_there_names_it(transport):
    with pytest.raises(TopicMissingError, match="no-such-topic"):
        Reader(transport, "no-such-topic", "missing")
