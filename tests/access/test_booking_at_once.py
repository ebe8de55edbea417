"""Two who keep the books at the same time: nobody waits in a ring, nothing is booked twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from access.booking import Booked
from access.books import CreditEntry, CreditGrant, QuotaEntry
from tests.access.test_booking import HOUR, Shop, job, told
from tests.verdicts import MONDAY

ACCOUNTS = [f"acc_{number}" for number in range(6)]
WORKERS = 4


def news_of(account):
    return [
        told("subscription.started", account=account, plan="basic", event_id=f"{account} a"),
        told("credits.purchased", account=account, units=60, event_id=f"{account} b"),
        job("j1", account=account),
        job("j2", account=account, mode="credits", amount=100),
    ]


def test_the_same_events_at_the_same_time_are_booked_once(database):
    shop = Shop(database)
    forth = [event for account in ACCOUNTS for event in news_of(account)]
    back = [event for account in reversed(ACCOUNTS) for event in news_of(account)]
    with ThreadPoolExecutor(WORKERS) as pool:
        orders = [forth, back] * (WORKERS // 2)
        outcomes = [
            each for done in pool.map(lambda news: shop.book(*news), orders) for each in done
        ]
    for outcome, times in ((Booked.NOTED, 1), (Booked.GRANTED, 1), (Booked.CHARGED, 2)):
        assert outcomes.count(outcome) == times * len(ACCOUNTS)
    assert outcomes.count(Booked.KNOWN) == len(forth) * (WORKERS - 1)
    for account in ACCOUNTS:
        assert shop.balance(MONDAY + 2 * HOUR, account) == 40
        assert shop.used(account=account) == 4


def test_jobs_told_of_at_the_same_time_never_take_more_than_there_is(database):
    shop = Shop(database)
    shop.book(told("subscription.started", plan="basic"))
    news = [job(f"j{number}", mode="credits", amount=7) for number in range(32)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = [*pool.map(lambda event: shop.book(event)[0], news)]
    # Eleven whole jobs fit into 80 credits; the twelfth takes what is left.
    assert outcomes.count(Booked.CHARGED) == 11
    assert outcomes.count(Booked.SHORT) == 21
    assert shop.balance(MONDAY + 2 * HOUR) == 0
    with database.readers.begin() as session:
        assert session.scalar(select(func.min(CreditEntry.after))) == 0
        assert session.scalar(select(func.count()).select_from(CreditGrant)) == 1
        assert session.scalar(select(func.count()).select_from(QuotaEntry)) == 0
