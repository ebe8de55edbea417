"""Gaps between jobs: binned by doubling, and beside peers that can be computed again."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from review_api.console.charts.gaps import BINS, FEWEST, PEERS, draw_gaps, shares_of
from streams.simulator import simulate

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("seconds", "place"),
    [(0, 0), (0.99, 0), (1, 1), (1.99, 1), (2, 2), (60, 6), (64, 7), (65536, 17), (10**7, 17)],
)
def test_a_gap_stands_in_the_bin_of_its_power_of_two(seconds, place):
    shares = shares_of([0, int(seconds * SECOND)])
    assert shares[place] == shares.sum() == 1.0


def test_one_job_has_no_gap():
    assert not shares_of([5]).any()
    assert len(shares_of([])) == BINS


def test_too_few_gaps_are_not_drawn():
    assert draw_gaps(range(FEWEST)) is None
    assert draw_gaps([number * 60 * SECOND for number in range(FEWEST + 1)]) is not None


def test_the_sentence_says_what_peers_do_and_that_they_are_simulated():
    chart = draw_gaps([number * 60 * SECOND for number in range(101)])
    assert chart.summary == (
        "100 gaps. Most often from 32 s to 1 min: 100% of them. Of simulated honest accounts half "
        "have at most 13% there, nine in ten at most 30%."
    )
    assert chart.table.rows[6] == ("from 32 s to 1 min", "100.0%", "13.3%", "30.1%")


def test_the_peers_are_the_honest_accounts_of_the_simulator():
    traffic = simulate(120, 7, 11)
    honest = pa.array([account for account, kind in traffic.labels if not kind])
    events = pa.concat_tables(list(traffic.tables()))
    asked = pc.equal(events["type"], "generation.requested")
    jobs = events.filter(pc.and_(asked, pc.is_in(events["account_id"], honest)))
    times = {}
    at = jobs["occurred_at"].cast(pa.int64()).to_pylist()
    for account, t in zip(jobs["account_id"].to_pylist(), at, strict=True):
        times.setdefault(account, []).append(t)
    shares = [shares_of(sorted(own)) for own in times.values() if len(own) > FEWEST]
    found = np.quantile(shares, [0.5, 0.9], axis=0).T * 100
    assert np.round(found, 1).tolist() == [list(peer) for peer in PEERS]
