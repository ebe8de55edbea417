"""Second looks and golden cases: blind, by somebody who has not seen the case, without effect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.verdict import Kind
from review_api.audit import write_audit
from review_api.errors import BadRequestError, LookNotFoundError, MoveRefusedError
from review_api.quality.answers import Answer, Pair, agreement_by_kind, pairs_since
from review_api.quality.looks import Said, is_sampled, mark_golden, next_look, take_look
from review_api.quality.records import GivenWork
from review_api.quality.reliability import reliabilities, reliability_of
from review_api.quality.vocabulary import LookPurpose, Slice
from review_api.steps import Step, reopen
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Choice, Outcome, ReasonCode, Role
from tests.house import POLICY
from tests.verdicts import HOUR, MONDAY, payload

EVERY = replace(POLICY, double_share=1.0)
BROKE = Said(ReasonCode.AUTOMATION_CONFIRMED, "Same gap all night.")
KEPT = Said(ReasonCode.SIGNALS_MISREAD, "A person at work.")


@pytest.fixture
def decided(house):
    """Give the name of a case that ana restored."""
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.RESTORE)
    return case_id


def wanted(house, reviewer, policy=EVERY, now=MONDAY + HOUR):
    with house.database.readers.begin() as session:
        return next_look(session, reviewer, now, policy)


def look(house, case_id, reviewer="ben", said=KEPT, now=MONDAY + HOUR):
    with house.database.writers.begin() as session:
        given = GivenWork(reviewer=reviewer, day="2026-11-23", turn=0, case_id=case_id,
                          share=Slice.LOOK, why="", at=now)  # fmt: skip
        session.add(given)
        session.flush()
        return take_look(session, given.id, said, reviewer=reviewer, now=now)


def golden(
    house, case_id, outcome=Outcome.FALSE_POSITIVE, why="The customer showed us.", now=MONDAY
):
    with house.database.writers.begin() as session:
        return mark_golden(session, case_id, outcome, why, actor="lea", now=now + HOUR)


def test_a_decided_case_is_given_to_somebody_who_has_not_seen_it(house, decided):
    assert wanted(house, "ana") is None
    assert wanted(house, "ben").case_id == decided
    assert wanted(house, "ben").purpose is LookPurpose.DOUBLE
    with house.database.writers.begin() as session:
        ben = Caller("ben", Role.REVIEWER)
        write_audit(session, ben, AuditAction.CASE_READ, MONDAY, case_id=decided)
    assert wanted(house, "ben") is None
    assert wanted(house, "cem").case_id == decided


def test_an_undecided_case_is_looked_at_by_nobody_twice(house):
    house.take(payload())
    assert wanted(house, "ben") is None


def test_one_look_is_enough_for_a_double_review(house, decided):
    look(house, decided)
    assert wanted(house, "cem") is None


def test_only_the_sampled_share_is_reviewed_twice(house, decided):
    assert wanted(house, "ben", replace(POLICY, double_share=0.0)) is None
    drawn = sum(is_sampled(f"case{n}", 0.1) for n in range(5000))
    assert 420 < drawn < 580  # 500 expected, 21 the standard deviation


def test_a_look_changes_neither_the_case_nor_anybodys_access(house, decided):
    before = (house.view(decided).version, house.thread(decided), house.outbox(), house.access())
    taken = look(house, decided, said=BROKE)
    assert (taken.outcome, taken.purpose) == (Outcome.CONFIRMED, LookPurpose.DOUBLE)
    after = (house.view(decided).version, house.thread(decided), house.outbox(), house.access())
    assert after == before


def test_nobody_looks_twice_or_at_what_they_were_not_given(house, decided):
    look(house, decided)
    with pytest.raises(MoveRefusedError):
        look(house, decided)
    with house.database.writers.begin() as session, pytest.raises(LookNotFoundError):
        take_look(session, 1, KEPT, reviewer="cem", now=MONDAY)
    with house.database.writers.begin() as session, pytest.raises(LookNotFoundError):
        take_look(session, 999, KEPT, reviewer="ben", now=MONDAY)


def test_a_look_needs_its_reason_in_words(house, decided):
    with pytest.raises(BadRequestError):
        look(house, decided, said=replace(KEPT, rationale="  "))


def test_golden_cases_come_up_for_everybody_but_who_knows_them(house, decided):
    golden(house, decided)
    none = replace(POLICY, double_share=0.0)
    for name in ("ben", "cem"):
        assert wanted(house, name, none).purpose is LookPurpose.GOLDEN
        assert look(house, decided, name).purpose is LookPurpose.GOLDEN
    assert wanted(house, "ana", none) is None
    assert wanted(house, "lea", none) is None
    golden(house, decided, None)
    assert wanted(house, "dov", none) is None


def test_only_a_decided_case_is_golden_and_the_lead_says_why(house, decided):
    open_case = house.take(payload("acc_2", offset=8)).case_id
    with pytest.raises(MoveRefusedError):
        golden(house, open_case)
    with pytest.raises(BadRequestError):
        golden(house, decided, why=" ")


def test_a_reopened_case_has_no_answer_to_compare_with(house, decided):
    look(house, decided)
    assert len(pairs(house)) == 1
    reopened(house, decided)
    assert pairs(house) == []


def reopened(house, case_id):
    with house.database.writers.begin() as session:
        step = Step(case_id, house.view(case_id).version, "Looked again.", "lea")
        reopen(session, step, MONDAY + 2 * HOUR)


def pairs(house):
    with house.database.readers.begin() as session:
        return pairs_since(session)


def test_misread_and_allowed_are_one_answer(house, decided):
    look(house, decided, said=replace(KEPT, reason_code=ReasonCode.HEAVY_PERSONAL_USE))
    (pair,) = pairs(house)
    assert pair.same
    assert (pair.decider, pair.looker) == ("ana", "ben")
    assert agreement_by_kind([pair])[pair.kind].agreed == 1


def test_reliability_starts_where_everybody_starts_and_moves_with_answers(house, decided):
    with house.database.readers.begin() as session:
        assert reliability_of(session, "ben").mean == pytest.approx(0.8)
    golden(house, decided)
    look(house, decided, "ben", KEPT)
    look(house, decided, "cem", BROKE)
    with house.database.readers.begin() as session:
        ben, cem, ana = (reliability_of(session, name) for name in ("ben", "cem", "ana"))
    assert (ben.golden, ben.golden_of, cem.golden, cem.golden_of) == (1, 1, 0, 1)
    assert ben.mean == pytest.approx(5 / 6)
    assert cem.mean == pytest.approx(4 / 6)
    assert ben.low < ben.mean < ben.high
    assert ana.pairs == 0  # golden cases say themselves who is right


def test_disagreeing_counts_against_both_until_three_people_tell_them_apart(house, decided):
    look(house, decided, "ben", BROKE)
    ana, ben = reliabilities(pairs(house))
    assert ana.mean == ben.mean == pytest.approx(4 / 6)
    assert ana.among_all is None


def test_cannot_be_told_counts_neither_way(house, decided):
    unsure = Said(ReasonCode.INSUFFICIENT_EVIDENCE, "Too little.")
    look(house, decided, "ben", unsure)
    assert all(one.pairs == 0 for one in reliabilities(pairs(house)))


def test_one_who_answers_wrongly_makes_nobody_else_unreliable():
    says = {"ana": [Answer.BROKE, Answer.KEPT] * 30, "ben": [Answer.BROKE, Answer.KEPT] * 30,
            "cem": [Answer.KEPT, Answer.BROKE] * 30}  # fmt: skip
    both = [("ana", "ben"), ("ben", "cem"), ("cem", "ana")]
    said = [
        Pair(f"case {n}", Kind.AUTOMATION, one, says[one][n], other, says[other][n],
             MONDAY, LookPurpose.DOUBLE)
        for n, (one, other) in enumerate(both * 20)
    ]  # fmt: skip
    found = {each.reviewer: each for each in reliabilities(said)}
    assert found["ana"].agreed == found["ben"].agreed == 20
    assert min(found["ana"].mean, found["ben"].mean) > 0.9
    assert found["cem"].mean < 0.2
    assert all(each.low < each.mean < each.high for each in found.values())
