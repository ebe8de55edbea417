from __future__ import annotations

from detectors.verdict import Action
from review_api.detector_records import PauseCause
from review_api.intake import Intake
from review_api.quality.inclusion import only_by_chance, ways_of
from review_api.quality.vocabulary import Way
from review_api.vocabulary import CaseEventKind
from tests.verdicts import HOUR, MONDAY, payload


def audit(account="acc_1", *, offset=3, audit=0.01, **more):
    return payload(account, action=Action.REVIEW, offset=offset, audit=audit, **more)


def ways(house, case_id):
    with house.database.readers.begin() as session:
        return ways_of(session, case_id), only_by_chance(session, case_id)


def test_an_audit_opens_a_case_pauses_nobody_and_spends_no_pause(house):
    taken = house.take(audit())
    assert taken.intake is Intake.REVIEW
    assert not house.access().paused
    assert house.count(PauseCause) == 0
    assert house.thread(taken.case_id) == [CaseEventKind.OPENED]
    assert house.outbox() == []
    assert ways(house, taken.case_id) == ({Way.AUDIT: 0.01}, True)


def test_a_case_that_something_called_for_came_with_certainty(house):
    taken = house.take(payload())
    assert ways(house, taken.case_id) == ({Way.VERDICT: 1.0}, False)


def test_a_case_that_came_both_ways_knows_both(house):
    first = house.take(audit())
    again = house.take(payload(offset=9), MONDAY + HOUR)
    assert again.case_id == first.case_id
    house.take(audit(offset=11, audit=0.04), MONDAY + 2 * HOUR)
    assert ways(house, first.case_id) == ({Way.VERDICT: 1.0, Way.AUDIT: 0.01}, False)


def test_an_audit_delivered_twice_is_noted_once(house):
    house.take(audit())
    assert house.take(audit()).intake is Intake.REPEATED
