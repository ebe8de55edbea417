"""The two hash tables: rows of accounts, and the generations of event ids."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import index

IDS = st.lists(st.integers(1, 2**64 - 1), min_size=1, max_size=300)


@given(IDS)
@settings(max_examples=50, deadline=None)
def test_an_account_keeps_the_row_it_was_first_given(accounts):
    keys, values = index.table_for(len(accounts))
    rows = np.empty(len(accounts), dtype=np.int64)
    count = index.find_rows(keys, values, np.array(accounts, dtype=np.uint64), 0, rows)
    first = list(dict.fromkeys(accounts))
    assert count == len(first)
    assert rows.tolist() == [first.index(account) for account in accounts]
    again, places = index.table_for(len(first))
    index.refill(again, places, np.array(first, dtype=np.uint64))
    assert index.find_rows(again, places, np.array(accounts, dtype=np.uint64), count, rows) == count
    assert rows.tolist() == [first.index(account) for account in accounts]


@pytest.mark.parametrize("size", [64, 256])
def test_an_id_is_remembered_for_at_least_a_quarter_of_the_table(size):
    young, old = np.zeros((2, size), dtype=np.uint64)
    fill = np.zeros(1, dtype=np.int64)
    ids = np.random.default_rng(1).integers(1, 2**63, 5 * size).astype(np.uint64)
    reach = size // 4
    for place, key in enumerate(ids):
        assert not index.seen_before(young, old, fill, key)
        recent = ids[max(place - reach, 0) : place + 1]
        assert all(index.seen_before(young, old, fill, known) for known in recent)
    assert not index.seen_before(young, old, fill, ids[0])  # and not for ever


def test_an_event_without_an_id_is_never_a_duplicate():
    young, old = np.zeros((2, 16), dtype=np.uint64)
    fill = np.zeros(1, dtype=np.int64)
    assert not any(index.seen_before(young, old, fill, np.uint64(0)) for _ in range(40))
