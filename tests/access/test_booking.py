from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from access.booking import Booked, book_all
from access.books import Admission, CreditEntry, CreditGrant, QuotaEntry, SubscriptionFact
from access.errors import BadAmountError, BadJobError, UnknownPlanError
from access.platform_events import read_event
from access.units import units
from access.vocabulary import Wish
from tests.access.platform import CATALOGUE, Platform
from tests.verdicts import MONDAY

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_numbers = itertools.count()


def told(kind, at=MONDAY, account="acc_1", **fields):
    """Make an event as the platform tells it."""
    row = {
        "event_id": fields.pop("event_id", f"e{next(_numbers)}"),
        "type": kind,
        "occurred_at": at,
        "account_id": account,
        **fields,
    }
    return read_event(row)


def job(name="j1", at=MONDAY + HOUR, *, mode="quota", amount=4, model="reel-3", **more):
    """Make the request of a job; basic has 400 units of quota and 80 credits."""
    wanted = {"job_id": name, "mode": mode, "units": amount, "model": model, "media": "video"}
    return told("generation.requested", at, **wanted, **more)


def done(name="j1", at=MONDAY + 2 * HOUR):
    return told("generation.completed", at, job_id=name)


def failed(name="j1", at=MONDAY + 2 * HOUR):
    return told("generation.failed", at, job_id=name)


BASIC = {"plan": "basic"}


@dataclass
class Shop(Platform):
    """A platform that tells by events."""

    def book(self, *events):
        with self.database.writers.begin() as session:
            return book_all(session, events, CATALOGUE, MONDAY)

    def count(self, table):
        with self.database.readers.begin() as session:
            return session.scalar(select(func.count()).select_from(table))


@pytest.fixture
def shop(database):
    shop = Shop(database)
    shop.book(told("subscription.started", **BASIC))
    return shop


def test_a_subscription_is_noted_and_holds_from_where_it_is_dated(shop):
    assert shop.standing().subscription.plan.name == "basic"
    assert shop.standing(MONDAY - HOUR).subscription.plan.name == "free"


def test_what_is_told_twice_is_known(shop):
    change = told("subscription.changed", MONDAY + DAY, plan="pro")
    pack = told("credits.purchased", units=60)
    assert shop.book(change, pack) == [Booked.NOTED, Booked.GRANTED]
    before = shop.standing(MONDAY + 2 * DAY)
    assert shop.book(change, pack, change) == [Booked.KNOWN] * 3
    assert shop.standing(MONDAY + 2 * DAY) == before
    assert shop.count(SubscriptionFact) == 2
    assert shop.count(CreditGrant) == 1


def test_a_pack_is_there_at_once_and_outlives_the_cycle(shop):
    assert shop.balance() == 80
    shop.book(told("credits.purchased", MONDAY + HOUR, units=60.5))
    assert shop.balance(MONDAY + HOUR) == units(140.5)
    assert shop.balance(MONDAY + 400 * DAY) == units(140.5)


def test_a_plan_that_nobody_offers_is_refused_alone(shop):
    wrong = told("subscription.changed", MONDAY + HOUR, plan="gold")
    right = told("subscription.changed", MONDAY + 2 * HOUR, plan="pro")
    refused, noted = shop.book(wrong, right)
    assert isinstance(refused, UnknownPlanError)
    assert "gold" in str(refused)
    assert noted is Booked.NOTED
    assert shop.count(SubscriptionFact) == 2


def test_a_quota_job_is_charged_when_it_is_heard_of(shop):
    assert shop.book(job(), done()) == [Booked.CHARGED, Booked.KNOWN]
    assert shop.used() == 4
    assert shop.balance() == 80


def test_a_credit_job_takes_what_ends_soonest(shop):
    shop.book(told("credits.purchased", units=60))
    shop.book(job(mode="credits", amount=100))
    assert shop.balance(MONDAY + 2 * HOUR) == 40
    assert shop.balance(MONDAY + 40 * DAY) == 80 + 40


@pytest.mark.parametrize("mode", ["quota", "credits"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_job_that_failed_costs_nothing_in_whatever_order_its_news_comes(shop, mode, order):
    news = [job(mode=mode), failed(), failed()]
    for place in order:
        shop.book(news[place])
    assert shop.used() == 0
    assert shop.balance(MONDAY + DAY) == 80
    assert shop.book(*news) == [Booked.KNOWN] * 3
    assert shop.count(Admission) == 1


@pytest.mark.parametrize("mode", ["quota", "credits"])
def test_a_job_that_is_done_before_it_is_heard_of_is_charged_once(shop, mode):
    assert shop.book(done()) == [Booked.NOTHING]
    assert shop.book(job(mode=mode)) == [Booked.CHARGED]
    assert shop.book(done(), job(mode=mode)) == [Booked.KNOWN] * 2
    assert shop.used() + 80 - shop.balance(MONDAY + DAY) == 4


def test_the_refund_of_a_job_whose_credits_ended_meanwhile_lasts_a_day(shop):
    late = MONDAY + 40 * DAY
    shop.book(job(mode="credits"), failed(at=late))
    assert shop.balance(late) == 80 + 4
    assert shop.balance(late + DAY) == 80
    assert shop.book(failed(at=late)) == [Booked.KNOWN]
    assert shop.balance(late) == 80 + 4


def test_more_than_there_is_of_quota_is_booked_as_far_as_it_goes(shop):
    shop.book(job("j1", amount=399))
    assert shop.book(job("j2", amount=4)) == [Booked.SHORT]
    assert shop.used() == 400
    assert shop.book(job("j3")) == [Booked.SHORT]
    assert shop.used() == 400
    assert shop.book(failed("j3"), failed("j2")) == [Booked.KNOWN, Booked.REFUNDED]
    assert shop.used() == 399


def test_more_than_there_is_of_credits_is_booked_as_far_as_it_goes(shop):
    assert shop.book(job(mode="credits", amount=100)) == [Booked.SHORT]
    assert shop.balance(MONDAY + DAY) == 0
    assert shop.book(job("j2", mode="credits")) == [Booked.SHORT]
    shop.book(failed("j1"))
    assert shop.balance(MONDAY + DAY) == 80


def test_a_model_that_the_plan_has_no_quota_for_uses_none(shop):
    assert shop.book(job(model="reel-4")) == [Booked.SHORT]
    assert shop.book(job("j2", model="unheard-of")) == [Booked.SHORT]
    assert shop.count(QuotaEntry) == 0


def test_a_job_counts_in_the_month_it_ran_in_however_late_it_is_heard_of(shop):
    shop.book(told("subscription.started", MONDAY, account="late", **BASIC))
    shop.book(job("j1", MONDAY + 8 * DAY, account="late"))
    shop.book(job("j2", MONDAY + HOUR, account="late"))
    assert shop.used(now=MONDAY, account="late") == 4
    assert shop.used(now=MONDAY + 8 * DAY, account="late") == 4


def test_credits_of_a_cycle_that_is_over_pay_for_a_job_that_ran_in_it(shop):
    shop.book(job("j2", MONDAY + 35 * DAY, mode="credits"))
    assert shop.book(job("j1", MONDAY + HOUR, mode="credits", amount=80)) == [Booked.CHARGED]
    assert shop.balance(MONDAY + 35 * DAY) == 76


def test_a_job_that_was_admitted_is_not_charged_again_and_is_ended_by_its_events(shop):
    asked = shop.ask("j1", now=MONDAY + HOUR)
    assert shop.book(job("j1", amount=50)) == [Booked.KNOWN]
    assert shop.used() == asked.outcome.units
    assert shop.book(done("j1")) == [Booked.SETTLED]
    assert shop.book(done("j1")) == [Booked.KNOWN]
    assert shop.used() == asked.outcome.units


def test_an_admitted_job_that_failed_gets_back_what_was_reserved(shop):
    shop.ask("j1", now=MONDAY + HOUR)
    assert shop.book(failed("j1"), done("j1")) == [Booked.RELEASED, Booked.KNOWN]
    assert shop.used() == 0


def test_what_was_settled_with_us_stays_as_it_was_settled(shop):
    asked = shop.ask("j1", now=MONDAY + HOUR, units=4)
    shop.settle(asked, 1, now=MONDAY + HOUR)
    assert shop.book(done("j1")) == [Booked.KNOWN]
    assert shop.used() == 1


@pytest.mark.parametrize("wish", [Wish.QUOTA, Wish.CREDITS])
def test_a_settled_job_that_failed_after_all_gets_back_what_it_was_charged_once(shop, wish):
    before = shop.balance(MONDAY + HOUR)
    asked = shop.ask("j1", wish=wish, now=MONDAY + HOUR, units=4)
    shop.settle(asked, 1, now=MONDAY + HOUR)
    assert shop.book(failed("j1"), failed("j1")) == [Booked.REFUNDED, Booked.KNOWN]
    assert (shop.used(), shop.balance(MONDAY + 3 * HOUR)) == (0, before)


def test_a_refund_gives_no_credits_back_that_had_come_back_already(shop):
    end = shop.standing().subscription.cycle.end
    asked = shop.ask("j1", wish=Wish.CREDITS, now=end - HOUR, units=20)
    late = end + HOUR
    fresh = shop.balance(late)
    shop.settle(asked, 4, now=late)
    assert shop.book(failed("j1", late)) == [Booked.REFUNDED]
    assert shop.balance(late) == fresh + 20


@pytest.mark.parametrize(
    "event",
    [
        told("ui.interaction"),
        told("generation.requested", job_id="j", mode="quota", units=1),
        told("generation.requested", job_id="j", model="reel-3", units=1),
        told("generation.requested", job_id="j", model="reel-3", mode="quota"),
        told("generation.requested", model="reel-3", mode="quota", units=1),
        told("generation.completed"),
    ],
    ids=["another type", "no model", "no mode", "no units", "no job", "the end of nothing"],
)
def test_what_says_nothing_to_the_books_does_nothing(shop, event):
    assert shop.book(event) == [Booked.NOTHING]
    assert shop.count(Admission) == 0


def test_events_of_many_accounts_are_booked_in_the_order_they_happened(shop):
    outcomes = shop.book(
        job("a", MONDAY + 2 * HOUR, account="zoe"),
        told("subscription.started", MONDAY + HOUR, account="zoe", plan="pro"),
        job("a", MONDAY + 2 * HOUR, account="adam"),
    )
    assert outcomes == [Booked.CHARGED, Booked.NOTED, Booked.SHORT]


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"units": 1e300}, BadAmountError, "amount"),
        ({"job_id": "j" * 129}, BadJobError, "job_id"),
        ({"model": "m" * 65}, BadJobError, "model"),
        ({"feature": "f" * 65}, BadJobError, "feature"),
    ],
)
def test_what_the_books_have_no_room_for_is_refused_by_name(fields, error, says):
    with pytest.raises(error, match=says):
        told("generation.requested", **fields)


def test_the_chains_of_what_was_refunded_add_up(shop, database):
    shop.book(told("credits.purchased", units=60))
    shop.book(job(mode="credits", amount=100), failed())
    with database.readers.begin() as session:
        total = session.scalar(
            select(func.sum(CreditEntry.units)).where(CreditEntry.admission_id.is_not(None))
        )
    assert Decimal(total or 0) == 0
    assert shop.balance(MONDAY + DAY) == 140
