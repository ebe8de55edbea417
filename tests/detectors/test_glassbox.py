"""Glass boxes: `interpret`'s logits from plain tables, every reason, and nothing malformed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors import rungs
from detectors.evidence import EVIDENCE
from detectors.glassbox import Malformed, glass_box, inputs
from detectors.rungs import Lesson

FEATURES = len(EVIDENCE)
LONG = [place for place, evidence in enumerate(EVIDENCE) if not evidence.beyond]
COLUMNS = np.array(LONG[:4])


def cases(count, seed):
    """Give tail values and unsupervised scores; the first two columns tell who is abusive."""
    chance = np.random.default_rng(seed)
    abusive = chance.random(count) < 0.3
    nats = np.minimum(chance.exponential(1.0, (count, FEATURES)), 10.0)
    nats[abusive, COLUMNS[0]] += 2.0
    nats[abusive, COLUMNS[1]] += 1.0
    nats[chance.random((count, FEATURES)) < 0.1] = np.nan
    return nats, chance.normal(0.0, 1.0, count) + abusive, abusive


@pytest.fixture(scope="module")
def lesson():
    nats, scores, abusive = cases(400, 1)
    seen = inputs(nats, scores, COLUMNS)
    return Lesson(COLUMNS, seen, abusive, np.ones(400), np.arange(400))


@pytest.fixture(scope="module")
def machine(lesson):
    return rungs.boosting_machine(lesson, 3)


@pytest.fixture(scope="module")
def boosted(lesson):
    return rungs.boosted(lesson, 3)


@pytest.fixture(scope="module")
def logistic(lesson):
    return rungs.logistic(lesson, 3)


def test_compiled_tables_give_the_boosting_machines_own_logits(lesson, machine):
    box = rungs.compiled(machine, COLUMNS)
    nats, scores, _ = cases(300, 2)
    cut = box.cuts[0][np.isfinite(box.cuts[0])]
    nats[: len(cut), COLUMNS[0]] = cut  # exactly on the edge of a bin
    theirs = machine.decision_function(inputs(nats, scores, COLUMNS))
    np.testing.assert_allclose(box.logits(nats, scores), theirs, atol=1e-6)


@pytest.mark.parametrize("rung", ["boosted", "logistic"])
def test_reasons_and_intercept_are_the_logit(rung, request):
    box = request.getfixturevalue(rung)
    nats, scores, _ = cases(300, 4)
    parts = box.contributions(nats, scores)
    assert parts.shape == (300, FEATURES + 1)
    np.testing.assert_allclose(
        parts.sum(axis=1) + box.intercept, box.logits(nats, scores), atol=1e-9
    )
    silent = np.setdiff1d(np.arange(FEATURES), COLUMNS)
    assert not parts[:, silent].any()


@pytest.mark.parametrize("rung", ["boosted", "logistic"])
def test_a_row_alone_reads_as_in_a_batch(rung, request):
    box = request.getfixturevalue(rung)
    nats, scores, _ = cases(50, 5)
    alone = [box.logits(nats[i : i + 1], scores[i : i + 1])[0] for i in range(50)]
    assert np.array(alone).tobytes() == box.logits(nats, scores).tobytes()


@pytest.mark.parametrize("rung", ["boosted", "logistic"])
def test_stranger_never_lowers_the_logit(rung, request):
    box = request.getfixturevalue(rung)
    nats, scores, _ = cases(100, 6)
    for column in COLUMNS:
        stranger = nats.copy()
        stranger[:, column] += 1.5
        assert (box.logits(stranger, scores) >= box.logits(nats, scores) - 1e-12).all()
    assert (box.logits(nats, scores + 1.0) >= box.logits(nats, scores) - 1e-12).all()


@pytest.mark.parametrize("rung", ["boosted", "logistic"])
def test_an_unknown_number_never_accuses(rung, request):
    box = request.getfixturevalue(rung)
    nats, scores, _ = cases(20, 7)
    nats[:] = np.nan
    assert (box.contributions(nats, scores)[:, :FEATURES] <= 0.0).all()


def test_an_unknown_number_does_not_accuse_even_if_it_went_with_abuse():
    nats, scores, abusive = cases(400, 8)
    nats[abusive, COLUMNS[2]] = np.nan
    seen = inputs(nats, scores, COLUMNS)
    box = rungs.boosted(Lesson(COLUMNS, seen, abusive, np.ones(400), np.arange(400)), 3)
    assert box.parts[2, 0] <= 0.0


@pytest.mark.parametrize("rung", ["boosted", "logistic"])
def test_what_is_learnt_never_takes_away_from_a_score(rung, request):
    nats, scores, _ = cases(200, 9)
    assert (request.getfixturevalue(rung).lift(nats, scores) >= 0.0).all()


@pytest.mark.parametrize("rung", [rungs.boosted, rungs.logistic])
def test_the_same_cases_and_seed_give_the_same_tables(rung, lesson):
    one, other = rung(lesson, 5), rung(lesson, 5)
    assert one.parts.tobytes() == other.parts.tobytes()
    assert one.cuts.tobytes() == other.cuts.tobytes()


def test_few_cases_leave_the_logistic_regression_at_the_unsupervised_score():
    nats, scores, _ = cases(60, 10)
    told = scores > 0.5
    seen = inputs(nats, scores, COLUMNS)
    box = rungs.logistic(Lesson(COLUMNS, seen, told, np.ones(60), np.arange(60)), 1)
    assert np.ptp(box.parts[-1, 1:]) > 5 * max(np.ptp(part[1:]) for part in box.parts[:-1])


def test_a_probability_is_stated_only_when_calibrated(logistic):
    assert logistic.probability(0.0) is None
    calibrated = replace(logistic, numbers=np.array([0.0, 0.0, 1.0, 2.0, -1.0]))
    found = [calibrated.probability(logit) for logit in (-800.0, 0.0, 0.5, 800.0)]
    assert found == pytest.approx([0.0, 0.2689, 0.5, 1.0], abs=1e-4)


def spoilt(box, name, place, value):
    arrays = {key: array.copy() for key, array in box.arrays().items()}
    arrays[name][place] = value
    return arrays


@pytest.mark.parametrize(
    ("name", "place", "value", "why"),
    [
        ("columns", 0, FEATURES, "no feature"),
        ("columns", 0, -1, "no feature"),
        ("cuts", (0, 0), np.inf, "not in order"),
        ("cuts", (0, 0), np.nan, "not in order"),
        ("parts", (0, 3), np.nan, "not a number"),
        ("numbers", 0, np.inf, "not a number"),
        ("numbers", 2, 0.0, "stranger"),
        ("parts", (0, 1), 99.0, "stranger"),
        ("parts", (1, 0), 0.5, "unknown input accuses"),
    ],
)
def test_malformed_tables_are_refused(logistic, name, place, value, why):
    glass_box(logistic.arrays(), FEATURES)
    with pytest.raises(Malformed, match=why):
        glass_box(spoilt(logistic, name, place, value), FEATURES)


def test_tables_of_another_shape_are_refused(logistic):
    with pytest.raises(Malformed, match="shape"):
        glass_box(logistic.arrays() | {"parts": logistic.parts[:, :-1]}, FEATURES)
