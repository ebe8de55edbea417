"""Disputes: one mistake among many answers is outvoted, one person alone outvotes nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from detectors.disputes import disputes
from detectors.labels import Label, LabelSet
from detectors.verdict import Kind

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
YES, NO = True, False


def label_set(*answers, kind=Kind.AUTOMATION, apart=timedelta(days=3)):
    """Make labels of one account from pairs of who said what, in their order."""
    labels = tuple(
        Label(
            account_id="acc_1", kind=kind, abusive=abusive, outcome="", case_id=f"c{n}",
            decision_id=n, observed_at=NOON + n * apart, known_at=NOON + n * apart, reviewer=who,
        )
        for n, (who, abusive) in enumerate(answers)
    )  # fmt: skip
    return LabelSet(labels, NOON, NOON, disputes(labels).contradicted)


@pytest.mark.parametrize(
    ("answers", "stands"),
    [
        ([("ana", YES), ("ben", NO), ("ana", YES), ("cem", YES)], Kind.AUTOMATION),
        ([("ana", NO), ("ben", YES), ("ana", NO), ("cem", NO)], None),
    ],
)
def test_one_mistake_among_many_answers_is_outvoted_either_way(answers, stands):
    found = label_set(*answers)
    assert found.contradicted == ()
    assert found.kinds() == {"acc_1": stands}
    judged = found.judgements()["acc_1"]
    assert (judged.kind, judged.teaches) == (stands, True)


@pytest.mark.parametrize(
    "answers",
    [
        [("ana", YES), ("ben", NO)],
        [("ana", YES), ("ben", NO), ("cem", YES)],
        # However often one person says it.
        [("mal", YES), ("ben", NO), ("mal", YES), ("mal", YES), ("mal", YES)],
        [("mal", NO), ("ben", YES), ("mal", NO), ("mal", NO)],
    ],
)
def test_without_a_clear_lead_of_several_people_the_account_teaches_nothing(answers):
    found = label_set(*answers)
    assert found.contradicted == ("acc_1",)
    assert found.kinds() == {}
    assert not found.judgements()["acc_1"].teaches


def test_who_kept_the_rules_and_broke_them_later_is_in_no_dispute():
    found = label_set(("ana", NO), ("ben", NO), ("cem", YES), apart=timedelta(days=31))
    assert found.contradicted == ()
    assert found.kinds() == {"acc_1": Kind.AUTOMATION}
    assert disputes(found.labels).outvoted == frozenset()
