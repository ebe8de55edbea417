"""What the platform promises of subscriptions, as far as it follows from what was said of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access.admission import Denied
from access.periods import cycle_at
from access.vocabulary import GrantKind, Wish
from tests.access.platform import CATALOGUE, Platform
from tests.subscribers import credits_of, held, offers, on, said

START = said("started", "01-31 09:00", "basic")
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)


@pytest.fixture
def platform(database):
    return Platform(database)


def why_not(answer):
    """Give the reason of a denial, None if the job may run."""
    return answer.outcome.reason if isinstance(answer.outcome, Denied) else None


def test_p02_credits_of_a_subscription_end_with_their_cycle_and_do_not_carry_over():
    cycle = held([START], "02-10").cycle
    (last,) = held([START], cycle.end - MOMENT).due
    (first,) = held([START], cycle.end).due
    assert last.until == cycle.end
    assert first.id != last.id
    assert first.units == last.units == 100


def test_p02_a_job_of_the_next_cycle_finds_none_of_the_last_ones_credits(platform):
    platform.say("started", "basic", at=START.at)
    next_cycle = platform.standing(START.at).subscription.cycle.end
    platform.settle(platform.ask("j1", wish=Wish.CREDITS, units=30, now=START.at), now=START.at)
    assert platform.balance(next_cycle - MOMENT) == 50
    assert platform.balance(next_cycle) == 80
    assert (
        why_not(platform.ask("j2", wish=Wish.CREDITS, units=81, now=next_cycle)) == "credits_short"
    )


def test_p03_the_balance_refreshes_by_itself_when_the_subscription_renews():
    cycle = held([START], "02-10").cycle
    (fresh,) = held([START], cycle.end).due
    assert (fresh.kind, fresh.units, fresh.since) == (GrantKind.CYCLE, 100, cycle.end)


def test_p06_a_subscription_renews_by_itself_at_the_end_of_each_billing_cycle():
    now = START.at
    for _ in range(40):
        found = held([START], now)
        assert found.active
        assert found.plan.name == "basic"
        assert found.cycle == cycle_at(START.at, now, offers().zone)
        now = found.cycle.end


def test_p07_it_can_be_cancelled_at_any_time_and_stays_active_until_the_period_ends():
    cycle = held([START], START.at).cycle
    for day in range((cycle.end - cycle.start).days):
        told = [START, said("cancelled", START.at + timedelta(days=day, hours=1), "basic")]
        last = held(told, cycle.end - MOMENT)
        assert last.active
        assert last.plan.name == "basic"
        assert credits_of(last) == 100
        assert not held(told, cycle.end).active


def test_p08_an_upgrade_takes_effect_at_once_and_the_credit_difference_is_applied_by_itself():
    told = [START, said("changed", "02-10", "pro")]
    before, after = held(told, on("02-10") - MOMENT), held(told, "02-10")
    assert before.plan.name == "basic"
    assert after.plan.name == "pro"
    assert credits_of(after) - credits_of(before) == after.plan.credits - before.plan.credits
    assert after.cycle == before.cycle


def test_p09_a_downgrade_takes_effect_when_the_period_ends_and_the_present_plan_stays_until_then():
    told = [said("started", "01-31 09:00", "pro"), said("changed", "02-10", "basic")]
    cycle = held(told, "02-10").cycle
    last = held(told, cycle.end - MOMENT)
    assert last.plan.name == "pro"
    assert credits_of(last) == 400
    assert held(told, cycle.end).plan.name == "basic"


def test_p11_quota_is_usable_at_once_for_the_models_of_the_plan_and_for_no_other(platform):
    start = on("03-30 10:00")
    assert why_not(platform.ask("j0", wish=Wish.QUOTA, now=start - MOMENT)) == "quota_not_in_plan"
    platform.say("started", "basic", at=start)
    listed = {model for pool in CATALOGUE.plan("basic").pools for model in pool.models}
    for model in CATALOGUE.models:
        answer = platform.ask(f"a {model}", wish=Wish.QUOTA, model=model, units=1, now=start)
        if model in listed:
            assert why_not(answer) is None, model
            platform.settle(answer, now=start)
        else:
            assert why_not(answer) == "quota_not_in_plan"


def test_p11_quota_refreshes_by_itself_each_calendar_month_while_the_subscription_is_active(
    platform,
):
    start = on("03-30 10:00")
    platform.say("started", "basic", at=start)
    months = (start, on("04-01"), on("05-01"), on("06-01"))
    for month in months:
        assert platform.used(now=month) == 0
        answer = platform.ask(f"j {month}", wish=Wish.QUOTA, units=400, now=month)
        platform.settle(answer, now=month)
        over = platform.ask(f"k {month}", wish=Wish.QUOTA, units=1, now=month + DAY)
        assert why_not(over) == "quota_used_up"
    platform.say("cancelled", at=on("06-02"))
    assert why_not(platform.ask("late", wish=Wish.QUOTA, now=on("07-02"))) == "quota_not_in_plan"


def test_p14_after_a_plan_change_the_new_plans_quota_rules_apply(platform):
    platform.say("started", "basic", at=on("03-30"))
    first = platform.ask("j1", wish=Wish.QUOTA, units=400, now=on("04-01"))
    platform.settle(first, now=on("04-01"))
    assert why_not(platform.ask("j2", wish=Wish.QUOTA, now=on("04-02"))) == "quota_used_up"
    platform.say("changed", "pro", at=on("04-03"))
    # Pro gives 1000 units of film, of which these 400 count as used, and 400 of images.
    over = platform.ask("j3", wish=Wish.QUOTA, units=601, now=on("04-03"))
    assert why_not(over) == "quota_used_up"
    assert why_not(platform.ask("j4", wish=Wish.QUOTA, units=600, now=on("04-03"))) is None
    image = platform.ask("j5", wish=Wish.QUOTA, model="still-2", units=400, now=on("04-03"))
    assert why_not(image) is None
    platform.say("changed", "basic", at=on("04-04"))
    end = platform.standing(on("04-05")).subscription.cycle.end
    assert platform.standing(end).subscription.plan.name == "basic"
    gone = platform.ask("j6", wish=Wish.QUOTA, model="still-2", units=1, now=end)
    assert why_not(gone) == "quota_not_in_plan"
