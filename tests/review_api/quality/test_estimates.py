"""The functions over values, against published figures and kept libraries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from review_api.quality.agreement import Agreement, agreement_of
from review_api.quality.chances import at_least, beta_quantile, most
from review_api.quality.estimates import (
    Reviewed,
    false_pause_bound,
    precision,
    recall,
    total,
    weight,
)
from review_api.quality.raters import Vote, consensus

# The table of Cohen (1960) as Fleiss, Cohen and Everitt (1969) give it: 200 cases, three answers.
COHEN = {
    ("a", "a"): 106, ("a", "b"): 10, ("a", "c"): 4,
    ("b", "a"): 22, ("b", "b"): 28, ("b", "c"): 10,
    ("c", "a"): 2, ("c", "b"): 12, ("c", "c"): 6,
}  # fmt: skip
TABLE = [pair for pair, times in COHEN.items() for _ in range(times)]


def test_no_wrong_pause_of_three_thousand_honest_months_proves_fewer_than_ten_in_ten_thousand():
    assert most(0, 3000) == pytest.approx(1 - 0.05 ** (1 / 3000), rel=1e-9)
    assert 9.9 < most(0, 3000) * 10_000 < 10


@pytest.mark.parametrize(("count", "of"), [(0, 10), (1, 40), (7, 60), (300, 4000), (1999, 4000)])
def test_the_bound_is_the_one_of_clopper_and_pearson(count, of):
    assert most(count, of) == pytest.approx(stats.beta.ppf(0.95, count + 1, of - count), rel=1e-6)


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.001, 0.999))
def test_tails_are_those_of_the_binomial(count, more, share):
    of = count + more
    assert at_least(count, of, share) == pytest.approx(
        stats.binom.sf(count - 1, of, share), abs=1e-9
    )


def test_of_nothing_everything_is_possible():
    assert most(0, 0) == 1.0
    assert most(3, 3) == 1.0
    assert at_least(1, 5, 0.0) == 0.0


@pytest.mark.parametrize(("a", "b"), [(1, 1), (4, 1), (40, 3), (200, 900)])
def test_quantiles_are_those_of_the_beta(a, b):
    for level in (0.025, 0.5, 0.975):
        assert beta_quantile(a, b, level) == pytest.approx(stats.beta.ppf(level, a, b), rel=1e-6)


def test_kappa_of_the_published_table():
    found = agreement_of(TABLE)
    assert (found.agreed, found.pairs) == (140, 200)
    assert found.kappa == pytest.approx(0.429, abs=0.001)
    assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*TABLE, strict=True)))


def test_the_interval_of_kappa_is_about_as_wide_as_resampling_makes_it():
    found, lots = agreement_of(TABLE), np.random.default_rng(5)
    draws = lots.integers(0, len(TABLE), (400, len(TABLE)))
    again = [agreement_of([TABLE[n] for n in draw]).kappa for draw in draws]
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * np.std(again), rel=0.12)


def test_kappa_is_not_defined_where_everybody_gives_one_answer():
    assert agreement_of([("a", "a")] * 5) == Agreement(5, 5)
    assert agreement_of([]) == Agreement(0, 0)


def test_full_disagreement_is_below_chance():
    assert agreement_of([("a", "b"), ("b", "a")]).kappa == -1.0


def population(lots):
    """Draw 60,000 account-months: 2 % abusive, 3 in 4 of these flagged, 1 in 500 of the honest."""
    for _ in range(60_000):
        abusive = lots.random() < 0.02
        yield abusive, lots.random() < (0.75 if abusive else 0.002)


def test_weighted_estimates_find_the_truth_that_the_selection_hides():
    lots, seen = np.random.default_rng(3), []
    for abusive, flagged in population(lots):
        probability = 1.0 if flagged else 0.08
        if lots.random() < probability:
            seen.append(Reviewed(abusive, flagged, probability))
    naive = sum(one.flagged for one in seen if one.abusive) / sum(one.abusive for one in seen)
    found = recall(seen)
    assert naive > 0.95
    assert found.low < 0.75 < found.high
    assert found.high - found.low < 0.16
    exact = precision(seen)
    assert exact.value == pytest.approx(0.88, abs=0.03)
    assert exact.high - exact.low == 0  # everything flagged was looked at
    assert total(seen, lambda one: one.probability > 0) == pytest.approx(60_000, rel=0.05)


def test_each_counts_for_as_many_as_it_was_drawn_from():
    assert weight(0.0001) == pytest.approx(10_000)
    assert weight(0.5) == 2
    for impossible in (0.0, -0.1, 1.1):
        with pytest.raises(ValueError, match="probability"):
            weight(impossible)


@pytest.mark.parametrize("share", [0.001, 0.005, 0.02])
def test_the_interval_of_recall_covers_the_truth_however_few_are_drawn(share):
    """Of 1,000 who break the rules 600 are paused; half of all are drawn four times as often."""
    lots, covered = np.random.default_rng(8), 0
    paused = [Reviewed(abusive=True, flagged=True, probability=1.0)] * 600
    honest = [Reviewed(abusive=False, flagged=False, probability=share)] * 19
    for _ in range(200):
        missed = [
            Reviewed(abusive=True, flagged=False, probability=drawn)
            for drawn in (share, 4 * share)
            for _ in range(lots.binomial(200, drawn))
        ]
        found = recall([*paused, *honest, *missed])
        covered += found.low <= 0.6 <= found.high
    assert covered / 200 >= 0.95


def test_of_no_observation_there_is_no_estimate():
    assert recall([Reviewed(abusive=False, flagged=False, probability=1)]) is None
    assert precision([]) is None


def test_the_false_pause_bound_counts_honest_account_months_only():
    audits = [Reviewed(abusive=False, flagged=False, probability=0.01)] * 98
    audits += [Reviewed(abusive=False, flagged=True, probability=0.04)]
    audits += [Reviewed(abusive=True, flagged=True, probability=0.04)]
    found = false_pause_bound(audits)
    assert (found.wrong, found.of) == (1, 99)
    assert found.high == pytest.approx(most(1, 99))


def test_the_consensus_finds_who_guesses():
    lots, votes = np.random.default_rng(7), []
    truth = {f"c{n}": str(lots.choice(["x", "y"])) for n in range(300)}
    skill = {"ana": 0.95, "ben": 0.9, "cem": 0.55, "dov": 0.85}
    other = {"x": "y", "y": "x"}
    for case, true in truth.items():
        for rater, right in skill.items():
            votes.append(Vote(case, rater, true if lots.random() < right else other[true]))
    found = consensus(votes)
    assert found.right["ana"] == pytest.approx(0.95, abs=0.06)
    assert found.right["cem"] == pytest.approx(0.55, abs=0.12)
    likely = {case: max(answers, key=answers.get) for case, answers in found.answers.items()}
    assert sum(likely[case] == true for case, true in truth.items()) >= 280
    assert consensus(reversed(votes)).right == pytest.approx(found.right)


def test_of_two_people_nobody_can_say_who_is_wrong():
    assert consensus([Vote("c", "ana", "x"), Vote("c", "ben", "y")]) is None
