from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from access.errors import FactChangedError
from access.leases import Hand, PauseRequest, restore, take_pause
from access.measures import (
    MeasureRequest,
    answer_challenge,
    challenge_of,
    lift_measures,
    measures_of,
    stands,
    take_measure,
)
from access.models import Measure, MeasureEnd
from access.reading import Access, access_of
from access.vocabulary import Entitlement, MeasureEndKind, MeasureKind, Refusal
from tests.verdicts import DAY, HOUR, MONDAY

HOLD, CHALLENGE = MeasureKind.SPEED_HOLD, MeasureKind.CHALLENGE


def request(kind=HOLD, case_id="c1", *, account="a", until=MONDAY + 3 * DAY):
    return MeasureRequest(account, case_id, kind, "why", until, "intake")


def hand(case_id="c1", account="a"):
    return Hand(account, case_id, "ana")


@pytest.fixture
def session(database):
    with database.writers.begin() as session:
        yield session


def challenged(session, now=MONDAY):
    return take_measure(session, request(CHALLENGE), now)


@pytest.mark.parametrize("kind", list(MeasureKind))
def test_a_measure_stands_from_when_it_is_taken_until_just_before_its_end(session, kind):
    measure = take_measure(session, request(kind), MONDAY)
    assert stands(measure, MONDAY)
    assert not stands(measure, MONDAY + 3 * DAY)
    assert access_of(session, "a", MONDAY + 3 * DAY) == Access("a")


@pytest.mark.parametrize("kind", list(MeasureKind))
def test_a_measure_takes_nothing_away(session, kind):
    take_measure(session, request(kind), MONDAY)
    access = access_of(session, "a", MONDAY)
    assert not access.paused
    assert set(access.still_works) == set(Entitlement)


def test_access_says_what_is_asked_since_when_until_when_and_why(session):
    hold = take_measure(session, request(), MONDAY)
    challenge = take_measure(session, request(CHALLENGE), MONDAY + HOUR)
    access = access_of(session, "a", MONDAY + HOUR)
    assert (access.speed_hold.measure_id, access.challenge.measure_id) == (hold.id, challenge.id)
    assert (access.speed_hold.since, access.challenge.since) == (MONDAY, MONDAY + HOUR)
    assert access.speed_hold.until == MONDAY + 3 * DAY
    assert (access.speed_hold.reason, access.speed_hold.case_id) == ("why", "c1")


def test_a_pause_implies_neither_a_hold_nor_a_challenge(session):
    take_pause(session, PauseRequest("a", "c1", "why", MONDAY + DAY, "intake"), MONDAY)
    access = access_of(session, "a", MONDAY)
    assert (access.paused, access.speed_hold, access.challenge) == (True, None, None)


def test_a_case_asks_for_each_once_in_its_life(session):
    take_measure(session, request(), MONDAY)
    again = take_measure(session, request(until=MONDAY + 9 * DAY), MONDAY + 8 * DAY)
    assert again is Refusal.MEASURE_SPENT
    assert isinstance(take_measure(session, request(CHALLENGE), MONDAY), Measure)


def test_nobody_is_asked_twice_at_once_by_two_cases(session):
    take_measure(session, request(CHALLENGE), MONDAY)
    other = request(CHALLENGE, "c2", until=MONDAY + 9 * DAY)
    assert take_measure(session, other, MONDAY + HOUR) is Refusal.ALREADY_ASKED
    assert isinstance(take_measure(session, other, MONDAY + 3 * DAY), Measure)


def test_a_clearance_forbids_measures_as_it_forbids_pauses(session):
    restore(session, hand("c0"), MONDAY, clear_until=MONDAY + DAY)
    assert take_measure(session, request(), MONDAY + HOUR) is Refusal.RESTORED_BY_PERSON
    assert isinstance(take_measure(session, request(), MONDAY + DAY), Measure)


def test_one_accounts_measures_are_not_anothers(session):
    take_measure(session, request(), MONDAY)
    assert access_of(session, "b", MONDAY) == Access("b")
    assert access_of(session, "A", MONDAY) == Access("A")


def test_lifting_lifts_exactly_what_the_case_asked_for(session):
    take_measure(session, request(), MONDAY)
    take_measure(session, request(CHALLENGE, "c2"), MONDAY)
    (lifted,) = lift_measures(session, hand(), MONDAY + HOUR)
    assert (lifted.kind, lifted.end.kind, lifted.end.actor) == (
        HOLD, MeasureEndKind.RESTORED, "ana",
    )  # fmt: skip
    access = access_of(session, "a", MONDAY + HOUR)
    assert access.speed_hold is None
    assert access.challenge.case_id == "c2"


def test_what_lapsed_is_not_lifted_once_more(session):
    take_measure(session, request(), MONDAY)
    assert lift_measures(session, hand(), MONDAY + 3 * DAY) == []
    assert lift_measures(session, hand("c9"), MONDAY) == []


@pytest.mark.parametrize("passed", [True, False])
def test_an_answer_ends_the_asking_however_it_turned_out(session, passed):
    challenge = challenged(session)
    assert answer_challenge(session, challenge, passed=passed, actor="platform", now=MONDAY + HOUR)
    assert access_of(session, "a", MONDAY + HOUR) == Access("a")
    end = MeasureEndKind.PASSED if passed else MeasureEndKind.FAILED
    assert challenge.end.kind is end


def test_the_first_answer_stands(session):
    challenge = challenged(session)
    answer_challenge(session, challenge, passed=False, actor="platform", now=MONDAY + HOUR)
    later = MONDAY + 2 * HOUR
    assert not answer_challenge(session, challenge, passed=True, actor="platform", now=later)
    assert challenge.end.kind is MeasureEndKind.FAILED


def test_an_answer_that_comes_too_late_changes_nothing(session):
    challenge = challenged(session)
    late = MONDAY + 3 * DAY
    assert not answer_challenge(session, challenge, passed=False, actor="platform", now=late)
    assert challenge.end is None


def test_an_answer_to_a_lifted_challenge_changes_nothing(session):
    challenge = challenged(session)
    lift_measures(session, hand(), MONDAY + HOUR)
    later = MONDAY + 2 * HOUR
    assert not answer_challenge(session, challenge, passed=False, actor="platform", now=later)
    assert challenge.end.kind is MeasureEndKind.RESTORED


def test_a_challenge_is_found_under_its_own_account_only_and_a_hold_is_none(session):
    challenge = challenged(session)
    hold = take_measure(session, request(), MONDAY)
    assert challenge_of(session, "a", challenge.id) is challenge
    assert challenge_of(session, "b", challenge.id) is None
    assert challenge_of(session, "a", hold.id) is None


def test_a_measure_cannot_be_rewritten(session):
    measure = take_measure(session, request(), MONDAY)
    measure.until = MONDAY + 99 * DAY
    with pytest.raises(FactChangedError):
        session.flush()
    session.rollback()


def test_the_database_refuses_a_second_end(session):
    measure = take_measure(session, request(), MONDAY)
    lift_measures(session, hand(), MONDAY)
    session.expunge_all()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(
            MeasureEnd(measure_id=measure.id, kind=MeasureEndKind.PASSED, at=MONDAY, actor="x")
        )


hours = st.integers(0, 400)
deeds = st.lists(
    st.tuples(
        st.sampled_from(["hold", "challenge", "pause", "answer", "lift", "restore"]),
        st.integers(0, 2),
        hours,
    ),
    max_size=8,
)


@given(history=deeds, lasts=st.integers(1, 400), later=hours, kind=st.sampled_from(MeasureKind))
@settings(
    max_examples=30,
    deadline=None,  # two shared cores
    # Every example works in a transaction of its own that is rolled back.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_lifting_is_the_exact_inverse_of_asking(database, history, lasts, later, kind):
    with database.writers() as session:
        now = MONDAY
        for deed, case, hours_on in history:
            now += hours_on * HOUR
            _do(session, deed, f"c{case}", now)
            assert Entitlement.CREDITS in access_of(session, "a", now).still_works
        moment = now + later * HOUR
        before = access_of(session, "a", now), access_of(session, "a", moment)
        take_measure(session, request(kind, "new", until=now + lasts * HOUR), now)
        lift_measures(session, hand("new"), now)
        assert (access_of(session, "a", now), access_of(session, "a", moment)) == before


def _do(session, deed, case_id, now):
    match deed:
        case "hold" | "challenge":
            kind = HOLD if deed == "hold" else CHALLENGE
            take_measure(session, request(kind, case_id, until=now + 72 * HOUR), now)
        case "pause":
            take_pause(session, PauseRequest("a", case_id, "why", now + DAY, "intake"), now)
        case "answer":
            for measure in measures_of(session, case_id):
                if measure.kind is CHALLENGE:
                    answer_challenge(session, measure, passed=True, actor="platform", now=now)
        case "lift":
            lift_measures(session, hand(case_id), now)
        case "restore":
            restore(session, hand(case_id), now, clear_until=now + 24 * HOUR)
