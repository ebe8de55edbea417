"""What is remembered of an account: smoothing from zero, challenges that weigh, months that end."""

from __future__ import annotations

import numpy as np
import pytest

from detectors import memory, strata
from detectors.bank import KINDS
from detectors.policy import DETECTORS
from detectors.rules import RULES

START = 700 * memory.MONTH
HOUR = 3_600_000_000
SILENT = np.zeros(len(DETECTORS), dtype=bool)
LIMITS = np.array([[1.0, 2.0, 3.0]])


def remembered(scores, *, weight=1.0, bits=0, watching=SILENT, limits=LIMITS):
    """Give record and lines after readings of one account, eight acts apart, one an hour."""
    records, count = np.zeros(1, dtype=memory.RECORD), len(scores)
    lines = np.zeros(count, dtype=memory.LINE)
    lines["t"] = START + np.arange(count) * HOUR
    lines["acts"] = 24 + 8 * np.arange(count)
    lines["weight"], lines["bits"] = weight, bits
    smoothed = np.repeat(np.asarray(scores, dtype=float)[:, None], len(KINDS), axis=1)
    memory.remember(
        records, lines, smoothed, strata.whole(), limits, watching,
        np.zeros(0, dtype=memory.ENDED),
    )  # fmt: skip
    return records[0], lines


def test_scores_rise_from_zero_and_never_past_what_was_scored():
    _, lines = remembered([4.0] * 60)
    standing = lines["standing"]
    assert (np.diff(standing) >= 0.0).all()
    assert standing[0] < 2.0
    assert standing[-1] == pytest.approx(4.0, abs=0.1)
    assert (standing <= 4.0).all()


def test_a_failed_challenge_doubles_the_evidence_and_a_passed_one_halves_it():
    plain, failed, passed = (
        remembered([4.0] * 60, weight=weight)[1]["standing"] for weight in (1.0, 2.0, 0.5)
    )
    np.testing.assert_allclose(failed, 2.0 * plain, rtol=1e-6)
    np.testing.assert_allclose(passed, 0.5 * plain, rtol=1e-6)
    assert (passed > 0.0).all()


@pytest.mark.parametrize("weight", [0.25, 1.0, 4.0])
def test_no_challenge_makes_evidence_of_none(weight):
    record, lines = remembered([-3.0] * 30, weight=weight)
    assert (lines["standing"] == 0.0).all()
    assert record["score"] == pytest.approx(np.full(len(KINDS), -3.0), abs=0.1)


def test_a_weak_score_is_no_candidate():
    assert not remembered([0.9] * 100)[1]["candidate"].any()


def test_a_month_that_keeps_to_its_maximum_but_calmed_down_calls_for_nothing_new():
    """Who passed a challenge and went on more calmly is not paused for what came before."""
    _, lines = remembered([9.0] * 20 + [0.0] * 60)
    late = lines[-20:]
    assert (late["maximum"] > 3.0).all()
    assert (late["standing"] < 1.0).all()
    assert not late["candidate"].any()


def test_a_watching_kind_raises_no_standing():
    watching = SILENT.copy()
    watching[len(RULES) :] = True
    record, lines = remembered([9.0] * 60, watching=watching)
    assert (lines["standing"] == 0.0).all()
    assert record["maximum"] == 0.0
    assert lines["candidate"].any()


def test_no_limit_no_candidate_but_a_rule_needs_none():
    none = np.full((1, 3), np.inf)
    assert not remembered([1e6] * 60, limits=none)[1]["candidate"].any()
    assert remembered([0.0] * 60, limits=none, bits=1)[1]["candidate"].all()


def test_records_grow_and_keep_what_they_hold():
    records = np.zeros(4, dtype=memory.RECORD)
    records["acts"] = [1, 2, 3, 4]
    wider = memory.room_for(records, 5)
    assert len(wider) >= 5
    assert wider["acts"][:4].tolist() == [1, 2, 3, 4]
    assert memory.room_for(wider, 3) is wider


def test_a_model_that_follows_another_compares_with_the_same_peers_and_smooths_from_zero():
    table = np.concatenate([strata.whole(), strata.whole()])
    table["breadth"][0], table["volume"][0] = strata.ANY_PLAN, 1
    table["tenure"][0] = strata.KNOWN
    before = np.zeros(1, dtype=memory.RECORD)
    before["month"], before["acts"], before["acts_before"] = START // memory.MONTH, 500, 460
    before["volume"], before["tenure"], before["score"] = 1, strata.KNOWN, 9.0
    before["maximum"], before["response"], before["stratum"] = 9.0, 3, 1
    records = memory.handed_on(before, table)
    assert records["stratum"] == 0
    assert records["acts_before"] == 460
    for name in ("score", "peak", "month_peak", "maximum", "response", "strongest", "hard"):
        assert not records[name].any(), name
    line = np.zeros(1, dtype=memory.LINE)
    line["t"], line["acts"], line["weight"] = START + HOUR, 508, 1.0
    memory.remember(
        records, line, np.full((1, len(KINDS)), 8.0), table, np.repeat(LIMITS, 2, axis=0), SILENT,
        np.zeros(0, dtype=memory.ENDED),
    )  # fmt: skip
    assert records["maximum"] == pytest.approx(8.0 * (1.0 - np.exp(-8.0 / memory.MEMORY)))
    assert not line["enough"].any()
