from __future__ import annotations

import numpy as np

from features.recent import FULL, MEMORY
from streams.vocabulary import EventType
from tests.features.stories import MONDAY, SECOND, events, read, seconds

PERSON = np.random.default_rng(8).lognormal(5, 2, 900)


def test_a_script_of_an_hour_shows_in_the_recent_window_alone():
    found = read(events(seconds(*PERSON, *[30.0] * 100)))
    assert found["recent_gap_entropy"] < 0.4
    assert found["gap_entropy"] > 2.0
    assert found["recent_similar_share"] > 0.9
    assert found["gap_similar_share"] < 0.2


def test_after_it_the_person_returns():
    found = read(events(seconds(*PERSON, *[30.0] * 100, *PERSON[:200])))
    assert found["recent_gap_entropy"] > 1.8
    assert found["recent_similar_share"] < 0.2


def test_a_steady_person_has_the_same_numbers_in_both_windows():
    found = read(events(seconds(*PERSON)))
    assert abs(found["recent_gap_entropy"] - np.log(16) * 0.7) < 0.6


def test_views_and_gestures_of_late_are_their_own():
    t = MONDAY + np.arange(400) * 60 * SECOND
    asked = events(t)
    seen = events(t[:300] + 5 * SECOND, EventType.RESULT_VIEWED)
    moved = events(t[:300] + 6 * SECOND, EventType.UI_INTERACTION, pointer=9, keys=1)
    found = read(asked, seen, moved)
    assert found["recent_views"] < 0.1 < found["views_per_request"]
    assert found["recent_gestures"] < 0.5 < found["gestures_per_request"]


def test_a_short_memory_says_nothing_before_it_is_filled():
    few = int(np.log(1 - FULL / MEMORY) / np.log(1 - 1 / MEMORY))
    assert np.isnan(read(events(seconds(*[60.0] * few)))["recent_gap_entropy"])
    assert not np.isnan(read(events(seconds(*[60.0] * (few + 20))))["recent_gap_entropy"])
