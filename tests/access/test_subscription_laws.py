"""What holds of every subscription, whatever the platform says of it and in whatever order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from access.subscriptions import SubscriptionRecord
from access.vocabulary import SubscriptionChange
from tests.subscribers import CREDITS, credits_of, held, offers, on

FIRST = on("2027-01-01")
HOURS = 24 * 800

zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
hours = st.integers(0, HOURS)
moments = hours.map(lambda hour: FIRST + timedelta(hours=hour))


@st.composite
def records(draw):
    at = draw(moments)
    end = draw(st.none() | st.integers(-48, 24 * 70).map(lambda hour: at + timedelta(hours=hour)))
    kind = draw(st.sampled_from(SubscriptionChange))
    plan = draw(st.sampled_from(["free", "basic", "pro", "ultimate", None]))
    return SubscriptionRecord(str(draw(st.integers(0, 10**9))), kind, plan, at, end)


histories = st.lists(records(), max_size=12, unique_by=lambda record: record.event_id)


@given(histories.flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))), moments)
@settings(max_examples=200)
def test_the_order_of_arrival_does_not_matter(orders, now):
    told, shuffled = orders
    assert held(shuffled, now) == held(told, now)


@given(histories, moments, zones)
@settings(max_examples=200)
def test_what_has_not_yet_happened_does_not_matter(told, now, zone):
    past = [record for record in told if record.at <= now]
    assert held(told, now, offers(zone)) == held(past, now, offers(zone))


@given(histories, moments, zones)
@settings(max_examples=300)
def test_now_lies_in_the_cycle_and_the_due_credits_are_its_own(told, now, zone):
    found = held(told, now, offers(zone))
    assert found.cycle.start <= now < found.cycle.end
    for grant in found.due:
        assert found.cycle.start <= grant.since <= now
        assert grant.until == found.cycle.end
        assert grant.units > 0


@given(histories, zones)
@settings(max_examples=100)
def test_cycles_follow_each_other_unless_something_is_said(told, zone):
    offered = offers(zone)
    said_at = sorted(record.at for record in told)
    now = FIRST
    for _ in range(30):
        cycle = held(told, now, offered).cycle
        heard = [at for at in said_at if now < at < cycle.end]
        if heard:
            now = heard[-1]
            continue
        just_before = held(told, cycle.end - timedelta(microseconds=1), offered)
        assert just_before.cycle == cycle
        following = held(told, cycle.end, offered)
        if following.active or not just_before.active:
            assert following.cycle.start == cycle.end
        now = cycle.end


@given(histories, moments)
@settings(max_examples=300)
def test_a_cycle_never_gives_more_than_the_highest_plan_held_in_it(told, now):
    found = held(told, now)
    looked = {now, found.cycle.start, *(record.at for record in told)}
    plans = {held(told, at).plan.name for at in looked if found.cycle.start <= at <= now}
    assert credits_of(found) <= max(CREDITS[name] for name in plans)
    # And never less than the plan held now promises.
    assert credits_of(found) >= found.plan.credits


@given(histories, moments)
@settings(max_examples=300)
def test_the_spans_stood_cancelled_lie_apart_within_the_subscription(told, now):
    found = held(told, now)
    assert (found.since is not None) == found.active
    edge = found.since
    for span in found.cancelled_for:
        assert edge is not None
        assert edge <= span.since <= span.until
        edge = span.until
    if found.ends_at is not None:
        assert found.active
        assert found.ends_at == found.cycle.end > now
        assert found.cancelled_for[-1].until == found.ends_at


@given(histories, moments)
@settings(max_examples=200)
def test_a_cancelled_subscription_stays_until_it_ends_and_no_longer(told, now):
    found = held(told, now)
    if found.ends_at is None or any(now < record.at <= found.ends_at for record in told):
        return
    last = held(told, found.ends_at - timedelta(microseconds=1))
    assert last.active
    assert last.plan == found.plan
    assert not held(told, found.ends_at).active


@given(histories, st.lists(moments, min_size=2, max_size=6))
@settings(max_examples=200)
def test_credits_of_one_name_are_always_the_same_amount(told, asked):
    amounts = {}
    for now in asked:
        for grant in held(told, now).due:
            assert amounts.setdefault(grant.id, grant.units) == grant.units
