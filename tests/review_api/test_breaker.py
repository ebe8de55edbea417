"""The breaker's caps: a flood of verdicts pauses few, and costs nobody their case."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from access.models import PauseLease
from access.vocabulary import Refusal
from detectors.verdict import Action, Kind
from review_api.breaker import Segments, has_room
from review_api.detector_records import PauseCause
from review_api.intake import Intake
from review_api.models import Case, CaseEvent
from review_api.policy import BreakerPolicy
from review_api.vocabulary import CaseEventKind, CaseStatus
from tests.house import POLICY, House
from tests.verdicts import HOUR, MONDAY, payload

SECOND = timedelta(seconds=1)
CAPS = BreakerPolicy(pauses_per_minute=6, model_pauses_per_minute=5, segment_pauses_per_minute=3)


@pytest.fixture
def house(database):
    return House(database, replace(POLICY, breaker=CAPS))


def flood(house, count, now=MONDAY, name="acc", **more):
    """Ask for `count` pauses at one moment; give what became of each."""
    return [house.take(payload(f"{name}_{number}", **more), now) for number in range(count)]


def paused(results):
    return [result for result in results if result.intake is Intake.PAUSED]


def test_a_flood_of_500_pause_verdicts_pauses_no_more_than_the_cap(house):
    results = [
        house.take(
            payload(
                f"acc_{n}", model_version=f"m{n % 7}", stratum=f"s{n % 5}", country=f"C{n % 9}"
            ),
            MONDAY + n * SECOND / 10,
        )
        for n in range(500)
    ]
    assert len(paused(results)) == CAPS.pauses_per_minute
    assert house.count(PauseLease) == CAPS.pauses_per_minute
    assert house.count(Case) == 500


def test_what_is_withheld_stays_an_open_case_that_says_so(house):
    held = flood(house, 10, country="FR")[-1]
    assert (held.intake, held.refusal) == (Intake.REVIEW, Refusal.BREAKER)
    assert house.thread(held.case_id) == [CaseEventKind.OPENED, CaseEventKind.PAUSE_WITHHELD]
    view = house.view(held.case_id)
    assert view.status is CaseStatus.OPEN
    assert view.events[-1].detail["refusal"] == "breaker"
    assert not house.access(account="acc_9").paused


def test_a_withheld_pause_is_announced_to_nobody(house):
    flood(house, 10)
    assert len(house.outbox()) == CAPS.segment_pauses_per_minute


def test_a_flood_in_one_country_leaves_the_others_their_share(house):
    french = flood(house, 20, name="fr", country="FR", stratum="pro")
    german = flood(house, 20, name="de", country="DE", stratum="free", model_version="m2")
    assert len(paused(french)) == len(paused(german)) == CAPS.segment_pauses_per_minute


def test_a_flood_in_one_stratum_leaves_the_others_their_share(house):
    heavy = [house.take(payload(f"h{n}", stratum="heavy", country=f"A{n}")) for n in range(20)]
    light = [house.take(payload(f"l{n}", stratum="light", country=f"B{n}")) for n in range(20)]
    assert len(paused(heavy)) == CAPS.segment_pauses_per_minute
    assert len(paused(light)) == CAPS.model_pauses_per_minute - CAPS.segment_pauses_per_minute


def test_a_model_that_goes_mad_leaves_another_its_share(house):
    def ask(model, number):
        place = f"{model}{number}"
        return house.take(
            payload(place, model_version=model, stratum=place, country=place, offset=number)
        )

    assert len(paused([ask("mad", n) for n in range(20)])) == CAPS.model_pauses_per_minute
    assert len(paused([ask("calm", n) for n in range(20)])) == 1


def test_a_segment_nobody_knows_is_a_segment_like_any_other(house):
    assert len(paused(flood(house, 20))) == CAPS.segment_pauses_per_minute


def test_nothing_is_paused_later_by_itself_when_the_flow_calms_down(house):
    flood(house, 20)
    for later in (MONDAY + 2 * HOUR, MONDAY + 60 * HOUR):
        assert not house.access(later, "acc_19").paused
    assert house.count(PauseLease) == CAPS.segment_pauses_per_minute


def test_a_new_verdict_on_the_same_case_may_pause_once_the_minute_is_over(house):
    case_id = flood(house, 20)[-1].case_id
    again = house.take(payload("acc_19", offset=8), MONDAY + 60 * SECOND)
    assert (again.intake, again.case_id) == (Intake.PAUSED, case_id)
    assert house.thread(case_id)[-2:] == [CaseEventKind.VERDICT_ADDED, CaseEventKind.PAUSED]


def test_a_withheld_verdict_delivered_again_pauses_nobody(house):
    flood(house, 20)
    again = house.take(payload("acc_19"), MONDAY + HOUR)
    assert again.intake is Intake.REPEATED
    assert not house.access(MONDAY + HOUR, "acc_19").paused


def test_no_minute_wherever_it_begins_holds_more_than_the_cap(house):
    taken = [
        MONDAY + n * SECOND * 3.7
        for n in range(80)
        if paused([house.take(payload(f"acc_{n}"), MONDAY + n * SECOND * 3.7)])
    ]
    assert len(taken) > 2 * CAPS.segment_pauses_per_minute
    for start in taken:
        within = [at for at in taken if start <= at < start + 60 * SECOND]
        assert len(within) <= CAPS.segment_pauses_per_minute


def test_restoring_those_who_were_paused_makes_no_room_for_more(house):
    for result in paused(flood(house, 20)):
        house.decide(result.case_id, now=MONDAY + SECOND)
    assert paused(flood(house, 5, MONDAY + 2 * SECOND, name="next")) == []


def test_pauses_of_the_future_count_too(house):
    flood(house, 20, MONDAY + 20 * SECOND)
    assert paused(flood(house, 5, MONDAY, name="slow_clock")) == []


def test_verdicts_that_pause_nobody_use_up_no_share(house):
    flood(house, 20, action=Action.REVIEW)
    first = house.take(payload("paused"))
    for offset in range(8, 20):
        house.take(payload("paused", offset=offset))
        house.take(payload("paused", kind=Kind.RESELLING, offset=offset))
    assert first.intake is Intake.PAUSED
    assert len(paused(flood(house, 5, name="after"))) == CAPS.segment_pauses_per_minute - 1


def test_a_cap_of_zero_pauses_nobody_and_loses_no_case(database):
    for closed in (
        BreakerPolicy(pauses_per_minute=0),
        BreakerPolicy(model_pauses_per_minute=0),
        BreakerPolicy(segment_pauses_per_minute=0),
    ):
        house = House(database, replace(POLICY, breaker=closed))
        result = house.take(payload(f"acc_{closed.pauses_per_minute}", offset=house.count(Case)))
        assert (result.intake, result.refusal) == (Intake.REVIEW, Refusal.BREAKER)
    assert house.count(PauseLease) == 0


def test_what_took_a_pause_is_written_down_with_it(house):
    said = {"detector": "metronome", "stratum": "pro:heavy", "country": "FR"}
    result = house.take(payload(**said))
    assert result.detector == "metronome"
    with house.database.readers.begin() as session:
        cause = session.scalars(select(PauseCause)).one()
    assert cause.case_id == result.case_id
    assert (cause.detector, cause.stratum, cause.country) == tuple(said.values())
    assert (cause.model_version, cause.taken_at) == ("m1", MONDAY)


def test_intakes_at_the_same_moment_never_exceed_the_cap(house):
    gate, results = threading.Barrier(12), []

    def ask(worker):
        gate.wait(20)
        results.extend(house.take(payload(f"acc_{worker}_{number}")) for number in range(4))

    threads = [threading.Thread(target=ask, args=(worker,)) for worker in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 48
    assert len(paused(results)) == house.count(PauseLease) == CAPS.segment_pauses_per_minute
    with house.database.readers.begin() as session:
        held = select(CaseEvent).where(CaseEvent.kind == CaseEventKind.PAUSE_WITHHELD)
        assert len(session.scalars(held).all()) == 48 - CAPS.segment_pauses_per_minute


segments = st.builds(
    Segments, st.sampled_from("mn"), st.sampled_from(["", "s", "t"]), st.sampled_from(["", "A"])
)


@given(st.lists(segments, max_size=20), segments)
def test_a_pause_that_passes_leaves_every_count_within_its_cap(recent, one):
    after = [*recent, one]
    fits = (
        len(after) <= CAPS.pauses_per_minute
        and sum(each.model_version == one.model_version for each in after)
        <= CAPS.model_pauses_per_minute
        and sum(each.stratum == one.stratum for each in after) <= CAPS.segment_pauses_per_minute
        and sum(each.country == one.country for each in after) <= CAPS.segment_pauses_per_minute
    )
    assert has_room(recent, one, CAPS) is fits


@pytest.mark.parametrize(
    ("recent", "room"),
    [
        ([Segments("x", "x", "x")] * 5, True),
        ([Segments("x", "x", "x")] * 6, False),
        ([Segments("m", "x", "x")] * 4, True),
        ([Segments("m", "x", "x")] * 5, False),
        ([Segments("x", "s", "x")] * 2, True),
        ([Segments("x", "s", "x")] * 3, False),
        ([Segments("x", "x", "A")] * 2, True),
        ([Segments("x", "x", "A")] * 3, False),
    ],
)
def test_each_cap_counts_the_pauses_of_its_own_kind(recent, room):
    assert has_room(recent, Segments("m", "s", "A"), CAPS) is room
