"""Flips: reviewers are asked once, nobody is restrained, and no estimate of quality moves."""

from __future__ import annotations

import pytest

from access.models import Measure, PauseLease
from detectors.gate.flips import FlipsReviewed
from detectors.labels import Provenance
from detectors.verdict import Action, Flipped, Kind, Response
from review_api.console.casefile import open_file
from review_api.detector_records import PauseCause
from review_api.flips import Sampled, flips_reviewed, send_flips
from review_api.intake import Intake
from review_api.labels import label_set
from review_api.models import Case, Evidence
from review_api.quality.audited import audited
from review_api.quality.inclusion import only_by_chance, ways_of
from review_api.quality.records import FlipSample
from review_api.quality.vocabulary import Way
from review_api.queue_records import QueueText
from review_api.suppressions import SuppressionRequest, suppress
from review_api.vocabulary import Choice, ReasonCode
from tests.verdicts import DAY, HOUR, MONDAY, payload, verdict

NIGHT = MONDAY + 2 * HOUR


def flip(account, *, probability=0.25, released=False, **more):
    """One sampled flip; what its verdict asks for must not matter."""
    said = verdict(account, response=Response.PAUSE, model_version="m2", **more)
    return Sampled(said, probability, released)


def send(house, *flips, version="m2", now=NIGHT):
    with house.database.writers.begin() as session:
        return send_flips(session, version, flips, now, house.policy)


def reviewed(house, version="m2", known_by=None):
    with house.database.readers.begin() as session:
        return flips_reviewed(session, version, known_by)


def case_of(house, account):
    with house.database.readers.begin() as session:
        return session.query(Case.id).filter(Case.account_id == account).scalar()


def ways(house, case_id):
    with house.database.readers.begin() as session:
        return ways_of(session, case_id), only_by_chance(session, case_id)


def test_a_flip_opens_a_case_and_restrains_nobody(house):
    assert send(house, flip("acc_2"), flip("acc_1")) == 2
    assert house.count(Case) == 2
    assert [house.count(each) for each in (PauseLease, Measure, PauseCause)] == [0, 0, 0]
    access = house.access()
    assert not access.paused
    assert access.speed_hold is None
    assert access.challenge is None
    assert house.outbox() == []
    assert ways(house, case_of(house, "acc_1")) == ({Way.FLIP: 0.25}, True)


@pytest.mark.parametrize(
    ("released", "question"),
    [(False, "A newer model would newly pause this account"),
     (True, "A newer model would let this account go")],
)  # fmt: skip
def test_the_queue_and_the_case_say_why_it_came_and_hide_the_score(house, released, question):
    send(house, flip("acc_1", released=released))
    case_id = case_of(house, "acc_1")
    with house.database.readers.begin() as session:
        assert session.get(QueueText, case_id).headline.startswith(question)
        file = open_file(session, case_id, NIGHT, house.policy, lambda _version: None)
    assert file.blind
    assert file.verdict.flip.question.startswith(question)


def test_a_candidate_asks_once_and_the_next_one_asks_for_itself(house):
    assert send(house, flip("acc_1")) == 1
    assert send(house, flip("acc_1"), flip("acc_2"), now=NIGHT + DAY) == 0
    assert house.count(Case) == 1
    assert send(house, flip("acc_1"), version="m3", now=NIGHT + DAY) == 1
    assert (house.count(Case), house.count(Evidence), house.count(FlipSample)) == (1, 1, 2)


def test_what_reviewers_decide_is_counted_by_turn(house):
    accounts = [f"acc_{n}" for n in range(1, 7)]
    send(house, *(flip(name, released=name > "acc_4") for name in accounts))
    house.decide(case_of(house, "acc_1"), Choice.UPHOLD, NIGHT + HOUR)
    house.decide(case_of(house, "acc_2"), Choice.RESTORE, NIGHT + HOUR)
    unsure = ReasonCode.INSUFFICIENT_EVIDENCE
    house.decide(case_of(house, "acc_3"), Choice.RESTORE, NIGHT + HOUR, code=unsure)
    house.decide(case_of(house, "acc_5"), Choice.UPHOLD, NIGHT + HOUR)
    assert reviewed(house) == FlipsReviewed(6, 4, paused=3, confirmed=1, released=1, missed=1)
    assert reviewed(house, known_by=NIGHT) == FlipsReviewed(sampled=6)
    assert reviewed(house, "another") == FlipsReviewed()


def test_a_case_that_waits_already_answers_as_it_is(house):
    waiting = house.take(payload("acc_1")).case_id
    paused = house.take(payload("acc_1", offset=8, kind=Kind.RESELLING)).case_id
    assert send(house, flip("acc_1")) == 1
    assert len(house.view(waiting).evidence) == 1
    assert ways(house, waiting) == ({Way.VERDICT: 1.0, Way.FLIP: 0.25}, False)
    assert ways(house, paused) == ({Way.VERDICT: 1.0}, False)
    house.decide(waiting, Choice.RESTORE, NIGHT + HOUR)
    assert reviewed(house) == FlipsReviewed(1, 1, paused=1)


def test_what_the_machine_at_work_says_later_is_no_longer_hidden(house):
    send(house, flip("acc_1"))
    case_id = case_of(house, "acc_1")
    assert house.take(payload("acc_1", offset=70), NIGHT + HOUR).intake is Intake.PAUSED
    assert ways(house, case_id) == ({Way.FLIP: 0.25, Way.VERDICT: 1.0}, False)


def test_an_audit_that_is_a_flip_too_stays_an_audit(house):
    case_id = house.take(payload(action=Action.REVIEW, audit=0.04)).case_id
    send(house, flip("acc_1"))
    assert ways(house, case_id) == ({Way.AUDIT: 0.04, Way.FLIP: 0.25}, True)
    house.decide(case_id, Choice.UPHOLD, NIGHT + HOUR)
    with house.database.readers.begin() as session:
        assert audited(session, MONDAY - DAY).judged == 1


def test_flips_count_in_no_estimate_of_quality(house):
    send(house, flip("acc_1"), flip("acc_2"))
    house.decide(case_of(house, "acc_1"), Choice.UPHOLD, NIGHT + HOUR)
    house.decide(case_of(house, "acc_2"), Choice.RESTORE, NIGHT + HOUR)
    with house.database.readers.begin() as session:
        found = audited(session, MONDAY - DAY)
    assert (found.drawn, found.judged, found.precision, found.recall) == (0, 0, None, None)


def test_a_decided_flip_is_a_label_that_counts_for_all_it_was_drawn_from(house):
    send(house, flip("acc_1"))
    house.decide(case_of(house, "acc_1"), Choice.RESTORE, NIGHT + HOUR)
    with house.database.readers.begin() as session:
        (label,) = label_set(session, known_by=NIGHT + DAY).labels
    assert (label.provenance, label.probability) == (Provenance.FLIP, 0.25)
    assert label.weight == pytest.approx(4 * 0.6)


def test_whom_a_person_holds_the_machine_off_is_not_asked_about(house):
    asked = SuppressionRequest("acc_1", None, "A contest.", 7, actor="lea")
    with house.database.writers.begin() as session:
        suppress(session, asked, MONDAY)
    assert send(house, flip("acc_1"), flip("acc_2")) == 1
    assert reviewed(house).sampled == 1


def test_a_flip_that_asks_for_more_than_a_look_is_refused(house):
    asked = Flipped(candidate="m2", probability=0.5)
    taken = house.take(payload(flip=asked))
    assert taken.dead_letter == "a flip asks for a review and for nothing else"
    never = Flipped(candidate="m2", probability=0.0)
    taken = house.take(payload(action=Action.REVIEW, flip=never))
    assert taken.dead_letter == "flip must be a probability above 0, at most 1"
    nobody = Flipped(candidate="", probability=0.5)
    taken = house.take(payload(action=Action.REVIEW, flip=nobody))
    assert taken.dead_letter == "flip.candidate must be 1 to 128 characters"
