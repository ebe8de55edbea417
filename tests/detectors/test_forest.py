"""Forests: scikit-learn's scores from flat arrays, and no walk through malformed ones."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from detectors import forest
from detectors.bank import KINDS
from detectors.model import Incompatible, arrays_of, model_from

ROWS = np.random.default_rng(1).lognormal(size=(300, 5))


@pytest.fixture(scope="module")
def flat():
    return forest.fit(ROWS, trees=40, seed=3)


def test_scores_equal_scikit_learns_with_the_sign_flipped(flat):
    theirs = IsolationForest(n_estimators=40, random_state=3).fit(ROWS)
    rows = np.random.default_rng(2).lognormal(size=(200, 5)) * 2
    np.testing.assert_allclose(flat.score(rows), -theirs.score_samples(rows), atol=1e-6)


def test_a_row_alone_scores_as_in_a_batch(flat):
    together = flat.score(ROWS)
    alone = np.concatenate([flat.score(row[None]) for row in ROWS])
    assert alone.tobytes() == together.tobytes()


def test_stranger_is_higher_and_scores_stay_in_range(flat):
    strange, usual = flat.score(np.array([[90.0] * 5, np.median(ROWS, axis=0)]))
    assert 0.0 < usual < strange <= 1.0


def test_the_same_seed_gives_the_same_forest():
    one, other = (forest.fit(ROWS, trees=5, seed=9) for _ in range(2))
    assert one.threshold.tobytes() == other.threshold.tobytes()
    assert forest.fit(ROWS, trees=5, seed=10).threshold.tobytes() != one.threshold.tobytes()


def spoil(arrays, name, place, value):
    spoilt = arrays[name].copy()
    spoilt[place] = value
    return arrays | {name: spoilt}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("left", 0),  # back to the root: a walk without end
        ("right", 0),
        ("left", 10**6),
        ("right", 2**31 - 1),
        ("right", -5),
        ("feature", 99),
        ("roots", -1),
        ("roots", 10**6),
    ],
)
def test_malformed_trees_are_refused(model, part, value):
    arrays = arrays_of(model.bank, model.calibration)
    model_from(arrays, model.manifest)
    with pytest.raises(Incompatible, match="malformed"):
        model_from(spoil(arrays, f"forest.{KINDS[0]}.{part}", 0, value), model.manifest)


@pytest.mark.parametrize("part", ["left", "right", "depth", "threshold"])
def test_trees_of_unequal_length_are_refused(model, part):
    arrays = arrays_of(model.bank, model.calibration)
    name = f"forest.{KINDS[0]}.{part}"
    with pytest.raises(Incompatible, match="malformed"):
        model_from(arrays | {name: arrays[name][:-1]}, model.manifest)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("calibration.maxima", "calibration maxima are not in order"),
        ("tails.grid", "reference quantiles are not in order"),
        ("tails.columns", "another table of evidence"),
        ("tails.directions", "another table of evidence"),
    ],
)
def test_tables_that_cannot_be_right_are_refused(model, name, words):
    arrays = arrays_of(model.bank, model.calibration)
    with pytest.raises(Incompatible, match=words):
        model_from(arrays | {name: arrays[name][..., ::-1].copy()}, model.manifest)


def test_a_missing_array_is_named(model):
    arrays = arrays_of(model.bank, model.calibration)
    del arrays["bank.centre"]
    with pytest.raises(Incompatible, match=r"lacks the array 'bank\.centre'"):
        model_from(arrays, model.manifest)


def test_a_model_of_another_view_is_refused_in_words_that_help(model):
    manifest = msgspec.structs.replace(model.manifest, view_fingerprint="0123456789abcdef")
    other = model_from(arrays_of(model.bank, model.calibration), manifest)
    with pytest.raises(Incompatible, match="fit a new model with `fairuse fit`"):
        other.require()
