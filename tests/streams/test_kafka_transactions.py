"""What only a real broker can show: fencing, abandoned transactions, topics and their settings."""

from __future__ import annotations

import time

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from streams.kafka_edge import Cluster, ensure_topics, partition_counts
from streams.kafka_sink import KafkaSink
from streams.raw import Partition
from streams.transport import BrokerUnreachableError, FencedError, TopicSpec, TransportError
from tests.broker import free_port
from tests.contracts.transports import KafkaTransport, MemoryTransport, Reader, await_that, records

pytestmark = pytest.mark.kafka


@pytest.fixture
def transport(kafka):
    made = KafkaTransport(kafka)
    with made.opened:
        yield made


def a_worker_with_input(transport, group, values=10):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"%d" % n for n in range(values)]))
    worker = Reader(transport, topic, group)
    worker.read(values)
    return worker, Partition(topic, 0)


def test_a_sink_that_was_claimed_away_cannot_commit_any_more(transport):
    worker, partition = a_worker_with_input(transport, "claimed")
    outputs = transport.topic(partitions=1)
    elder, younger = transport.sink(), transport.sink()
    elder.claim(worker.source, [partition])
    elder.send_and_commit(records(outputs, [b"elder"]), worker.source, {partition: 1})

    younger.claim(worker.source, [partition])
    with pytest.raises(FencedError, match="another worker took over"):
        elder.send_and_commit(records(outputs, [b"zombie"]), worker.source, {partition: 9})
    younger.send_and_commit(records(outputs, [b"younger"]), worker.source, {partition: 2})

    watcher = Reader(transport, outputs, "watch-claimed")
    watcher.read(2)
    assert watcher.poll() == []
    assert watcher.values() == [b"elder", b"younger"]
    assert worker.source.committed(partition) == 2


def test_a_zombie_fenced_in_the_middle_of_a_transaction_does_not_take_the_name_back(transport):
    worker, partition = a_worker_with_input(transport, "middle")
    outputs = transport.topic(partitions=1)
    elder, younger = transport.sink(), transport.sink()
    elder.claim(worker.source, [partition])
    (producer,) = elder._producers.values()

    def half_way(*_):
        # The moment between the zombie's last word to the coordinator and its records.
        younger.claim(worker.source, [partition])
        return send_offsets(*_)

    send_offsets = producer._manager.send_offsets_to_transaction
    producer._manager.send_offsets_to_transaction = half_way
    with pytest.raises(FencedError):
        elder.send_and_commit(records(outputs, [b"zombie"]), worker.source, {partition: 9})
    for value in (b"one", b"two"):
        younger.send_and_commit(records(outputs, [value]), worker.source, {partition: 3})

    watcher = Reader(transport, outputs, "watch-middle")
    watcher.read(2)
    assert watcher.values() == [b"one", b"two"]


def test_a_transaction_left_open_shows_nothing_and_ends_when_its_partition_is_claimed(transport):
    worker, partition = a_worker_with_input(transport, "open")
    outputs = transport.topic(partitions=1)
    dead, heir = transport.sink(), transport.sink()
    dead.claim(worker.source, [partition])
    (producer,) = dead._producers.values()
    producer._abort = lambda: None  # as a killed process would not
    producer._manager.begin_commit = lambda: pytest.fail("killed before the commit")
    with pytest.raises(pytest.fail.Exception):
        dead.send_and_commit(records(outputs, [b"never"]), worker.source, {partition: 9})

    started = time.monotonic()
    heir.claim(worker.source, [partition])
    heir.send_and_commit(records(outputs, [b"heir"]), worker.source, {partition: 4})
    watcher = Reader(transport, outputs, "watch-open")
    watcher.read(1)

    assert watcher.values() == [b"heir"]
    assert worker.source.committed(partition) == 4
    assert time.monotonic() - started < 30  # not the minute after which the broker gives up


def test_an_interrupted_call_leaves_nothing_and_the_next_call_works(transport):
    worker, partition = a_worker_with_input(transport, "interrupted")
    outputs = transport.topic(partitions=1)
    sink = transport.sink()
    sink.claim(worker.source, [partition])
    (producer,) = sink._producers.values()

    def interrupted():
        raise KeyboardInterrupt

    producer._manager.begin_commit = interrupted
    with pytest.raises(KeyboardInterrupt):
        sink.send_and_commit(records(outputs, [b"half"]), worker.source, {partition: 9})
    assert worker.source.committed(partition) is None

    sink.send_and_commit(records(outputs, [b"whole"]), worker.source, {partition: 5})
    watcher = Reader(transport, outputs, "watch-interrupted")
    watcher.read(1)
    assert watcher.values() == [b"whole"]
    assert worker.source.committed(partition) == 5


def test_a_member_without_identity_is_refused_before_the_broker_is_asked(transport):
    worker, partition = a_worker_with_input(transport, "nobody")
    sink = transport.sink()
    worker.source._consumer._coordinator.reset_generation()

    with pytest.raises(FencedError, match="no longer a member"):
        sink.send_and_commit([], worker.source, {partition: 1})


def test_two_sinks_of_one_name_do_not_both_send(transport):
    topic = transport.topic()
    elder = transport._kept(KafkaSink(transport.cluster, transport.name("relay")))
    younger = transport._kept(KafkaSink(transport.cluster, elder.name))
    elder.send(records(topic, [b"1"]))
    younger.send(records(topic, [b"2"]))

    with pytest.raises(FencedError):
        elder.send(records(topic, [b"3"]))


def test_headers_reach_other_clients_as_they_were_given(transport, kafka):
    topic, sink = transport.topic(partitions=1), transport.sink()
    headers = (("content-type", b"application/json"), ("reason", "fäh".encode()))
    (record,) = records(topic, [b"{}"])
    sink.send([type(record)(topic, b"k", b"{}", headers)])

    other = KafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    other.assign([TopicPartition(topic, 0)])
    found = []
    await_that(lambda: [found.extend(part) for part in other.poll(200).values()])
    other.close()

    assert found[0].headers == list(headers)


def test_topics_are_made_once_with_their_partitions_and_compaction(transport, kafka):
    plain = TopicSpec(transport.name("plain"), 3)
    compacted = TopicSpec(transport.name("compacted"), 2, compacted=True)
    for _ in range(2):
        ensure_topics(transport.cluster, [plain, compacted], replication=1)
    ensure_topics(transport.cluster, [TopicSpec(plain.name, 9)], replication=1)

    admin = KafkaAdminClient(bootstrap_servers=kafka)
    policies = {
        topic: admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        for topic in (plain.name, compacted.name)
    }
    admin.close()
    counts = partition_counts(transport.cluster, [plain.name, compacted.name])
    assert counts == {plain.name: 3, compacted.name: 2}
    assert "'compact'" in str(policies[compacted.name])
    assert "'compact'" not in str(policies[plain.name])


def test_nobody_at_the_address_is_said_in_time_with_the_address():
    address = f"127.0.0.1:{free_port()}"
    nowhere = Cluster((address,), patience=1)
    started = time.monotonic()

    with pytest.raises(BrokerUnreachableError, match=address):
        ensure_topics(nowhere, [TopicSpec("t")])

    assert time.monotonic() - started < 10


def test_a_source_of_another_transport_is_refused(transport):
    memory = MemoryTransport()
    reader = Reader(memory, memory.topic(), "mixed")

    with pytest.raises(TransportError, match="not on the same Kafka"):
        transport.sink().send_and_commit([], reader.source, {Partition("t", 0): 1})
