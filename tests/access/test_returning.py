"""Credits that come back: to what they were taken from while that lasts, else for a day."""

from __future__ import annotations

from datetime import timedelta

from access.vocabulary import Wish
from tests.access.platform import Platform
from tests.verdicts import DAY, MONDAY

HOUR = timedelta(hours=1)


def test_credits_of_a_cycle_that_was_cut_short_come_back_for_a_day(database):
    platform = Platform(database)
    platform.say("started", "basic")
    answer = platform.ask(wish=Wish.CREDITS, units=30, now=MONDAY + HOUR)
    platform.say("cancelled", at=MONDAY + 2 * HOUR, until=MONDAY + 2 * HOUR)
    platform.say("started", "pro", at=MONDAY + 3 * HOUR)
    before = platform.balance(MONDAY + 4 * HOUR)
    platform.release(answer, now=MONDAY + 4 * HOUR)
    assert platform.balance(MONDAY + 5 * HOUR) == before + 30
    assert platform.balance(MONDAY + 2 * DAY) == before


def test_credits_of_no_subscription_come_back_to_whoever_subscribes_meanwhile(database):
    platform = Platform(database)
    free = platform.balance(MONDAY)
    answer = platform.ask(wish=Wish.CREDITS, units=free, now=MONDAY)
    platform.say("started", "pro", at=MONDAY + HOUR)
    before = platform.balance(MONDAY + 2 * HOUR)
    platform.release(answer, now=MONDAY + 2 * HOUR)
    assert platform.balance(MONDAY + 3 * HOUR) == before + free


def test_credits_of_a_cycle_that_was_made_longer_come_back_to_it(database):
    platform = Platform(database)
    platform.say("started", "basic")
    full = platform.balance()
    platform.settle(platform.ask("j1", wish=Wish.CREDITS, units=1))
    platform.say("renewed", at=MONDAY + DAY, until=MONDAY + 45 * DAY)
    answer = platform.ask("j2", wish=Wish.CREDITS, units=30, now=MONDAY + 40 * DAY)
    platform.release(answer, now=MONDAY + 40 * DAY + HOUR)
    assert platform.balance(MONDAY + 44 * DAY) == full - 1


def test_an_end_dated_by_a_slow_clock_returns_credits_to_their_cycle(database):
    platform = Platform(database)
    platform.say("started", "basic")
    full = platform.balance()
    answer = platform.ask(wish=Wish.CREDITS, units=30)
    platform.release(answer, now=MONDAY - timedelta(seconds=1))
    assert platform.balance(MONDAY + 2 * DAY) == full
