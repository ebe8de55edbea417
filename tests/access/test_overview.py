from __future__ import annotations

from decimal import Decimal

import pytest

from access.desk import HELD_FOR
from access.overview import Consumed, read_overview
from access.vocabulary import Wish
from tests.access.platform import CATALOGUE, Platform
from tests.verdicts import DAY, MONDAY


@pytest.fixture
def platform(database):
    made = Platform(database)
    made.say("started", "pro", at=MONDAY - 3 * DAY)
    return made


@pytest.fixture
def overview(database):
    def read(now=MONDAY, account="acc_1"):
        with database.readers.begin() as session:
            return read_overview(session, account, CATALOGUE, now)

    return read


def the_pool(overview):
    (pool,) = [use for use in overview.pools if "reel-3" in use.pool.models]
    return pool


def test_what_was_used_and_what_is_left_make_the_allowance(platform, overview):
    before = the_pool(overview())
    platform.ask("j1")
    platform.ask("j2", seconds=8)
    pool = the_pool(overview())
    assert pool.used == 3
    assert pool.used + pool.left == pool.allowance == before.left
    assert pool.refreshes_at.isoformat() == "2026-12-01T00:00:00+00:00"


def test_consumption_is_told_by_model_and_is_the_usage(platform, overview):
    platform.settle(platform.ask("j1", seconds=8), 1.5)
    platform.release(platform.ask("j2"))
    platform.ask("j3")
    platform.ask("j4", wish=Wish.CREDITS)
    assert overview().consumed == (Consumed("reel-3", None, Decimal("2.500"), 2),)
    assert platform.used() == Decimal("2.5")


@pytest.mark.parametrize("wish", [Wish.QUOTA, Wish.CREDITS])
def test_a_job_that_nobody_ended_is_seen_as_given_up_before_anybody_writes_it_down(
    platform, overview, wish
):
    later = MONDAY + HELD_FOR
    before = overview(later)
    platform.ask(wish=wish)
    assert len(overview(later - DAY / 24).standing.open_jobs) == 1
    seen = overview(later)
    assert seen.standing.open_jobs == ()
    assert seen.consumed == ()
    assert the_pool(seen).left == the_pool(before).left
    assert seen.standing.purse.balance(later) == before.standing.purse.balance(later)
    # Whoever asks next has it written down, and nothing else changes.
    platform.release(platform.ask("j2", now=later), now=later)
    assert platform.balance(later) == seen.standing.purse.balance(later)


def test_an_account_never_heard_of_stands_on_the_default_plan_with_nothing_used(overview):
    seen = overview(account="nobody")
    assert seen.standing.subscription.plan.name == CATALOGUE.default_plan
    assert seen.consumed == ()
    assert all(use.used == 0 for use in seen.pools)


def test_a_new_month_begins_with_nothing_used(platform, overview):
    platform.settle(platform.ask())
    seen = overview(MONDAY + 10 * DAY)
    assert seen.standing.usage.month == "2026-12"
    assert seen.consumed == ()
    assert the_pool(seen).used == 0
