from __future__ import annotations

import numpy as np

from features.turns import LEAST
from streams.vocabulary import EventType
from tests.features.stories import CREDITS, MONDAY, SECOND, events, learnt, log, named, read

E = EventType
ASK, LOOK, KEEP, TOUCH = (
    E.GENERATION_REQUESTED, E.RESULT_VIEWED, E.RESULT_DOWNLOADED, E.UI_INTERACTION
)  # fmt: skip


def story(kinds):
    rows = [events(MONDAY + place * 20 * SECOND, kind) for place, kind in enumerate(kinds)]
    return read(*rows)["turn_entropy"]


def test_who_only_asks_has_nothing_to_tell():
    assert story([ASK] * 100) == 0.0


def test_a_fixed_round_is_told_by_the_step_before():
    assert story([ASK, LOOK, KEEP] * 40) < 0.05


def test_a_person_looks_and_keeps_as_the_mood_takes_them():
    kinds = np.random.default_rng(1).choice([ASK, LOOK, LOOK, KEEP, TOUCH], 300)
    assert story([E(int(kind)) for kind in kinds]) > 1.0


def test_what_the_platform_does_is_no_turn_of_the_customer():
    assert story([ASK, E.GENERATION_COMPLETED, ASK, E.GENERATION_FAILED] * 40) == 0.0


def test_too_few_turns_say_nothing():
    assert np.isnan(story([ASK] * LEAST))
    assert story([ASK] * (LEAST + 1)) == 0.0


def test_events_from_the_past_are_no_turns():
    late = events(MONDAY - 900 * SECOND + np.arange(5), LOOK)
    asked = events(MONDAY + np.arange(60) * 60 * SECOND)
    state = learnt(log(asked, late, by_time=False))
    assert named(state.vectors()[0])["turn_entropy"] == 0.0


def test_jobs_paid_for_and_official_batches_are_no_turns():
    t = MONDAY + np.arange(60) * 60 * SECOND
    person = np.random.default_rng(1).choice([ASK, LOOK, KEEP, TOUCH], 200)
    alone = [events(MONDAY + k * 60 * SECOND, E(int(kind))) for k, kind in enumerate(person)]
    paid, batch = events(t + SECOND, mode=CREDITS), events(t[0] + np.arange(60), official=1)
    without = read(*alone)["turn_entropy"]
    assert read(*alone, paid)["turn_entropy"] == without
    assert abs(read(*alone, batch)["turn_entropy"] - without) < 0.05
