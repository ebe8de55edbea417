"""Topic URLs open the right transport, and a malformed one says what is wrong."""

from __future__ import annotations

import uuid

import pytest

from streams.clock import SystemClock
from streams.transport import BadUrlError, TopicSpec
from streams.urls import TopicUrl, ensure_topics, is_topic_url, open_sink, open_source, parse
from tests.contracts.transports import Hooks, await_that, records


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("kafka://localhost:9092/usage-events", ("kafka", "localhost:9092", "usage-events")),
        ("kafka://a:1,b.example:65535/t", ("kafka", "a:1,b.example:65535", "t")),
        ("kafka://[::1]:9092/t.x_y", ("kafka", "[::1]:9092", "t.x_y")),
        ("log:var/log/usage-events", ("log", "var/log", "usage-events")),
        ("log:/srv/log/t", ("log", "/srv/log", "t")),
        ("log:///srv/log/t", ("log", "/srv/log", "t")),
        ("memory://one/t", ("memory", "one", "t")),
    ],
)
def test_a_url_says_which_transport_where_and_which_topic(text, parts):
    assert parse(text) == TopicUrl(*parts)
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not a topic URL"),
        ("usage-events", "is not a topic URL"),
        ("http://host/topic", "is not a topic URL"),
        ("kafka:host:9092/topic", "is not a topic URL"),
        ("kafka:///topic", "is not a topic URL"),
        ("kafka://host:9092/a/b", "is not a topic URL"),
        ("kafka://host:9092", "not end in the name of a topic"),
        ("kafka://host:9092/", "not end in the name of a topic"),
        ("kafka://host:9092/a b", "not end in the name of a topic"),
        ("kafka://host:9092/..", "not end in the name of a topic"),
        ("kafka://host/topic", "'host' is not host:port"),
        ("kafka://host:0/topic", "'host:0' is not host:port"),
        ("kafka://host:99999/topic", "'host:99999' is not host:port"),
        ("kafka://a:1,,b:2/topic", "'' is not host:port"),
        ("kafka://user@host:1/topic", "'user@host:1' is not host:port"),
        ("log:topic", "is not a topic URL"),
        ("log:/topic", "names no folder"),
        ("log:///topic", "names no folder"),
        ("log://var/topic", "log:///PATH/topic"),
        ("memory://topic", "is not a topic URL"),
    ],
)
def test_a_malformed_url_is_refused_with_its_problem(text, problem):
    with pytest.raises(BadUrlError, match=problem) as refused:
        parse(text)
    assert refused.value.exit_status == 2


def test_a_topic_url_is_told_from_a_file_name():
    assert is_topic_url("kafka://broken")
    assert is_topic_url("log:var/t")
    assert not is_topic_url("events.ndjson.gz")
    assert not is_topic_url("./kafka/events.parquet")


def carry(url):
    clock, topic = SystemClock(), parse(url).topic
    ensure_topics(url, [TopicSpec(topic, 1)], clock=clock)
    sink, source = open_sink(url, clock=clock), open_source(url, "group", clock=clock)
    sink.send(records(topic, [b"v"]))
    source.subscribe([topic], Hooks())
    found = []
    await_that(lambda: found.extend(source.poll(0.2)) or found)
    source.close()
    sink.close()
    return [value for batch in found for value in batch.values]


def test_an_embedded_log_opens_by_url(tmp_path):
    assert carry(f"log:{tmp_path}/log/t") == [b"v"]


def test_a_memory_broker_opens_by_url():
    assert carry("memory://test-urls/t") == [b"v"]


@pytest.mark.kafka
def test_kafka_opens_by_url(kafka):
    assert carry(f"kafka://{kafka}/by-url-{uuid.uuid4()}") == [b"v"]
