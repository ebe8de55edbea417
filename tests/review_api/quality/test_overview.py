"""The figures of the page of quality, over cases that were really taken in and decided."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from detectors.verdict import Action, Kind
from review_api.audit import write_audit
from review_api.policy import BreakerPolicy, ReviewPolicy
from review_api.quality.overview import quality
from review_api.quality.pauses import Ended, settled_pauses
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Choice, ReasonCode, Role
from tests.house import House
from tests.verdicts import DAY, HOUR, MONDAY, payload

LOOSE = ReviewPolicy(breaker=BreakerPolicy(10_000, 10_000, 10_000))


@pytest.fixture
def house(database):
    return House(database, LOOSE)


def figures(house, now, days=30):
    with house.database.readers.begin() as session:
        return quality(session, days, now)


def pause(house, account, now=MONDAY, **more):
    return house.take(payload(account, offset=int(account[4:]), **more), now).case_id


def test_of_nothing_every_figure_is_nothing(house):
    shown = figures(house, MONDAY)
    assert (shown.wrongful.hours, shown.lapsed.pauses, shown.detectors) == (0, 0, ())
    assert shown.agreement.pairs == 0
    assert shown.audits.recall is None
    assert shown.audits.false_pauses.high == 1.0
    assert sum(age.cases for age in shown.ages) == 0
    assert shown.waits.median is None


def test_wrongful_hours_are_those_of_restored_pauses_and_others_stand_apart(house):
    wrong, kept, unclear, late = (pause(house, f"acc_{n}") for n in (1, 2, 3, 4))
    house.decide(wrong, Choice.RESTORE, MONDAY + 5 * HOUR)
    house.decide(kept, Choice.UPHOLD, MONDAY + 6 * HOUR)
    house.decide(unclear, Choice.RESTORE, MONDAY + 2 * HOUR, code=ReasonCode.INSUFFICIENT_EVIDENCE)
    before = figures(house, MONDAY + DAY)
    assert (before.wrongful.pauses, before.wrongful.hours) == (1, 5)
    assert (before.unproven.pauses, before.unproven.hours) == (1, 2)
    assert before.lapsed.pauses == 0
    after = figures(house, MONDAY + 4 * DAY)
    assert (after.lapsed.pauses, after.lapsed.hours) == (1, 72)
    house.decide(late, Choice.RESTORE, MONDAY + 5 * DAY)
    decided = figures(house, MONDAY + 6 * DAY)
    assert (decided.lapsed.pauses, decided.wrongful.hours) == (0, 77)


def test_a_decision_that_was_corrected_counts_once_as_it_stands(house):
    case_id = pause(house, "acc_1")
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    house.decide(case_id, Choice.RESTORE, MONDAY + 9 * HOUR, reviewer="ben")
    shown = figures(house, MONDAY + DAY)
    assert (shown.wrongful.hours, shown.detectors[0].judged) == (9, 1)
    assert shown.made_good.times == 1
    assert shown.made_good.hours == pytest.approx(9)


def test_the_weeks_show_when_it_was_settled_and_leave_no_gap(house):
    early = pause(house, "acc_1")
    house.decide(early, Choice.RESTORE, MONDAY + HOUR)
    later = pause(house, "acc_2", MONDAY + 14 * DAY)
    house.decide(later, Choice.RESTORE, MONDAY + 14 * DAY + 3 * HOUR)
    weeks = figures(house, MONDAY + 15 * DAY).weeks
    assert [week.wrongful.hours for week in weeks][-3:] == [1, 0, 3]
    assert all(after.monday - one.monday == 7 * DAY for one, after in pairwise(weeks))
    assert figures(house, MONDAY + 15 * DAY, days=7).wrongful.hours == 3


def test_each_detector_and_model_version_has_its_own_row(house):
    for number, (version, choice) in enumerate(
        [("m1", Choice.RESTORE), ("m1", Choice.UPHOLD), ("m2", Choice.UPHOLD)], 1
    ):
        case_id = pause(house, f"acc_{number}", detector="automation", model_version=version)
        house.decide(case_id, choice, MONDAY + 2 * HOUR)
    rows = figures(house, MONDAY + DAY).detectors
    assert [(str(row.detector), row.wrong, row.judged) for row in rows] == [
        ("automation of model m1", 1, 2),
        ("automation of model m2", 0, 1),
    ]
    assert rows[0].low < 0.5 < rows[0].high
    assert rows[1].low == 0.0


def test_the_first_look_is_a_persons_and_comes_after_the_pause(house):
    first, second, _ = (pause(house, f"acc_{n}") for n in (1, 2, 3))
    ana, robot = Caller("ana", Role.REVIEWER), Caller("platform", Role.SERVICE)
    with house.database.writers.begin() as session:
        for caller, case_id, hours in [
            (robot, first, 1), (ana, first, 2), (ana, first, 3), (ana, second, 6),
        ]:  # fmt: skip
            at = MONDAY + hours * HOUR
            write_audit(session, caller, AuditAction.CASE_READ, at, case_id=case_id)
    waits = figures(house, MONDAY + DAY).waits
    assert (waits.seen, waits.unseen) == (2, 1)
    assert waits.median == 4 * HOUR
    assert waits.nine_in_ten == timedelta(hours=5.6)


def test_open_cases_are_counted_by_how_long_they_wait(house):
    pause(house, "acc_1")
    house.take(payload("acc_2", action=Action.REVIEW), MONDAY + 21 * HOUR)
    ages = {age.name: (age.cases, age.paused) for age in figures(house, MONDAY + DAY).ages}
    assert ages["4 to 12 hours"] == (0, 0)
    assert ages["under 4 hours"] == (1, 0)
    assert ages["1 to 3 days"] == (1, 1)


def test_audits_tell_of_what_the_machine_did_not_choose(house):
    caught = pause(house, "acc_1", kind=Kind.RESELLING)
    house.decide(caught, Choice.UPHOLD, code=ReasonCode.RESALE_CONFIRMED)
    for number in (2, 3):
        audit = payload(f"acc_{number}", action=Action.REVIEW, audit=0.25, offset=number)
        case_id = house.take(audit).case_id
        house.decide(case_id, Choice.UPHOLD if number == 2 else Choice.RESTORE)
    found = figures(house, MONDAY + HOUR).audits
    assert (found.drawn, found.judged) == (2, 2)
    assert found.recall.value == pytest.approx(1 / 5)  # one caught, four stood for by one audit
    assert found.precision.value == 1.0
    assert (found.false_pauses.wrong, found.false_pauses.of) == (0, 1)


def test_an_audit_that_the_machine_also_chose_counts_once(house):
    both = house.take(payload(action=Action.REVIEW, audit=0.01, offset=1)).case_id
    house.take(payload(offset=2))
    house.decide(both, Choice.UPHOLD)
    found = figures(house, MONDAY + HOUR).audits
    assert found.recall.of == 1
    assert found.recall.value == 1.0


def test_a_pause_that_still_stands_undecided_is_settled_by_nothing(house):
    pause(house, "acc_1")
    with house.database.readers.begin() as session:
        assert settled_pauses(session, MONDAY - DAY, MONDAY + DAY) == []
        (lapsed,) = settled_pauses(session, MONDAY - DAY, MONDAY + 3 * DAY)
    assert (lapsed.ended, lapsed.hours) == (Ended.LAPSED, 72)
