"""Live equals replay, bit for bit: late, repeated and crooked events, however the log is cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features import platform
from features.state import FeatureState
from features.view import VIEW
from streams.columns import EventBatch
from tests.features.stories import busy_log, events, learnt, log

SEEN = 1 << 8  # small, so that generations of ids turn over within a test
COUNT = 600
CUTS = st.lists(st.integers(0, COUNT), max_size=12).map(lambda cuts: [0, *sorted(cuts), COUNT])


def run(batch, cuts, *, through_arrays=()):
    """Learn the batch piece by piece; at some cuts the state goes through a snapshot's arrays."""
    state, rows, at, known, vectors = FeatureState(capacity=2, seen=SEEN), [], [], [], []
    for number, (start, stop) in enumerate(pairwise(cuts)):
        if number in through_arrays:
            state = FeatureState.from_arrays(state.arrays())
        readings = state.update(batch[start:stop])
        rows.append(readings.rows)
        at.append(readings.at + start)
        known.append(readings.events)
        vectors.append(readings.vectors)
    joined = [np.concatenate(parts) for parts in (rows, at, known, vectors)]
    return state, joined


def assert_same(one, other):
    state, readings = one
    twin, twins = other
    assert {name: array.tobytes() for name, array in state.arrays().items()} == {
        name: array.tobytes() for name, array in twin.arrays().items()
    }
    assert state.vectors().tobytes() == twin.vectors().tobytes()
    for found, wanted in zip(readings, twins, strict=True):
        assert found.tobytes() == wanted.tobytes()


@given(st.integers(0, 1000), CUTS, st.sets(st.integers(0, 12), max_size=3))
@settings(max_examples=40, deadline=None)
def test_however_the_log_is_cut_the_numbers_are_the_same_bits(seed, cuts, through_arrays):
    batch = busy_log(seed, count=COUNT)
    assert_same(
        run(batch, cuts, through_arrays=through_arrays), run(batch, [0, COUNT])
    )  # fmt: skip


def test_event_by_event_is_no_different():
    batch = busy_log(11, count=COUNT)
    assert_same(run(batch, range(COUNT + 1)), run(batch, [0, COUNT]))


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_a_second_arrival_changes_nothing_but_its_counter(seed):
    batch = busy_log(seed, count=200)
    batch.events["event"] = np.arange(1, 201)
    again = np.sort(np.random.default_rng(seed).integers(0, 200, 80))
    order = np.sort(np.concatenate([np.arange(200), again]), kind="stable")
    once, twice = learnt(batch), learnt(EventBatch(batch.events[order], batch.account_ids[order]))
    for name in once._rows.dtype.names:
        if name != "duplicates":
            np.testing.assert_array_equal(once.column(name), twice.column(name), err_msg=name)
    assert twice.column("duplicates").sum() == len(again)
    assert once.column("duplicates").sum() == 0


@given(st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_different_accounts_does_not_matter(seed, chance):
    batch = busy_log(seed, count=300)
    batch.events["event"] = np.arange(1, 301)
    queues = {a: list(np.flatnonzero(batch.events["account"] == a)) for a in range(1, 7)}
    order = []
    while any(queues.values()):
        order.append(chance.choice([q for q in queues.values() if q]).pop(0))
    one, other = learnt(batch), learnt(EventBatch(batch.events[order], batch.account_ids[order]))
    own = slice(0, len(VIEW.names) - len(platform.NAMES))  # the platform's are everybody's
    numbers = dict(zip(one.names, one.vectors()[:, own], strict=True))
    for name, vector in zip(other.names, other.vectors()[:, own], strict=True):
        assert vector.tobytes() == numbers[name].tobytes()


def test_reading_writes_nothing():
    state = learnt(busy_log(5))
    before = {name: array.tobytes() for name, array in state.arrays().items()}
    first, second = state.vectors(), state.vectors()
    assert first.tobytes() == second.tobytes()
    assert before == {name: array.tobytes() for name, array in state.arrays().items()}


def test_accounts_keep_their_names_through_arrays():
    rows = events(np.arange(1, 5), account=[7, 8, 9, 7])
    batch = log(rows)
    batch.account_ids[:] = ["zoë", "", "顧客" * 40, "zoë"]
    state = learnt(batch)
    again = FeatureState.from_arrays(state.arrays())
    assert again.names == state.names == ["zoë", "", "顧客" * 40]
    assert again.update(batch).rows.tolist() == state.update(batch).rows.tolist()
    assert again.rows_of(batch).tolist() == [0, 1, 2, 0]


def test_memory_grows_with_accounts_alone():
    state = FeatureState(capacity=64, seen=SEEN)
    sizes = set()
    for start in range(20):
        state.update(log(events(np.arange(50) + 50 * start + 1, account=np.arange(50) % 5 + 1)))
        sizes.add(sum(array.nbytes for array in state.arrays().values()))
        sizes.add(state._rows.nbytes)
    assert len(sizes) == 2
