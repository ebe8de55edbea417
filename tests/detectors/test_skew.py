"""Skew: replayed vectors are those that live scoring pinned, and where they are not, it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from detectors.census import census
from detectors.gate.check import Limits
from detectors.gate.parity import parity
from detectors.labels import Label, LabelSet
from detectors.passes import OneLog
from detectors.scorer import Scorer
from detectors.skew import gap, pinned, skew
from detectors.verdict import decode, encode
from features.state import FeatureState
from features.view import VIEW
from streams.place import Place
from streams.raw import Partition
from tests.detectors.people import machine, pieces, platform
from tests.features.stories import log

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


def label_of(number, verdict):
    return Label(
        account_id=verdict.account_id, kind=verdict.kind, abusive=True, outcome="confirmed",
        case_id=f"c{number}", decision_id=number, observed_at=NOW, known_at=NOW, reviewer="ada",
        place=Place(verdict.topic, verdict.partition, verdict.offset, verdict.index),
        features=verdict.features, view_fingerprint=verdict.view_fingerprint,
    )  # fmt: skip


@pytest.fixture(scope="module")
def traffic():
    bots = (machine(200 + n, every=45.0 + 60 * n, acts=300) for n in range(4))
    return log(platform(8, acts=60).events, *bots)


@pytest.fixture(scope="module")
def labels(certified, traffic):
    """Labels as a case pins them: what the live scorer said, as it came over the wire."""
    state, scorer, said = FeatureState(), Scorer(certified), []
    for batch in pieces(traffic, 23):
        said += scorer.judge(batch, state.update(batch), state, "")
    found = [label_of(n, decode(encode(verdict))) for n, verdict in enumerate(said)]
    assert len(found) >= 4
    return LabelSet(tuple(found), NOW, NOW)


@pytest.fixture(scope="module")
def counted(traffic, labels):
    return census(OneLog(lambda: pieces(traffic, 5)), [one.place for one in labels.labels])


def with_first(labels, **changes):
    first, *rest = labels.labels
    return replace(labels, labels=(replace(first, **changes), *rest))


def test_what_the_live_scorer_pinned_comes_out_of_a_replay_bit_for_bit(labels, counted):
    for label in labels.labels:
        row = counted.names.index(label.account_id)
        again = counted.judged.vector[counted.judged.at(row, label.place)]
        known = ~np.isnan(again)
        assert pinned(label)[known].tobytes() == again[known].tobytes()
        assert np.isnan(pinned(label)[~known]).all()
    found = skew(labels, counted)
    assert (found.same, found.differing, found.missing) == (len(labels.labels), 0, 0)
    expected = f"all {found.same} pinned vectors come out the same when replayed"
    assert found.sentence == expected
    assert parity(found.replayed(), Limits()).passed


def test_the_last_bit_of_one_number_is_a_difference_and_is_named(labels, counted):
    features = dict(labels.labels[0].features)
    features["acts"] = float(np.nextafter(features["acts"], np.inf))
    found = skew(with_first(labels, features=features), counted)
    assert found.differing == 1
    ((feature, accounts, gap_in_words),) = found.table()
    assert (feature, accounts) == ("acts", 1)
    assert gap_in_words.startswith("up to ")
    assert "acts differs most often (1 accounts" in found.sentence


def test_a_number_known_on_one_side_only_differs_without_measure(labels, counted):
    features = dict(labels.labels[0].features) | {"acts": None}
    found = skew(with_first(labels, features=features), counted)
    assert found.table() == [("acts", 1, "known on one side only")]


def test_the_gate_refuses_when_most_vectors_differ(labels, counted):
    wrong = [
        replace(one, features=dict(one.features) | {"acts": 1.0, "gap_entropy": 9.0})
        for one in labels.labels
    ]
    found = skew(replace(labels, labels=tuple(wrong)), counted)
    assert {one.feature for one in found.differences} == {"acts", "gap_entropy"}
    check = parity(found.replayed(), Limits())
    assert not check.passed
    assert found.differences[0].feature in check.sentence


def test_an_erasure_elsewhere_in_the_partition_is_no_reason_to_refuse(labels, counted):
    wrong = [
        replace(one, features=dict(one.features) | {"platform_surge": 9.0}) for one in labels.labels
    ]
    found = skew(replace(labels, labels=tuple(wrong)), counted)
    assert (found.differing, found.shared) == (0, len(labels.labels))
    assert found.sentence.endswith(f"; {found.shared} differ only in what the whole partition did")
    assert parity(found.replayed(), Limits()).passed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place": Place("", 0, 10**9)}, "1 not found in the log"),
        ({"account_id": "acc_unheard_of"}, "1 not found in the log"),
        ({"view_fingerprint": "0" * 16}, "1 of another feature view"),
    ],
)
def test_what_cannot_be_compared_is_counted_and_is_no_difference(labels, counted, changes, said):
    found = skew(with_first(labels, **changes), counted)
    assert (found.same, found.differing) == (len(labels.labels) - 1, 0)
    assert found.sentence.endswith(said)


def test_a_partition_without_its_beginning_is_not_compared(labels, counted):
    found = skew(labels, counted, cut={Partition("", 0)})
    assert (found.same, found.differing, found.cut) == (0, 0, len(labels.labels))
    assert found.sentence.startswith("no pinned vector could be compared")
    assert found.replayed().vectors == 0


def test_a_label_without_a_vector_says_nothing_of_skew(labels, counted):
    found = skew(with_first(labels, features={}), counted)
    assert found.same == len(labels.labels) - 1
    assert found.missing == found.older == 0


def test_an_unknown_number_equals_an_unknown_number():
    one, other = np.full(len(VIEW.names), np.nan), np.full(len(VIEW.names), np.nan)
    one[:2], other[1:3] = (1.0, 2.0), (2.5, 3.0)
    assert gap(one, other)[:4].tolist() == [np.inf, 0.5, np.inf, 0.0]
