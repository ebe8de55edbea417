"""Labels: what becomes one and what does not, and that any past moment can be had again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from detectors.labels import Provenance
from detectors.verdict import Action, Kind
from review_api.appeals import file_appeal, find_pause
from review_api.erasure import erase_account
from review_api.labels import label_set
from review_api.quality.looks import mark_golden
from review_api.repairs import repairs
from review_api.steps import Step, reopen
from review_api.vocabulary import Choice, Outcome, ReasonCode
from streams.place import Place
from tests.verdicts import DAY, HOUR, MONDAY, payload

LATER = MONDAY + 60 * DAY


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id


def known(house, by=LATER, **options):
    with house.database.readers.begin() as session:
        return label_set(session, known_by=by, **options)


def appeal(house, case_id, now):
    with house.database.writers.begin() as session:
        case = find_pause(session, "acc_1", case_id)
        file_appeal(session, case, "It was me.", by="shop", now=now, policy=house.policy)


def golden(house, case_id, outcome, now):
    with house.database.writers.begin() as session:
        mark_golden(session, case_id, outcome, "They sent a video.", actor="lea", now=now)


def test_a_label_says_what_was_judged_where_and_by_which_model(house, case_id):
    house.take(payload(offset=40, index=3, features={"gap_entropy": 1.5, "views": None}), MONDAY)
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    house.take(payload(offset=90), MONDAY + 2 * HOUR)
    (label,) = known(house).labels
    assert (label.account_id, label.kind, label.abusive) == ("acc_1", Kind.AUTOMATION, True)
    assert label.place == Place("usage-events", 0, 40, 3)
    assert label.features == {"gap_entropy": 1.5, "views": None}
    assert (label.provenance, label.probability) == (Provenance.DECISION, 1.0)
    assert label.reliability == 0.8  # of somebody never compared: four of five
    assert label.weight == pytest.approx(0.6)
    assert known(house, pinned=0).labels[0].place == label.place


def test_an_audit_counts_for_as_many_as_it_was_drawn_from(house):
    audit = house.take(payload(action=Action.REVIEW, audit=0.04)).case_id
    house.decide(audit, Choice.RESTORE, MONDAY + HOUR)
    (label,) = known(house).labels
    assert (label.provenance, label.probability) == (Provenance.AUDIT, 0.04)
    assert label.weight == pytest.approx(25 * 0.6)


def test_one_that_came_both_ways_was_certain_to_be_looked_at(house, case_id):
    house.take(payload(action=Action.REVIEW, audit=0.04, offset=77))
    house.decide(case_id, Choice.RESTORE, MONDAY + HOUR)
    (label,) = known(house).labels
    assert (label.provenance, label.probability) == (Provenance.DECISION, 1.0)


def test_an_overturned_appeal_replaces_the_label_and_is_named_as_a_repair(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    appeal(house, case_id, MONDAY + DAY)
    house.decide(case_id, Choice.RESTORE, MONDAY + 2 * DAY, reviewer="ben", answer="It was you.")
    (before,), (after,) = known(house, MONDAY + DAY).labels, known(house).labels
    assert (before.abusive, before.provenance) == (True, Provenance.DECISION)
    assert (after.abusive, after.provenance) == (False, Provenance.APPEAL)
    with house.database.readers.begin() as session:
        (repair,) = repairs(session, then=MONDAY + DAY, now=LATER)
        assert repairs(session, then=MONDAY + 3 * DAY, now=LATER) == ()
    assert (repair.case_id, repair.was, repair.now) == (case_id, True, False)
    assert repair.sentence == "automation: said abuse, now honest use"


def decided_anew(house, case_id, choice, **more):
    """Reopen the case and decide it again; gives the repairs in words."""
    version = house.view(case_id).version
    with house.database.writers.begin() as session:
        reopen(session, Step(case_id, version, "New facts.", "ana"), MONDAY + DAY)
    house.decide(case_id, choice, MONDAY + 2 * DAY, **more)
    with house.database.readers.begin() as session:
        return [one.sentence for one in repairs(session, then=MONDAY + 2 * HOUR, now=LATER)]


@pytest.mark.parametrize(
    ("choice", "code", "said"),
    [(Choice.UPHOLD, None, []),
     (Choice.RESTORE, None, ["automation: said abuse, now honest use"]),
     (Choice.UPHOLD, ReasonCode.SHARING_CONFIRMED,
      ["automation: said abuse, now abuse of kind credential_sharing"])],
)  # fmt: skip
def test_a_repair_is_what_the_answer_of_the_case_changed_to(house, case_id, choice, code, said):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    assert decided_anew(house, case_id, choice, code=code) == said


def test_a_repaired_set_holds_the_same_evidence_with_what_is_known_today(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    other = house.take(payload("acc_2", occurred_at="2026-11-25T09:00:00Z"), MONDAY + 2 * DAY)
    house.decide(other.case_id, Choice.UPHOLD, MONDAY + 2 * DAY)
    repaired = known(house, LATER, observed_by=MONDAY + DAY)
    assert [label.account_id for label in repaired.labels] == ["acc_1"]


def test_whatever_happens_later_a_past_moment_stays_the_same(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    other = house.take(payload("acc_2")).case_id
    house.decide(other, Choice.RESTORE, MONDAY + HOUR)
    then = MONDAY + 2 * HOUR
    before = known(house, then)
    appeal(house, case_id, MONDAY + DAY)
    house.decide(case_id, Choice.RESTORE, MONDAY + 2 * DAY, reviewer="ben", answer="It was you.")
    golden(house, other, Outcome.CONFIRMED, MONDAY + 3 * DAY)
    with house.database.writers.begin() as session:
        erase_account(session, "acc_1", "ana", MONDAY + 4 * DAY)
    again = known(house, then)
    assert again.digest == before.digest
    assert [(one.place, one.weight) for one in again.labels] == [
        (one.place, one.weight) for one in before.labels
    ]
    assert known(house).digest != before.digest


def test_a_golden_case_is_labelled_by_its_known_answer(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    golden(house, case_id, Outcome.FALSE_POSITIVE, MONDAY + DAY)
    (label,) = known(house).labels
    assert (label.abusive, label.reliability) == (False, 1.0)
    assert known(house, MONDAY + 2 * HOUR).labels[0].abusive


def test_a_case_that_was_opened_again_teaches_nothing_until_it_is_decided(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    version = house.view(case_id).version
    with house.database.writers.begin() as session:
        reopen(session, Step(case_id, version, "New facts.", "ana"), MONDAY + DAY)
    assert known(house).labels == ()
    assert len(known(house, MONDAY + 2 * HOUR).labels) == 1


@pytest.mark.parametrize(
    "code", [ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.GOODWILL, ReasonCode.OFFER_SEATS]
)
def test_what_nobody_can_tell_is_no_label(house, case_id, code):
    choice = Choice.CONVERT if code is ReasonCode.OFFER_SEATS else Choice.RESTORE
    house.decide(case_id, choice, MONDAY + HOUR, code=code)
    assert known(house).labels == ()


def test_an_undecided_case_is_no_label(house, case_id):
    assert known(house).labels == ()


def test_evidence_that_came_after_the_moment_asked_for_is_left_out(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    assert known(house, observed_by=MONDAY - timedelta(minutes=1)).labels == ()


def test_two_answers_about_the_same_time_contradict_each_other_and_teach_nothing(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    again = house.take(payload(offset=60, occurred_at="2026-11-25T09:00:00Z"), MONDAY + 40 * DAY)
    house.decide(again.case_id, Choice.RESTORE, MONDAY + 40 * DAY)
    found = known(house)
    assert found.contradicted == ("acc_1",)
    assert found.kinds() == {}
    assert not found.judgements()["acc_1"].teaches


def test_answers_about_different_kinds_or_times_contradict_nothing(house, case_id):
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    kind = house.take(payload(kind=Kind.RESELLING, offset=61), MONDAY + 40 * DAY)
    late = house.take(payload(offset=62, occurred_at="2026-12-31T09:00:00Z"), MONDAY + 40 * DAY)
    for taken in (kind, late):
        house.decide(taken.case_id, Choice.RESTORE, MONDAY + 40 * DAY)
    found = known(house)
    assert len(found.labels) == 3
    assert found.contradicted == ()
    assert found.kinds() == {"acc_1": Kind.AUTOMATION}
