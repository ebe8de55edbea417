from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings

from access.books import MakeGood
from access.leases import Hand, PauseRequest, restore, take_pause
from access.models import PauseLease
from access.periods import month_of, month_span
from access.statement import Books, statement
from access.statement_credits import Movement
from access.statement_rows import read_books
from access.units import units
from access.vocabulary import Entitlement
from tests.access.platform import CATALOGUE
from tests.access.test_booking import Shop, failed, job, told
from tests.access.test_subscription_laws import histories, moments, zones
from tests.subscribers import credits_of, held, offers, on, said
from tests.verdicts import MONDAY

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def books(records=(), movements=(), usage=None):
    return Books("a", records, (), movements, usage or {}, (), (), {})


@pytest.fixture
def shop(database):
    shop = Shop(database)
    shop.book(told("subscription.started", plan="basic"))
    return shop


def lines_of(shop, now, account="acc_1"):
    with shop.database.readers.begin() as session:
        lines = statement(read_books(session, account), CATALOGUE, now)
    return {line.month: line for line in lines}


def amounts(line):
    credit = line.credits
    return tuple(map(float, (credit.granted, credit.spent, credit.expired, credit.left)))


@given(histories, moments, zones)
@settings(max_examples=100, deadline=None)
def test_without_jobs_what_is_left_is_what_is_due(told, now, zone):
    offered = offers(zone)
    lines = statement(books([record for record in told if record.at <= now]), offered, now)
    if lines:
        assert lines[-1].credits.left == credits_of(held(told, now, offered))
        assert lines[-1].plan == held(told, now, offered).plan.name
    else:
        assert all(record.at > now for record in told)


@given(histories, moments)
@settings(max_examples=100, deadline=None)
def test_every_month_from_the_first_has_one_line(told, now):
    past = [record for record in told if record.at <= now]
    months = [line.month for line in statement(books(past), offers(), now)]
    assert months == sorted(set(months))
    for month, following in itertools.pairwise(months):
        end = month_span(month, offers().zone).until
        assert month_of(end, offers().zone) == following


def test_of_an_account_never_heard_of_there_is_no_line(shop):
    assert lines_of(shop, MONDAY, account="nobody") == {}


def test_an_account_without_a_subscription_has_its_months_credits():
    spent = [Movement("x", units(-3), on("03-05"))]
    (march, april) = statement(books(movements=spent), offers(), on("04-02"))
    assert amounts(march)[:2] == (10, 3)
    assert amounts(april)[0] == 10


def test_credits_of_the_default_plan_come_back_with_it_in_the_same_month():
    records = [
        said("cancelled", "03-02", "free"),  # says nothing, but is kept
        said("started", "03-05", "basic"),
        said("cancelled", "03-08", "basic", "03-07"),
    ]
    (march,) = statement(books(records), offers(), on("03-20"))
    assert amounts(march) == (10 + 100 + 10, 0, 10 + 100, 10)


def test_what_a_late_refund_gives_back_is_spent_less_and_expires_after_a_day(shop):
    late = MONDAY + 40 * DAY
    shop.book(job(mode="credits", amount=30), failed(at=late))
    at_once = lines_of(shop, late)
    assert amounts(at_once["2026-11"]) == (80, 30, 0, 50)
    assert amounts(at_once["2026-12"]) == (80, 0, 50, 80)
    assert amounts(at_once["2027-01"]) == (0, -30, 0, 110)
    assert float(at_once["2027-01"].credits.left) == shop.balance(late)
    assert amounts(lines_of(shop, late + DAY)["2027-01"]) == (0, -30, 30, 80)


def test_a_pause_its_end_and_what_made_good_are_shown(shop):
    until = MONDAY + 3 * DAY
    request = PauseRequest(
        account_id="acc_1",
        case_id="case",
        entitlement=Entitlement.MONTHLY_QUOTA,
        reason="Looked like a program.",
        until=until,
        actor="intake",
    )
    with shop.database.writers.begin() as session:
        lease = take_pause(session, request, MONDAY)
        assert isinstance(lease, PauseLease)
    (line,) = lines_of(shop, MONDAY + HOUR).values()
    assert [(pause.since, pause.until) for pause in line.pauses] == [(MONDAY, until)]
    with shop.database.writers.begin() as session:
        restore(
            session,
            Hand("acc_1", "case", "ana"),
            MONDAY + DAY,
            clear_until=MONDAY + 30 * DAY,
        )
        session.add(
            MakeGood(
                lease_id=lease.id,
                account_id="acc_1",
                month="2026-11",
                share=0.1,
                seconds=86400.0,
                at=MONDAY + DAY,
            )
        )
    (line,) = lines_of(shop, MONDAY + DAY).values()
    assert [(pause.since, pause.until) for pause in line.pauses] == [(MONDAY, MONDAY + DAY)]
    assert line.make_good == pytest.approx(0.1)
    assert [(pool.used, pool.left) for pool in line.quota] == [(0, 440)]
