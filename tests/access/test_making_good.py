from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.books import MakeGood
from access.making_good import MadeGood, made_good
from access.overview import read_overview
from access.periods import Interval
from access.quota import left
from access.vocabulary import JobMode
from detectors.verdict import Kind
from review_api.vocabulary import CaseEventKind, Choice
from tests.access.platform import CATALOGUE, Platform
from tests.house import POLICY, House
from tests.verdicts import DAY, HOUR, MONDAY, payload

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def on(day, month=11, hour=0, year=2026):
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def house(database):
    return House(database)


@pytest.fixture
def platform(database):
    made = Platform(database)
    made.say("started", "pro", at=MONDAY - 3 * DAY)
    return made


def test_a_day_of_a_month_of_thirty_is_its_thirtieth_part():
    given_back = made_good(Interval(on(3), on(4)), on(4), UTC_ZONE)
    assert given_back == MadeGood("2026-11", pytest.approx(1 / 30), 86400)


def test_a_pause_over_the_end_of_a_month_counts_each_month_by_its_own_length():
    given_back = made_good(Interval(on(27, 2), on(3, 3)), on(3, 3), UTC_ZONE)
    assert given_back.share == pytest.approx(2 / 28 + 2 / 31)
    assert given_back.month == "2026-03"


@pytest.mark.parametrize(
    ("restored", "month"), [(on(28), "2026-11"), (on(28, hour=1), "2026-12"), (on(30), "2026-12")]
)
def test_what_is_lost_is_given_while_as_much_of_the_month_remains_and_else_in_the_next(
    restored, month
):
    lost = Interval(restored - 3 * DAY, restored)
    assert made_good(lost, restored, UTC_ZONE).month == month


def test_what_is_lost_in_december_may_be_given_in_january():
    assert made_good(Interval(on(28, 12), on(31, 12)), on(31, 12), UTC_ZONE).month == "2027-01"


def test_months_are_counted_where_the_catalogue_says():
    # 23:00 UTC is midnight in Berlin, where November has begun by then.
    lost = Interval(on(31, 10, 23), on(31, 10, 23) + HOUR)
    assert made_good(lost, lost.until, BERLIN).month == "2026-11"
    assert made_good(lost, lost.until, UTC_ZONE).month == "2026-11"
    assert made_good(Interval(on(31, 10, 20), on(31, 10, 23)), on(31, 10, 23), BERLIN) == MadeGood(
        "2026-11", pytest.approx(3 / (31 * 24 + 1)), 3 * 3600
    )


def test_a_pause_of_no_time_is_no_loss():
    assert made_good(Interval(MONDAY, MONDAY), MONDAY, UTC_ZONE) is None


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.timedeltas(timedelta(seconds=1), timedelta(days=90)),
    st.sampled_from([UTC_ZONE, BERLIN]),
)
def test_a_whole_month_lost_is_a_whole_months_quota_and_parts_add_up(since, lasted, zone):
    until = since + lasted
    middle = since + lasted / 2
    whole = made_good(Interval(since, until), until, zone)
    parts = [
        made_good(Interval(since, middle), until, zone),
        made_good(Interval(middle, until), until, zone),
    ]
    assert whole.share == pytest.approx(sum(part.share for part in parts))
    days = lasted / DAY
    assert days / 31.05 <= whole.share <= days / 27.95


def pool_left(platform, now):
    standing = platform.standing(now)
    return left(standing.subscription.plan.pool_of("reel-3"), standing.usage, standing.make_good)


def test_a_restored_pause_gives_the_lost_part_of_the_month_on_top(house, platform):
    before = pool_left(platform, MONDAY)
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + DAY)
    units = platform.standing().subscription.plan.pool_of("reel-3").units
    assert pool_left(platform, MONDAY + DAY) == pytest.approx(before + units / 30)


def test_a_pause_that_had_lifted_itself_is_made_good_as_well_when_it_is_restored(house, platform):
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + 20 * DAY)
    assert platform.standing(MONDAY + 20 * DAY).make_good == pytest.approx(3 / 30)


def test_an_upheld_pause_is_not_made_good_unless_it_is_restored_later(house, platform):
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD, MONDAY + DAY)
    assert house.count(MakeGood) == 0
    house.decide(case_id, now=MONDAY + 4 * DAY)
    assert platform.standing(MONDAY + 4 * DAY).make_good == 0
    # Four days were lost and three remain of November.
    assert platform.standing(MONDAY + 9 * DAY).make_good == pytest.approx(4 / 30)


def test_a_case_that_paused_nobody_makes_nothing_good(house):
    case_id = house.take(payload()).case_id
    other = house.take(payload(kind=Kind.RESELLING, offset=9), MONDAY + HOUR).case_id
    house.decide(other, now=MONDAY + DAY)
    assert house.count(MakeGood) == 0
    house.decide(case_id, now=MONDAY + DAY)
    assert house.count(MakeGood) == 1


def test_the_thread_and_the_overview_tell_what_was_made_good(house, platform):
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + 7 * DAY + 12 * HOUR)
    event = house.view(case_id).events[-1]
    assert event.kind is CaseEventKind.MADE_GOOD
    assert event.detail["month"] == "2026-12"
    with platform.database.readers.begin() as session:
        overview = read_overview(session, "acc_1", CATALOGUE, MONDAY + 7 * DAY + 12 * HOUR)
    seconds = POLICY.pause_for.total_seconds()
    assert overview.made_good == (MadeGood("2026-12", event.detail["share"], seconds),)
    assert all(pool.made_good == 0 for pool in overview.pools)


def test_a_restored_customer_generates_at_once_though_the_month_was_used_up(house, platform):
    plan = platform.standing().subscription.plan
    platform.settle(platform.ask(units=plan.pool_of("reel-3").units))
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + DAY)
    job = platform.ask("j2", now=MONDAY + DAY).outcome
    assert job.mode is JobMode.QUOTA
