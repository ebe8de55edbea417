"""Decisions in time: the grace, taking one back, a second person, opening a case again."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from detectors.verdict import Kind
from review_api.decisions import Second, give_second, undo
from review_api.effects import settle_due
from review_api.errors import BadRequestError, MoveRefusedError, NotAllowedError, ReviewError
from review_api.labels import label_set
from review_api.models import DecisionEnd
from review_api.steps import Step, reopen
from review_api.vocabulary import CaseEventKind, CaseStatus, Choice, Fate, Ruled
from streams.clock import ManualClock
from tests.house import POLICY
from tests.verdicts import DAY, HOUR, MONDAY, payload

GRACE = timedelta(seconds=20)
SOON = MONDAY + timedelta(seconds=5)
DUE = MONDAY + GRACE


@pytest.fixture
def case_id(house):
    """Give a case that pauses ``acc_1``, in a house that waits with what is decided."""
    house.policy = replace(POLICY, grace=GRACE)
    return house.take(payload()).case_id


def take_back(house, case_id, reviewer="ana", now=SOON, *, for_others=False):
    with house.database.writers.begin() as session:
        return undo(session, case_id, reviewer=reviewer, now=now, for_others=for_others)


def second(house, case_id, reviewer="ben", now=SOON, *, agrees=True):
    with house.database.writers.begin() as session:
        opinion = Second(agrees, "I looked as well.")
        return give_second(
            session, case_id, opinion, reviewer=reviewer, now=now, policy=house.policy
        )


def known(house, now):
    with house.database.readers.begin() as session:
        return [label.abusive for label in label_set(session, known_by=now).labels]


def test_nothing_leaves_before_the_grace_is_over(house, case_id):
    house.decide(case_id)
    assert house.settle(DUE - timedelta(seconds=1)) == 0
    assert house.access(SOON).paused
    assert len(house.outbox()) == 1
    assert known(house, SOON) == []


def test_when_the_grace_is_over_the_decision_is_carried_out_once(house, case_id):
    house.decide(case_id)
    assert house.settle(DUE) == 1
    assert house.settle(DUE + HOUR) == 0
    assert not house.access(DUE).paused
    assert len(house.outbox()) == 2
    assert house.thread(case_id)[-3:] == [
        CaseEventKind.DECIDED,
        CaseEventKind.TOOK_EFFECT,
        CaseEventKind.MADE_GOOD,
    ]
    assert known(house, DUE) == [False]


def test_a_decision_taken_back_leaves_everything_as_it_was(house, case_id):
    before = house.access(DUE)
    house.decide(case_id)
    take_back(house, case_id)
    assert house.settle(DUE + HOUR) == 0
    assert house.access(DUE) == before
    assert len(house.outbox()) == 1
    assert house.view(case_id).status is CaseStatus.OPEN
    assert known(house, DUE + HOUR) == []


def test_a_case_can_be_decided_again_after_a_decision_was_taken_back(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    take_back(house, case_id)
    house.decide(case_id, now=SOON)
    house.settle(SOON + GRACE)
    assert house.view(case_id).status is CaseStatus.RESTORED
    assert known(house, SOON + GRACE) == [False]


def test_only_who_decided_may_take_it_back_or_a_lead(house, case_id):
    house.decide(case_id)
    with pytest.raises(NotAllowedError, match="ana took this decision"):
        take_back(house, case_id, "ben")
    take_back(house, case_id, "lea", for_others=True)
    assert house.view(case_id).status is CaseStatus.OPEN


def test_what_was_carried_out_cannot_be_taken_back(house, case_id):
    house.decide(case_id)
    house.settle(DUE)
    with pytest.raises(MoveRefusedError, match="no decision waits"):
        take_back(house, case_id, now=DUE)


def test_while_a_decision_waits_nobody_else_decides(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    with pytest.raises(MoveRefusedError, match="ana has decided to uphold"):
        house.decide(case_id, now=SOON, reviewer="ben")


def test_undo_and_effect_at_one_moment_leave_exactly_one_of_them(house, case_id):
    house.decide(case_id)
    refused = []

    def undo_it():
        try:
            take_back(house, case_id, now=DUE)
        except ReviewError as error:
            refused.append(error)

    hands = [threading.Thread(target=undo_it), threading.Thread(target=house.settle, args=[DUE])]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)
    with house.database.readers.begin() as session:
        (end,) = session.query(DecisionEnd).all()
    assert house.access(DUE).paused == (end.fate is Fate.UNDONE) == (not refused)


def test_a_pause_that_lapses_while_its_uphold_waits_is_not_revived(house, case_id):
    house.policy = replace(house.policy, grace=timedelta(hours=1))
    house.decide(case_id, Choice.UPHOLD, MONDAY + 3 * DAY - timedelta(minutes=30))
    house.settle(MONDAY + 3 * DAY + HOUR)
    assert not house.access(MONDAY + 3 * DAY + HOUR).paused


def test_an_uphold_drawn_for_a_second_person_waits_for_one(house, case_id):
    house.policy = replace(house.policy, second_share=1.0)
    house.decide(case_id, Choice.UPHOLD)
    assert house.settle(DUE + HOUR) == 0
    second(house, case_id, now=MONDAY + 2 * HOUR)
    assert house.access(MONDAY + 20 * DAY).paused
    assert known(house, MONDAY + 2 * HOUR) == [True]


def test_a_second_person_who_does_not_agree_opens_the_case_again(house, case_id):
    house.policy = replace(house.policy, second_share=1.0)
    house.decide(case_id, Choice.UPHOLD)
    second(house, case_id, agrees=False)
    assert house.settle(DUE) == 0
    assert house.view(case_id).status is CaseStatus.OPEN
    assert not house.access(MONDAY + 4 * DAY).paused


def test_the_second_person_is_another_one(house, case_id):
    house.policy = replace(house.policy, second_share=1.0)
    house.decide(case_id, Choice.UPHOLD)
    with pytest.raises(NotAllowedError, match="another person"):
        second(house, case_id, "ana")


def test_nobody_gives_access_back_late_because_a_second_person_is_missing(house, case_id):
    house.policy = replace(house.policy, second_share=1.0)
    house.decide(case_id)
    assert house.settle(DUE) == 1
    assert not house.access(DUE).paused


def test_a_second_opinion_is_for_decisions_that_wait_for_one(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    with pytest.raises(MoveRefusedError, match="waits for a second person"):
        second(house, case_id)


def test_converting_gives_access_back_and_teaches_nothing(house, case_id):
    house.decide(case_id, Choice.CONVERT)
    house.settle(DUE)
    assert not house.access(DUE).paused
    assert house.view(case_id).status is CaseStatus.CONVERTED
    assert known(house, DUE) == []
    assert CaseEventKind.MADE_GOOD not in house.thread(case_id)


def test_a_case_opened_again_teaches_nothing_and_pauses_nobody(house, case_id):
    house.decide(case_id)
    house.settle(DUE)
    with house.database.writers.begin() as session:
        reopen(session, Step(case_id, 5, "I misread the account.", "lea"), DUE + HOUR)
    assert house.view(case_id).status is CaseStatus.OPEN
    assert not house.access(DUE + HOUR).paused
    assert known(house, DUE) == [False]
    assert known(house, DUE + HOUR) == []


def test_one_broken_decision_holds_up_no_other(house, case_id, caplog):
    other = house.take(payload("acc_2")).case_id
    house.decide(case_id)
    house.decide(other)
    real = house.database.writers

    class Breaks:
        """Fails in the first transaction that carries something out."""

        begun = 0

        def begin(self):
            self.begun += 1
            if self.begun == 2:
                raise OSError("the disk is full")
            return real.begin()

    assert settle_due(Breaks(), ManualClock(DUE), house.policy) == 1
    assert "tried again" in caplog.text
    assert house.settle(DUE) == 1


def valued(answers):
    return {code: Ruled(answer) for code, answer in answers.items()}


UNANSWERED = {"even_rhythm": "ruled_out", "deadline": "ruled_out"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (UNANSWERED, "before upholding, answer unnamed_feature"),
        (UNANSWERED | {"unnamed_feature": "applies"}, "applies, and explains it"),
        (UNANSWERED | {"unnamed_feature": "ruled_out", "moon": "ruled_out"}, "do not ask about"),
        (
            {**dict.fromkeys(UNANSWERED, "cannot_tell"), "unnamed_feature": "cannot_tell"},
            "nothing is ruled out",
        ),
    ],
)
def test_nobody_is_upheld_before_the_innocent_explanations_are_answered(
    house, case_id, answers, said
):
    assert house.view(case_id).case.kind is Kind.AUTOMATION
    with pytest.raises(BadRequestError, match=said):
        house.decide(case_id, Choice.UPHOLD, checklist=valued(answers))
    assert house.view(case_id).decisions == ()
