"""What nothing is learnt from: each refusal says why, and none speaks up on ordinary traffic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest

from detectors.census import WIDTH, Judged, census, key_of
from detectors.labels import Label, LabelSet
from detectors.passes import OneLog
from detectors.refusals import (
    CLASS,
    TrainingSetRefused,
    dead_columns,
    impossible_labels,
    labels_beyond,
    leaked_answers,
    other_view,
    refuse,
    separation,
)
from detectors.verdict import Kind
from features.view import VIEW
from streams.place import Place
from streams.raw import Partition

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = Partition("usage-events", 0)
ENDS = {HERE: 10_000}


def label(number, *, abusive=True, **changes):
    given = {
        "account_id": f"acc_{1000 + number}", "kind": Kind.AUTOMATION, "abusive": abusive,
        "outcome": "confirmed" if abusive else "benign", "case_id": f"c{number}",
        "decision_id": number, "observed_at": NOW - DAY, "known_at": NOW, "reviewer": "ada",
        "place": Place("usage-events", 0, number),
    }  # fmt: skip
    return Label(**(given | changes))


def labelled(*labels):
    return LabelSet(labels, NOW, NOW)


@pytest.fixture(scope="module")
def counted(usual):
    return census(OneLog(lambda: [usual]))


def judged_census(counted, vectors):
    """A census in which account n was judged at offset n, with these vectors (n, WIDTH)."""
    n = len(vectors)
    keys = np.array([key_of(Place("usage-events", 0, k)) for k in range(n)], dtype=np.int64)
    nobody = np.zeros(0, dtype=np.int64)
    judged = Judged(
        np.zeros(n, dtype=np.int64), keys, np.arange(n), vectors, nobody, np.empty((0, WIDTH))
    )
    return replace(counted, names=tuple(f"acc_{1000 + k}" for k in range(n)), judged=judged)


def two_classes(each, *, weight=1.0, seed=0):
    """Labels and vectors of two classes that differ as good features do, but not without error."""
    rng = np.random.default_rng(seed)
    answers = np.arange(2 * each) < each
    vectors = rng.normal(size=(2 * each, WIDTH)) + 2.5 * answers[:, None]
    vectors[rng.random(vectors.shape) < 0.1] = np.nan
    labels = [
        label(k, abusive=bool(yes), probability=1.0 if yes else weight)
        for k, yes in enumerate(answers)
    ]
    return labelled(*labels), vectors, answers


def test_ordinary_traffic_with_ordinary_labels_is_learnt_from(counted, model):
    labels, vectors, _ = two_classes(300, weight=0.05)
    refuse(counted, labels, ENDS, model)
    refuse(judged_census(counted, vectors), labels, ENDS, None)
    refuse(counted, labelled(), ENDS, model)


def test_a_column_that_the_champion_listens_to_and_that_died_is_named(counted, model):
    unknown, constant = VIEW.position("views_per_request"), VIEW.position("gap_entropy")
    vectors = tuple(one.copy() for one in counted.vectors)
    for one in vectors:
        one[:, unknown], one[:, constant] = np.nan, 1.25
    died = replace(counted, vectors=vectors)
    assert dead_columns(died, model) == (
        "dead columns that champion m1 listens to: gap_entropy (constant), "
        "views_per_request (unknown)"
    )
    with pytest.raises(TrainingSetRefused, match=r"^dead columns .* views_per_request"):
        refuse(died, labelled(), ENDS, model)


def test_a_column_that_the_champion_never_knew_is_not_missed(counted, model):
    assert model.manifest.blind
    assert not dead_columns(counted, model)


def test_a_column_in_which_hardly_anybody_differed_may_be_constant_now(counted, model):
    column = VIEW.position("gap_entropy")
    place = model.bank.tails.columns.tolist().index(column)
    grid = model.bank.tails.grid.copy()
    grid[:, place, :-5] = grid[:, place, :1]
    rare = replace(model, bank=replace(model.bank, tails=replace(model.bank.tails, grid=grid)))
    vectors = tuple(one.copy() for one in counted.vectors)
    for one in vectors:
        one[:, column] = 1.25
    same = replace(counted, vectors=vectors)
    assert dead_columns(same, model)
    assert not dead_columns(same, rare)


def test_a_column_in_which_only_confirmed_abusers_differ_is_alive(counted, model):
    column = VIEW.position("gap_entropy")
    vectors = tuple(one.copy() for one in counted.vectors)
    for one in vectors:
        one[:, column] = 1.25
    vectors[0][:1, column] = 0.0
    found_out = replace(counted, vectors=vectors)
    name = counted.names[int(counted.rows[0][0])]
    only = replace(label(0, abusive=True), account_id=name, place=None)
    refuse(found_out, labelled(only), ENDS, model)


def test_a_feature_that_knows_the_answer_is_refused_by_name(counted):
    labels, vectors, answers = two_classes(CLASS)
    vectors[:, VIEW.position("challenge_balance")] = answers
    said = leaked_answers(judged_census(counted, vectors), labels.judgements())
    assert said == (
        "leaked labels: too good to be true, challenge_balance tells automation (1.0000)"
    )


def test_being_known_only_of_the_confirmed_gives_the_answer_away(counted):
    labels, vectors, answers = two_classes(CLASS)
    vectors[:, VIEW.position("acts")] = np.where(answers, 3.0, np.nan)
    assert "acts tells automation" in leaked_answers(
        judged_census(counted, vectors), labels.judgements()
    )


def test_few_labels_that_one_feature_parts_are_luck(counted):
    labels, vectors, answers = two_classes(CLASS - 1)
    vectors[:, VIEW.position("acts")] = answers
    assert not leaked_answers(judged_census(counted, vectors), labels.judgements())


def test_many_labels_of_which_one_weighs_all_are_few(counted):
    labels, vectors, answers = two_classes(CLASS)
    heavy = replace(labels.labels[-1], probability=0.02)
    labels = replace(labels, labels=(*labels.labels[:-1], heavy))
    vectors[:, VIEW.position("acts")] = answers
    assert not leaked_answers(judged_census(counted, vectors), labels.judgements())


def test_separation_is_the_weighted_share_of_pairs_in_order():
    rng = np.random.default_rng(3)
    values, answers = rng.integers(0, 6, 40).astype(float), rng.random(40) < 0.4
    values[:3], weights = np.nan, rng.uniform(0.5, 3.0, 40)
    low = np.where(np.isnan(values), -1.0, values)
    yes, no = np.flatnonzero(answers), np.flatnonzero(~answers)
    pairs = [
        (weights[a] * weights[b], (low[a] > low[b]) + 0.5 * (low[a] == low[b]))
        for a in yes
        for b in no
    ]
    expected = sum(w * right for w, right in pairs) / sum(w for w, _ in pairs)
    assert separation(values, answers, weights) >= expected
    assert separation(low, answers, weights) == pytest.approx(max(expected, 1.0 - expected))


def test_answers_known_before_their_evidence_are_refused(counted):
    odd = [label(k, observed_at=NOW + 2 * DAY, known_at=NOW) for k in (7, 8)]
    sound = [label(k) for k in range(10, 28)]
    many = labelled(*sound, *odd)
    assert impossible_labels(many) == (
        "leaked labels: 2 of 20 were known more than a day before their evidence was seen, "
        "first case c7"
    )
    with pytest.raises(TrainingSetRefused, match="case c7"):
        refuse(counted, many, ENDS, None)
    assert not impossible_labels(labelled(*sound, label(1), odd[0]))
    assert not impossible_labels(labelled(*odd))


def test_a_clock_that_is_hours_ahead_is_no_leak():
    assert not impossible_labels(labelled(label(1, observed_at=NOW + DAY / 3)))


def test_an_archive_that_ends_before_most_labels_is_refused(counted):
    late = [label(k, place=Place("usage-events", 0, 10_000 + k)) for k in range(30)]
    said = labels_beyond(labelled(*late, label(1)), ENDS)
    assert said.startswith(
        "labels from after the end of the training window: the evidence of 30 of"
    )
    with pytest.raises(TrainingSetRefused, match="lags behind"):
        refuse(counted, labelled(*late), ENDS, None)


def test_the_newest_labels_may_lie_after_the_end_of_the_archive():
    late = [label(k, place=Place("usage-events", 0, 10_000 + k)) for k in range(30)]
    assert not labels_beyond(labelled(*late, *(label(k) for k in range(100, 130))), ENDS)
    assert not labels_beyond(labelled(*late[:19]), ENDS)


def test_another_feature_view_than_the_registrys_is_refused(counted, model):
    manifest = msgspec.structs.replace(model.manifest, view_fingerprint="0" * 16)
    other = replace(model, manifest=manifest)
    assert not other_view(model)
    with pytest.raises(TrainingSetRefused, match="another feature view: the champion m1"):
        refuse(counted, labelled(), ENDS, other)
