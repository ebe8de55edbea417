"""Numbers that are none: unknown or infinite ones accuse nobody, live; training refuses them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import memory, training
from detectors.rules import RULES, hard_bits
from features.layout import WIDTH
from features.state import FeatureState
from features.view import VIEW
from tests.detectors.people import platform

BROKEN = st.sampled_from([np.nan, np.inf, -np.inf])


@pytest.fixture(scope="module")
def vectors(usual):
    return FeatureState(seen=1 << 16).update(usual).vectors[::40]


@given(st.integers(0, 40), st.dictionaries(st.integers(1, WIDTH - 1), BROKEN))
@settings(max_examples=150, deadline=None)
def test_no_unknown_or_infinite_number_ever_becomes_a_score(model, vectors, place, broken):
    vector = vectors[place % len(vectors)].copy()
    whole = model.bank.score(vector[None])[1]
    for column, value in broken.items():
        vector[column] = value
    scores, nats = model.bank.score(vector[None])
    assert np.isfinite(scores).all()
    assert not np.isinf(nats).any()
    touched = np.isin(model.bank.tails.columns, list(broken))
    assert np.isnan(nats[0, touched]).all()
    np.testing.assert_array_equal(nats[0, ~touched], whole[0, ~touched])


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_no_rule_holds_for_a_number_that_is_none(rule, value):
    vector = np.full((1, WIDTH), np.nan)
    vector[0, 0] = 1e6
    vector[0, VIEW.position(rule.feature)] = value
    assert not hard_bits(vector).any()


class Broken(FeatureState):
    """Reads one number as infinite, as a kernel dividing by zero would."""

    def update(self, batch):
        readings = super().update(batch)
        readings.vectors[readings.rows == 0, VIEW.position("gap_entropy")] = np.inf
        return readings


def test_training_refuses_an_infinite_number_by_its_name():
    with pytest.raises(ValueError, match=re.escape("infinite for some account: gap_entropy")):
        training.fit(lambda: [platform(10, acts=60)], states=Broken)


@pytest.mark.parametrize("balance", [np.nan, 0.0])
def test_who_was_never_challenged_is_weighed_as_is(usual, balance):
    assert weight_at(usual, balance) == 1.0


@pytest.mark.parametrize(
    ("balance", "weight"), [(-1.0, 0.5), (1.0, 2.0), (-2.0, 0.25), (-9.0, 0.25), (9.0, 4.0)]
)
def test_an_answered_challenge_weighs_within_bounds_and_never_clears(usual, balance, weight):
    assert weight_at(usual, balance) == weight


def weight_at(usual, balance):
    part = usual[:2000]
    readings = FeatureState(seen=1 << 12).update(part)
    readings.vectors[:, VIEW.position(memory.BALANCE)] = balance
    (weight,) = set(memory.lines_of(part, readings)["weight"].tolist())
    return weight
