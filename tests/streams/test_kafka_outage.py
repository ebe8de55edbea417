"""A broker that is killed and comes back: nothing is lost, nothing comes twice."""

from __future__ import annotations

import gc
import time

import pytest
from kafka.errors import NodeNotReadyError

from streams.raw import Partition
from streams.transport import TransportError
from tests.contracts.transports import KafkaTransport, Reader, await_that, records

pytestmark = pytest.mark.kafka


@pytest.fixture
def transport(own_broker):
    made = KafkaTransport(own_broker.address, patience=20)
    with made.opened:
        yield made
    gc.collect()


def test_a_broker_killed_in_the_middle_loses_nothing_and_repeats_nothing(transport, own_broker):
    inputs, outputs = transport.topic(partitions=2), transport.topic(partitions=1)
    sink = transport.sink()
    sent = [b"%d" % n for n in range(200)]
    sink.send(records(inputs, sent[:100]))
    worker = Reader(transport, inputs, "outage")

    def handle(batches):
        for batch in batches:
            out = records(outputs, batch.values)
            sink.send_and_commit(out, worker.source, {batch.partition: batch.next_offset})

    await_that(lambda: handle(worker.poll(limit=20)) or len(worker.values()) >= 40)
    own_broker.kill()
    started = time.monotonic()
    in_hand = worker.poll(timeout=1.0, limit=20)  # fetched before, or nothing
    assert time.monotonic() - started < 15
    own_broker.start()
    handle(in_hand)
    sink.send(records(inputs, sent[100:]))
    await_that(lambda: handle(worker.poll(limit=20)) or len(worker.values()) >= 200, seconds=60)

    watcher = Reader(transport, outputs, "watch-outage")
    watcher.read(200)
    assert sorted(watcher.values(), key=int) == sent
    assert watcher.poll() == []


def test_sending_to_a_killed_broker_fails_in_time_and_works_when_it_is_back(transport, own_broker):
    topic, sink = transport.topic(partitions=1), transport.sink()
    sink.send(records(topic, [b"before"]))
    own_broker.kill()

    started = time.monotonic()
    with pytest.raises(TransportError):
        sink.send(records(topic, [b"lost"]), timeout=1.0)
    assert time.monotonic() - started < 20
    own_broker.start()
    sink.send(records(topic, [b"after"]))

    reader = Reader(transport, topic, "back")
    reader.read(2)
    assert reader.values() == [b"before", b"after"]
    assert reader.source.end(Partition(topic, 0)) >= 2


@pytest.fixture
def idle(kafka):
    """Give a member of a group that waits for records of an empty topic."""
    made = KafkaTransport(kafka)
    with made.opened:
        reader = Reader(made, made.topic(partitions=1), "idle")
        reader.settle(1)
        yield reader.source
    gc.collect()


def test_while_an_answer_to_a_heartbeat_is_overdue_polling_is_no_busy_loop(idle, monkeypatch):
    consumer, asked = idle._consumer, []
    fetch = consumer._fetcher.fetch_records

    def counted(*words, **more):
        asked.append(more["timeout_ms"])
        return fetch(*words, **more)

    monkeypatch.setattr(consumer._fetcher, "fetch_records", counted)
    monkeypatch.setattr(consumer._coordinator.heartbeat, "time_to_next_heartbeat", lambda: 0)
    assert idle.poll(1.0) == []
    assert 0 < len(asked) < 30


def test_a_client_that_gives_up_at_once_is_asked_again_only_when_the_wait_is_over(
    idle, monkeypatch
):
    def unready(**_):
        raise NodeNotReadyError

    slept = []
    monkeypatch.setattr(idle._consumer, "poll", unready)
    monkeypatch.setattr("streams.kafka_source.time.sleep", slept.append)
    assert idle.poll(0.5) == []
    assert len(slept) == 1
    assert slept[0] <= 0.5
