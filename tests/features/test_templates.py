from __future__ import annotations

import numpy as np
import pytest

from features.templates import HEADS, LEAST
from tests.features.stories import MINUTE, MONDAY, events, read

CAT, CAR = 0x0F0F_1234_5678_9ABC, 0x7777_0000_FFFF_1111


def prompts(sketches):
    sketches = np.asarray(sketches, dtype=np.uint64)
    return read(events(MONDAY + np.arange(len(sketches)) * MINUTE, sketch=sketches))


def test_repeating_a_prompt_is_not_filling_a_mould():
    found = prompts([CAT, CAR] * 50)
    assert found["poured_share"] == 0.0


def test_a_mould_filled_between_other_prompts_is_seen():
    filled = [CAT ^ (1 << (place % 60)) for place in range(100)]
    found = prompts([x for one in filled for x in (one, CAR)])
    assert found["poured_share"] == pytest.approx(0.5, abs=0.03)


def test_a_person_who_edits_a_prompt_step_by_step_fills_few_moulds():
    rng = np.random.default_rng(4)
    sketch, sketches = CAT, []
    for _ in range(200):
        for bit in rng.choice(64, 9, replace=False).tolist():
            sketch ^= 1 << bit
        sketches.append(sketch)
    assert prompts(sketches)["poured_share"] < 0.05


def test_topics_that_come_back_are_no_strangers():
    rng = np.random.default_rng(3)
    topics = rng.integers(1, 2**63, HEADS - 2)
    assert prompts(rng.choice(topics, 300))["new_topic_share"] < 0.03


def test_topics_that_never_come_back_are_strangers():
    assert prompts(np.random.default_rng(3).integers(1, 2**63, 300))["new_topic_share"] > 0.9


def test_a_prompt_without_sketch_says_nothing():
    found = prompts([0] * 200)
    assert np.isnan(found["poured_share"])
    assert np.isnan(prompts([CAT] * (LEAST - 1))["new_topic_share"])
