"""Random audits: drawn once a month by chance alone, and nothing else changes by them."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np
import pytest

from detectors import memory, summary
from detectors.auditing import ENOUGH, OVERSAMPLED, UPPER, Audits
from detectors.policy import Policy
from detectors.scorer import Scorer
from detectors.verdict import Action, Response, decode, encode
from features.state import FeatureState
from tests.detectors.people import pieces
from tests.detectors.test_scorer import MONTH, mixed_log

ALL = Audits(share=1.0, key=b"a key")


@pytest.fixture(scope="module")
def mixed():
    return mixed_log()


def run(model, batches, audits):
    """Score batches one after the other; gives verdicts, summary rows and records."""
    state, scorer, said = FeatureState(seen=1 << 16), Scorer(model, Policy(audits=audits)), []
    for batch in batches:
        said += scorer.judge(batch, state.update(batch), state, "usage-events")
    return said, list(summary.rows(scorer, state)), scorer.records[: state.accounts].copy()


@pytest.fixture(scope="module")
def audited(certified, mixed):
    return run(certified, [mixed], ALL)


def test_without_the_audits_the_verdicts_and_records_are_bit_for_bit_the_same(
    certified, mixed, audited
):
    said, rows, records = run(certified, [mixed], Audits())
    assert [one for one in audited[0] if one.audit is None] == said
    assert audited[1] == rows
    for name in memory.RECORD.names:
        np.testing.assert_array_equal(records[name], audited[2][name])


@pytest.mark.parametrize("cuts", [2, 60, 900])
def test_however_the_log_is_cut_the_same_accounts_are_drawn(certified, mixed, audited, cuts):
    assert run(certified, pieces(mixed, cuts, seed=cuts), ALL)[0] == audited[0]


def test_each_account_month_with_enough_acts_is_drawn_once(audited):
    drawn = Counter(
        (one.account_id, np.datetime64(one.occurred_at[:-1], "us").astype(int) // MONTH)
        for one in audited[0]
        if one.audit is not None
    )
    assert set(drawn.values()) == {1}
    assert {account for account, _ in drawn} == {
        *(f"acc_{n}" for n in range(100, 106)),
        *(f"acc_{n}" for n in range(201, 206)),
    }


def test_an_audit_asks_for_a_look_and_for_nothing_else(audited):
    for one in audited[0]:
        if one.audit is not None:
            assert (one.action, one.response, one.audit) == (Action.REVIEW, Response.NONE, 1.0)
            assert one.shadow is Response.NONE
            assert one.reasons is not None


def test_a_verdict_written_before_there_were_audits_reads_as_none(audited):
    older = msgspec.json.decode(encode(audited[0][0]))
    del older["audit"]
    assert decode(msgspec.json.encode(older)).audit is None


def test_the_draw_keeps_the_share_it_promises_and_says_it():
    audits = Audits(share=0.05, key=b"a key")
    drawn = [audits.draws(f"acc_{n}", 7, 0.0) for n in range(20_000)]
    found = [one for one in drawn if one is not None]
    assert set(found) == {0.05}
    assert 900 < len(found) < 1100  # 1000 expected, 31 the standard deviation


def test_the_stranger_tenth_is_drawn_more_often_and_never_above_certainty():
    audits = Audits(share=0.05)
    assert audits.probability(UPPER) == 0.05 * OVERSAMPLED
    assert audits.probability(np.nextafter(UPPER, 0.0)) == 0.05
    assert Audits(share=0.9).probability(5.0) == 1.0


def test_another_key_or_month_draws_others():
    drawn = [
        {n for n in range(2000) if Audits(0.1, key).draws(f"acc_{n}", month, 0.0) is not None}
        for key, month in ((b"a", 1), (b"b", 1), (b"a", 2))
    ]
    assert drawn[0] != drawn[1]
    assert drawn[0] != drawn[2]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="share"):
        Audits(share)


def test_a_key_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="64 bytes"):
        Audits(0.1, b"x" * 65)


def test_enough_is_counted_within_the_month(audited):
    for one in audited[0]:
        if one.audit is not None:
            assert one.events >= ENOUGH
