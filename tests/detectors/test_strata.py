"""Honest peers: who is compared with whom, by what was known before, and how few stay together."""

from __future__ import annotations

import numpy as np
import pytest

from detectors import memory, strata
from detectors.bank import KINDS
from detectors.calibrating import drawn
from detectors.calibration import BUDGETS, calibrate
from detectors.policy import DETECTORS
from detectors.strata import ANY_PLAN, EVERYTHING, EXACT, FEWEST, KNOWN, LEAST, NEW, find, label

RNG = np.random.default_rng(8)
DAY = 86_400_000_000
PRO, BASIC = np.array([0xABCDEF0123456789, 0x1122334455667788], dtype=np.uint64)
OTHER = np.uint64(77)


def keys_of(*groups):
    """Keys for groups of (count, plan, volume, tenure)."""
    keys = np.zeros(sum(count for count, *_ in groups), dtype=strata.KEY)
    at = 0
    for count, *key in groups:
        keys[at : at + count] = tuple(key)
        at += count
    return keys


def fitted(keys, maxima=None, seed=1):
    rng = np.random.default_rng(seed)
    maxima = rng.gamma(2.0, size=len(keys)) if maxima is None else maxima
    return strata.fit(keys, maxima, rng.integers(0, 2, len(keys)))


def test_few_months_are_one_stratum_and_stay_as_they_are():
    keys = keys_of((60, PRO, 1, KNOWN), (60, BASIC, 3, KNOWN))
    maxima = RNG.gamma(2.0, size=120)
    table, places, common = fitted(keys, maxima)
    assert [label(row) for row in table] == ["any/any/any"]
    assert (places == 0).all()
    np.testing.assert_array_equal(common, maxima)


def test_a_plan_of_few_is_compared_with_its_volume_first():
    keys = keys_of((300, PRO, 2, KNOWN), (20, BASIC, 2, KNOWN), (250, PRO, 0, NEW))
    table, places, _ = fitted(keys)
    names = [label(row) for row in table]
    assert names[places[0]] == "abcdef01/64-511/known"
    assert names[places[300]] == "any/64-511/known"
    assert names[places[-1]] == "abcdef01/none/new"
    assert table["months"].sum() == len(keys)


def test_a_volume_of_few_is_compared_with_its_tenure_then_with_everybody():
    keys = keys_of((300, 0, 1, KNOWN), (30, 0, 3, KNOWN), (30, 0, 0, NEW))
    table, places, _ = fitted(keys)
    names = [label(row) for row in table]
    assert [names[places[at]] for at in (0, 300, 330)] == [
        "unknown/1-63/known", "any/any/known", "any/any/any",
    ]  # fmt: skip


def test_a_plan_nobody_has_heard_of_is_judged_by_the_widest_that_fits():
    table, _, _ = fitted(keys_of((FEWEST, PRO, 2, KNOWN), (FEWEST, BASIC, 0, NEW)))
    assert table[find(table, OTHER, 2, KNOWN)]["breadth"] == ANY_PLAN
    assert table[find(table, PRO, 2, KNOWN)]["breadth"] == EXACT
    assert table[find(table, OTHER, 3, KNOWN)]["tenure"] == KNOWN
    table, _, _ = fitted(keys_of((FEWEST, PRO, 2, KNOWN)))
    assert table[find(table, OTHER, 3, NEW)]["breadth"] == EVERYTHING


@pytest.mark.parametrize(
    ("acts", "volume"), [(0, 0), (1, 1), (63, 1), (64, 2), (511, 2), (512, 3), (10**6, 3)]
)
def test_volumes_have_the_edges_they_are_named_for(acts, volume):
    assert strata.volume_of(acts) == volume


def test_strata_are_put_on_one_scale():
    keys = keys_of((4000, 0, 1, KNOWN), (4000, 0, 3, KNOWN))
    maxima = RNG.gamma(2.0, size=8000) * np.repeat([1.0, 2.0], 4000)
    _, places, common = fitted(keys, maxima)
    light, heavy = common[places == places[0]], common[places == places[-1]]
    raw = np.mean(maxima[4000:] > np.quantile(maxima, 0.98))
    assert raw > 1.6 * 0.02
    assert np.mean(heavy > np.quantile(common, 0.98)) == pytest.approx(0.02, abs=0.008)
    assert np.mean(light > np.quantile(common, 0.98)) == pytest.approx(0.02, abs=0.008)


def test_a_narrow_stratum_is_stretched_twofold_at_most():
    keys = keys_of((1000, 0, 1, KNOWN), (1000, 0, 3, KNOWN))
    maxima = RNG.gamma(2.0, size=2000) * np.repeat([0.01, 1.0], 1000)
    table, _, _ = fitted(keys, maxima)
    assert table["gain"].min() == LEAST


def test_the_half_of_an_account_does_not_set_its_own_scale():
    keys = keys_of((300, 0, 1, KNOWN), (300, 0, 2, KNOWN))
    fold = np.arange(600) % 2
    maxima = np.random.default_rng(1).gamma(2.0, size=600)
    _, _, before = strata.fit(keys, maxima, fold)
    changed = np.where(fold == 1, maxima * 5.0, maxima)
    _, _, after = strata.fit(keys, changed, fold)
    # Half 1 changed, so half 0 is scaled anew; half 1 is still scaled by half 0 alone.
    offset = (before[fold == 1], after[fold == 1])
    slope = (offset[1] - offset[1].mean()) / (offset[0] - offset[0].mean())
    gains = np.median(slope.reshape(-1, 150), axis=1)
    np.testing.assert_allclose(gains, 5.0, rtol=0.2)


def test_a_stratum_that_spends_more_than_its_share_answers_for_itself():
    rng = np.random.default_rng(2)
    keys = keys_of((9000, 0, 1, KNOWN), (1000, 0, 3, KNOWN))
    maxima = rng.gamma(2.0, size=10_000)
    maxima[9000:][rng.random(1000) < 0.08] *= 6.0  # a heavier tail that no scale takes away
    calibration = calibrate(keys, maxima, rng.integers(0, 2, 10_000))
    apart = {label(row) for row in calibration.strata if row["pool"]}
    assert apart == {"unknown/512-/known"}
    heavy = int(np.flatnonzero(calibration.strata["pool"])[0])
    assert len(calibration.pool(heavy)) == 1000
    assert np.isinf(calibration.certified(0.001, heavy))
    assert np.isfinite(calibration.certified(0.001, find(calibration.strata, 0, 1, KNOWN)))
    for budget in BUDGETS:
        assert np.mean(maxima[9000:] > calibration.expected(budget, heavy)) <= budget


def test_who_is_the_strangest_of_all_does_not_set_its_few_peers_apart():
    rng = np.random.default_rng(5)
    keys = keys_of((3000, 0, 1, KNOWN), (9, 0, 3, KNOWN))
    maxima = rng.gamma(2.0, size=3009)
    maxima[-1] = 99.0
    assert calibrate(keys, maxima, rng.integers(0, 2, 3009)).apart == ()


def test_strata_that_keep_their_share_certify_together():
    rng = np.random.default_rng(3)
    keys = keys_of((2000, PRO, 1, KNOWN), (2000, BASIC, 2, KNOWN), (500, 0, 3, KNOWN))
    calibration = calibrate(keys, rng.gamma(2.0, size=4500), rng.integers(0, 2, 4500))
    assert calibration.apart == ()
    assert all(np.isfinite(calibration.certified(0.001, s)) for s in range(len(calibration.strata)))


def test_a_p_value_is_that_of_the_accounts_own_peers():
    keys = keys_of((2000, 0, 1, KNOWN), (2000, 0, 3, KNOWN))
    maxima = RNG.gamma(2.0, size=4000) * np.repeat([1.0, 3.0], 2000)
    calibration = calibrate(keys, maxima, RNG.integers(0, 2, 4000))
    light, heavy = (find(calibration.strata, 0, volume, KNOWN) for volume in (1, 3))
    assert calibration.p_value(9.0, light) < 0.02 < calibration.p_value(9.0, heavy)


TABLE = np.concatenate([strata.whole()])
WATCHING = np.zeros(len(DETECTORS), dtype=bool)


def after(*readings):
    """Give the record of one account after readings of (t, acts, plan), first event at day 0."""
    records = np.zeros(1, dtype=memory.RECORD)
    lines = np.zeros(len(readings), dtype=memory.LINE)
    for line, (t, acts, plan) in zip(lines, readings, strict=True):
        line["t"], line["acts"], line["plan"] = t, acts, plan
    lines["since"], lines["weight"] = readings[0][0], 1.0
    ended = np.zeros(len(readings), dtype=memory.ENDED)
    count = memory.remember(
        records, lines, np.zeros((len(readings), len(KINDS))), TABLE, np.full((1, 3), np.inf),
        WATCHING, ended,
    )  # fmt: skip
    return records[0], ended[:count]


MONTH = memory.MONTH
START = 700 * MONTH


def test_a_month_is_placed_by_what_was_known_before_it():
    record, ended = after(
        (START + DAY, 50, PRO), (START + 20 * DAY, 150, PRO), (START + MONTH + DAY, 160, BASIC),
        (START + 2 * MONTH + DAY, 900, BASIC),
    )  # fmt: skip
    seen = [(int(m["plan"]), int(m["volume"]), int(m["tenure"])) for m in ended]
    assert seen == [(0, 0, NEW), (PRO, 2, NEW)]
    assert (record["plan_before"], record["volume"], record["tenure"]) == (BASIC, 1, KNOWN)


def test_a_change_of_plan_or_pace_moves_nobody_within_the_month():
    before, _ = after((START, 50, PRO), (START + MONTH, 60, PRO))
    now, _ = after((START, 50, PRO), (START + MONTH, 60, PRO), (START + MONTH + DAY, 9000, BASIC))
    for name in ("plan_before", "volume", "tenure", "stratum"):
        assert before[name] == now[name]


def test_a_month_without_acts_before_it_is_one_of_none():
    record, _ = after((START, 500, PRO), (START + 3 * MONTH, 510, PRO))
    assert record["volume"] == 0


def test_a_straggler_of_the_month_before_begins_no_month():
    record, ended = after(
        (START, 50, PRO), (START + MONTH, 60, PRO), (START + MONTH - DAY, 61, PRO),
        (START + MONTH + DAY, 70, PRO),
    )  # fmt: skip
    assert len(ended) == 1
    assert (record["month"], record["acts_before"]) == (701, 50)


def test_whole_months_are_drawn_before_those_the_log_cuts_short():
    months = np.zeros(300, dtype=memory.ENDED)
    months["row"], months["month"] = np.repeat(np.arange(100), 3), np.tile([700, 701, 702], 100)
    one = drawn(months, START + DAY, START + 3 * MONTH - DAY, seed=4)
    assert one["row"].tolist() == list(range(100))
    assert set(one["month"].tolist()) == {701}
    three = drawn(months, START, START + 3 * MONTH, seed=4)
    assert set(three["month"].tolist()) == {700, 701, 702}
    cut = drawn(months[months["month"] != 701], START + DAY, START + 3 * MONTH - DAY, seed=4)
    assert len(cut) == 100
