"""What the platform promises of subscriptions, as far as it follows from what was said of them."""

from __future__ import annotations

from datetime import timedelta

from access.periods import cycle_at
from access.vocabulary import GrantKind
from tests.subscribers import credits_of, held, offers, on, said

START = said("started", "01-31 09:00", "basic")
MOMENT = timedelta(microseconds=1)


def test_p02_credits_of_a_subscription_end_with_their_cycle_and_do_not_carry_over():
    cycle = held([START], "02-10").cycle
    (last,) = held([START], cycle.end - MOMENT).due
    (first,) = held([START], cycle.end).due
    assert last.until == cycle.end
    assert first.id != last.id
    assert first.units == last.units == 100


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
