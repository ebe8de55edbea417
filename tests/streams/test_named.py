"""Events beside their own words: the words stay with their rows, whatever is refused."""

from __future__ import annotations

import numpy as np

from streams.decode import decode
from streams.hashing import DEFAULT_KEY
from streams.named import read_named
from tests.streams.samples import batch, record


def test_words_stay_with_their_events_when_others_are_refused():
    raw = batch(
        [
            record(event_id="a", feature="batch"),
            record(event_id="b", ip="no address", model="never seen"),
            record(event_id="c", model="lumen-2", ip=...),
        ]
    )
    (named,) = read_named(raw, DEFAULT_KEY)
    assert named.words["model"].tolist() == ["kling-3.0", "lumen-2"]
    assert named.words["ip"].tolist() == ["203.0.113.7", None]
    assert named.words["feature"].tolist() == ["batch", None]
    assert np.array_equal(named.batch.events, decode(raw).events.events)


def test_a_batch_in_which_nothing_can_be_read_gives_nothing():
    assert list(read_named(batch([b"{", record(account_id=7)]), DEFAULT_KEY)) == []


def test_a_part_keeps_words_and_events_together():
    raw = batch([record(event_id=str(n), model=f"m{n}") for n in range(5)])
    (named,) = read_named(raw, DEFAULT_KEY)
    part = named[3:]
    assert len(part) == 2
    assert part.words["model"].tolist() == ["m3", "m4"]
