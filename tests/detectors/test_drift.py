from __future__ import annotations

import numpy as np
import pytest

from detectors.drift import benjamini_hochberg, drift, ks, psi

RNG = np.random.default_rng(5)
REFERENCE = RNG.normal(size=(3000, 30))


def _named(matrix):
    return [f"f{j}" for j in range(matrix.shape[1])]


def _drifted(reference, current):
    return [one.name for one in drift(_named(reference), reference, current) if one.drifted]


def test_the_same_traffic_a_night_later_has_not_drifted():
    assert _drifted(REFERENCE, RNG.normal(size=(2000, 30))) == []


def test_the_one_feature_that_moved_is_named():
    current = RNG.normal(size=(2000, 30))
    current[:, 7] += 0.6
    assert _drifted(REFERENCE, current) == ["f7"]


def test_a_feature_that_falls_silent_has_drifted_though_its_known_values_look_the_same():
    current = RNG.normal(size=(2000, 30))
    current[::2, 3] = np.nan
    assert _drifted(REFERENCE, current) == ["f3"]


def test_many_accounts_alone_are_no_drift():
    many = RNG.normal(size=(60_000, 1))
    other = RNG.normal(0.05, size=(60_000, 1))
    [one] = drift(["f"], many, other)
    assert one.p_value < 1e-6
    assert not one.drifted


def test_few_accounts_say_nothing():
    [one] = drift(["f"], REFERENCE[:20, :1], REFERENCE[:20, :1] + 9.0)
    assert one.ks is None
    assert not one.drifted


def test_a_feature_never_known_on_either_side_has_not_drifted():
    silent = np.full((200, 1), np.nan)
    [one] = drift(["f"], silent, silent)
    assert (one.psi, one.drifted, one.reference, one.current) == (0.0, False, 0, 0)


def test_the_stability_index_is_that_of_its_definition():
    reference = np.repeat([0.0, 1.0], [500, 500])
    current = np.repeat([0.0, 1.0], [250, 750])
    expected = (0.25 - 0.5) * np.log(0.25 / 0.5) + (0.75 - 0.5) * np.log(0.75 / 0.5)
    assert psi(reference, current) == pytest.approx(expected)


def test_a_value_that_all_share_is_no_change():
    assert psi(np.ones(100), np.ones(50)) == 0.0


def test_kolmogorovs_distance_is_the_largest_of_the_two_distributions():
    distance, p_value = ks(np.arange(100.0), np.arange(50.0, 150.0))
    assert distance == pytest.approx(0.5)
    assert p_value < 1e-9


def test_benjamini_and_hochbergs_own_example():
    # Fifteen p-values of their paper, section 3: four are significant at 0.05.
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                0.4262, 0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert benjamini_hochberg(np.array(p_values)).sum() == 4


def test_what_was_not_tested_is_not_significant_and_makes_nothing_else_so():
    found = benjamini_hochberg(np.array([np.nan, 0.04, np.nan]))
    assert found.tolist() == [False, True, False]
    assert not benjamini_hochberg(np.array([np.nan])).any()


def test_columns_without_a_name_are_refused():
    with pytest.raises(ValueError, match="2 columns are named"):
        drift(["a", "b"], REFERENCE, REFERENCE)


def test_nobody_to_compare_with_is_refused():
    with pytest.raises(ValueError, match="no accounts"):
        drift(["a"], REFERENCE[:, :1], REFERENCE[:0, :1])
