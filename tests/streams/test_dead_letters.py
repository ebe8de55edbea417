from __future__ import annotations

import pytest

from streams.dead_letters import DeadLetterLimit, DeadLetterPolicy, decode, encode
from streams.errors import TooManyDeadLetters
from streams.event import DeadReason
from tests.streams.samples import only_letter, record


def test_a_letter_survives_the_wire_with_any_bytes_in_it():
    letter = only_letter(record().replace(b"acc_", b"\xff\x00"))
    assert decode(encode(letter)) == letter
    assert letter.reason is DeadReason.INVALID_UTF8
    assert b'"reason":"invalid_utf8"' in encode(letter)


def test_a_hundred_dead_letters_in_a_row_do_not_stop_a_worker():
    DeadLetterLimit().count(events=100, dead=100)


def test_the_hundred_and_first_does_when_little_else_came():
    limit = DeadLetterLimit()
    limit.count(events=300, dead=100)
    with pytest.raises(TooManyDeadLetters, match="101 of the last 301 events"):
        limit.count(events=1, dead=1)


def test_many_dead_letters_among_many_more_events_do_not_stop_a_worker():
    limit = DeadLetterLimit()
    for _ in range(1000):
        limit.count(events=1000, dead=200)


def test_what_left_the_window_is_forgotten():
    limit = DeadLetterLimit(DeadLetterPolicy(count=10, share=0.5, window=100))
    limit.count(events=100, dead=10)
    limit.count(events=100, dead=0)
    limit.count(events=10, dead=10)
    with pytest.raises(TooManyDeadLetters):
        limit.count(events=100, dead=100)


def test_one_batch_larger_than_the_window_is_judged_as_a_whole():
    with pytest.raises(TooManyDeadLetters):
        DeadLetterLimit().count(events=50_000, dead=10_001)
