"""Content against slow formulas over plain lists of prompts."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.content import LEAST
from tests.features.stories import MINUTE, MONDAY, SECOND, events, read

SKETCH = st.sampled_from([0, 1, 0b111, 0b11111, 0xFF00_FF00_FF00_FF00, (1 << 64) - 1])
PROMPTS = st.lists(
    st.tuples(SKETCH, st.integers(0, 2), st.integers(-1, 3), st.integers(0, 90)),
    min_size=LEAST + 1,
    max_size=80,
)


def share(hits):
    return np.mean(hits) if len(hits) >= LEAST else math.nan


@given(PROMPTS)
@settings(max_examples=60, deadline=None)
def test_every_share_equals_its_slow_formula(prompts):
    sketch, params, seed, gaps = zip(*prompts, strict=True)
    at = MONDAY + np.cumsum(gaps) * SECOND
    rows = events(at, sketch=np.array(sketch, dtype=np.uint64), params=params, seed=seed)
    pairs = list(pairwise(zip(sketch, params, at, strict=True)))
    known = [(a, b) for a, b in pairs if a[0] and b[0]]
    far = [(a[0] ^ b[0]).bit_count() for a, b in known]
    soon = [b[2] - a[2] < MINUTE for a, b in known]
    swept = [a[0] == b[0] and a[1] != b[1] for a, b in known if a[1] and b[1]]
    steps = [b == a + 1 for a, b in pairwise(seed) if a >= 0 and b >= 0]
    found = read(rows)
    wanted = {
        "template_share": share([0 < x <= 3 for x in far]),
        "topic_jump_share": share([x >= 20 and s for x, s in zip(far, soon, strict=True)]),
        "sweep_share": share(swept),
        "seed_step_share": share(steps),
    }
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, nan_ok=True), name


def test_a_prompt_repeated_to_the_bit_is_no_template():
    rows = events(MONDAY + np.arange(60) * MINUTE, sketch=0xABCDEF)
    assert read(rows)["template_share"] == 0.0


def test_prompts_without_a_sketch_say_nothing():
    found = read(events(MONDAY + np.arange(60) * MINUTE))
    assert math.isnan(found["template_share"])
    assert math.isnan(found["topic_jump_share"])
