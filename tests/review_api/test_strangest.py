"""Label trimming: a few strange customers are looked at, nobody is restrained, and it pays or ends.

What reviewers confirm is left out of what is usual and of the calibration; what they clear stays.
"""

from __future__ import annotations

import pytest

from access.models import Measure, PauseLease
from detectors.labels import Provenance
from detectors.verdict import Action, Kind, Response
from review_api.console.casefile import open_file
from review_api.detector_records import PauseCause
from review_api.intake import Intake
from review_api.labels import label_set
from review_api.models import Case
from review_api.parsing import read_verdict
from review_api.quality.audited import audited
from review_api.quality.inclusion import ways_of
from review_api.quality.vocabulary import Way
from review_api.queue_records import QueueText
from review_api.strangest import FEW, send_strangest
from review_api.suppressions import SuppressionRequest, suppress
from review_api.vocabulary import Choice
from tests.verdicts import DAY, HOUR, MONDAY, payload, verdict

NIGHT = MONDAY + 2 * HOUR
MANY = 100


def strange(*numbers, **more):
    return [
        verdict(
            f"acc_{n}", action=Action.REVIEW, response=Response.NONE, calibrating=True,
            model_version="m2", verdict_id=f"calibration-{n}", **more,
        )
        for n in numbers
    ]  # fmt: skip


def send(house, said, now=NIGHT, most=MANY):
    with house.database.writers.begin() as session:
        return send_strangest(session, said, now, house.policy, most)


def case_of(house, account):
    with house.database.readers.begin() as session:
        return session.query(Case.id).filter(Case.account_id == account).scalar()


def test_a_case_opens_and_restrains_nobody(house):
    assert send(house, strange(1, 2)) == 2
    assert house.count(Case) == 2
    assert [house.count(each) for each in (PauseLease, Measure, PauseCause)] == [0, 0, 0]
    assert not house.access().paused
    assert house.outbox() == []


def test_the_queue_and_the_case_say_why_it_came_and_hide_the_score(house):
    send(house, strange(1))
    case_id = case_of(house, "acc_1")
    with house.database.readers.begin() as session:
        assert session.get(QueueText, case_id).headline.startswith("Counted as honest because")
        file = open_file(session, case_id, NIGHT, house.policy, lambda _version: None)
        assert ways_of(session, case_id) == {Way.CALIBRATION: 1.0}
    assert file.blind


def test_where_nothing_was_found_lately_only_a_few_are_asked_about(house):
    assert send(house, strange(*range(1, 20))) == FEW
    assert [case_of(house, f"acc_{n}") is not None for n in range(1, 6)] == [True] * 3 + [False] * 2
    assert send(house, strange(*range(1, 20)), NIGHT + HOUR) == 0


def test_what_was_confirmed_lately_lets_more_be_asked_about_for_a_week(house):
    send(house, strange(1, 2, 3))
    for n in (1, 2):
        house.decide(case_of(house, f"acc_{n}"), Choice.UPHOLD, NIGHT + HOUR)
    house.decide(case_of(house, "acc_3"), Choice.RESTORE, NIGHT + HOUR)
    assert send(house, strange(*range(4, 20)), NIGHT + DAY) == FEW + 2
    for n in range(4, 9):
        house.decide(case_of(house, f"acc_{n}"), Choice.RESTORE, NIGHT + DAY + HOUR)
    assert send(house, strange(*range(9, 30)), NIGHT + 9 * DAY) == FEW


@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_more_wait_than_the_settings_allow(house, most):
    assert send(house, strange(1, 2, 3), most=most) == most
    assert send(house, strange(4, 5, 6), NIGHT + DAY, most=most) == 0


def test_an_account_that_is_looked_at_already_is_passed_over(house):
    house.take(payload("acc_1", kind=Kind.RESELLING))
    assert send(house, strange(1, 2)) == 1
    assert house.count(Case) == 2
    assert case_of(house, "acc_2")


def test_whom_a_person_holds_the_machine_off_is_not_asked_about(house):
    with house.database.writers.begin() as session:
        asked = SuppressionRequest("acc_1", None, "A contest.", 7, actor="lea")
        suppress(session, asked, MONDAY)
    assert send(house, strange(1, 2)) == 1
    assert case_of(house, "acc_1") is None


def test_what_was_found_is_a_label_and_moves_no_estimate_of_quality(house):
    send(house, strange(1, 2))
    house.decide(case_of(house, "acc_1"), Choice.UPHOLD, NIGHT + HOUR)
    house.decide(case_of(house, "acc_2"), Choice.RESTORE, NIGHT + HOUR)
    with house.database.readers.begin() as session:
        labels = label_set(session, known_by=NIGHT + DAY)
        found = audited(session, MONDAY - DAY)
    assert (found.drawn, found.judged, found.precision, found.recall) == (0, 0, None, None)
    assert {one.provenance for one in labels.labels} == {Provenance.CALIBRATION}
    assert labels.kinds() == {"acc_1": Kind.AUTOMATION, "acc_2": None}
    assert {one.probability for one in labels.labels} == {1.0}


@pytest.mark.parametrize("response", [Response.HOLD, Response.PAUSE])
def test_one_that_asks_for_more_than_a_look_is_a_dead_letter(house, response):
    said = payload("acc_1", action=response.action, response=response, calibrating=True)
    assert read_verdict(said) == "a look for calibration asks for a review and for nothing else"
    assert house.take(said).intake is Intake.DEAD_LETTER
    assert house.count(Case) == 0
