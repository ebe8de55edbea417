"""Evaluation: shares with their intervals, and accounts never scored by what they taught."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from detectors import evaluation, forest
from detectors.evaluation import PARTS, Share, evaluate, first, held_out, part
from detectors.verdict import Kind
from tests.detectors.people import machine, pieces, platform
from tests.features.stories import log


def test_a_share_tells_its_exact_interval():
    assert str(Share(0, 100)) == "0/100 = 0.0% [0.0%, 3.6%]"
    assert Share(5, 10).interval == pytest.approx((0.187, 0.813), abs=1e-3)
    assert math.isnan(Share(0, 0).value)
    assert all(math.isnan(end) for end in Share(0, 0).interval)


def rows(scores, action="allow"):
    """Score rows as `summary.rows` lays them out."""
    return [
        (f"acc_{place}", 9, *(4 * [str(score)]), str(score), action, "", "")
        for place, score in enumerate(scores)
    ]


def test_scores_that_part_honest_from_abusive_have_an_area_of_one():
    labels = {f"acc_{k}": Kind.AUTOMATION if k >= 7 else None for k in range(10)}
    found = evaluate(rows(np.linspace(0.1, 0.9, 10)), labels)
    assert found.auc == 1.0
    assert found.auc_interval[1] == 1.0
    assert (found.caught.count, found.caught.of) == (3, 3)
    assert (found.honest_paused.count, found.honest_paused.of) == (0, 7)


def test_accounts_without_a_label_are_left_out():
    labels = {"acc_0": None, "acc_9": Kind.RESELLING}
    found = evaluate(rows(np.linspace(0.1, 0.9, 10)), labels)
    assert (found.caught.of, found.honest_reviewed.of) == (1, 1)


def test_labels_of_one_side_only_are_refused():
    with pytest.raises(ValueError, match="both honest and abusive"):
        evaluate(rows([0.1, 0.2]), {"acc_0": None, "acc_1": None})


@pytest.fixture(scope="module")
def labelled():
    people = platform(30, acts=90)
    bots = [machine(account, acts=90, every=40.0) for account in (901, 902)]
    batch = log(people.events, *bots)
    batch.events["account"] *= np.uint64(0x9E37_79B9_7F4A_7C15)  # hashes, not small numbers
    return batch


def test_parts_hold_every_account_once(labelled):
    seen = [
        {name for batch in part(lambda: pieces(labelled, 3), number)() for name in
         batch.account_ids} for number in range(PARTS)
    ]  # fmt: skip
    assert sum(map(len, seen)) == len(set.union(*seen)) == 32
    others = {n for b in part(lambda: [labelled], 0, but=True)() for n in b.account_ids}
    assert others == set.union(*seen[1:])


def test_the_first_events_of_each_account_are_kept(labelled):
    kept = list(first(lambda: pieces(labelled, 9), 7)())
    names = np.concatenate([batch.account_ids for batch in kept])
    assert set(np.unique(names, return_counts=True)[1]) == {7}


def test_machines_score_above_people_whom_the_model_has_not_seen(labelled, monkeypatch):
    monkeypatch.setattr(forest, "fit", partial(forest.fit, trees=10))
    labels = {f"acc_{k}": None for k in range(1, 31)}
    labels |= {f"acc_{k}": Kind.AUTOMATION for k in (901, 902)}
    found = evaluate(held_out(lambda: [labelled]), labels, Kind.AUTOMATION)
    assert found.auc > 0.95
    assert found.honest_paused.count == 0
    assert evaluation.FALSE_POSITIVES == (0.01, 0.001)
