from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from access.errors import UnknownPlanError
from access.periods import Cycle, Interval
from access.subscriptions import subscription_at
from access.units import units
from access.vocabulary import GrantKind
from tests.subscribers import credits_of, held, offers, on, said

BASIC = said("started", "01-10 12:00", "basic")


def test_without_a_subscription_the_default_plan_holds_by_calendar_months():
    found = held([], "02-14")
    assert found.plan.name == "free"
    assert not found.active
    assert found.cycle == Cycle(on("02-01"), on("03-01"))
    assert found.since is None
    assert credits_of(found) == 10


def test_the_default_plan_gives_its_credits_once_a_month():
    ids = {held([], day).due[0].id for day in ("02-01", "02-14", "02-28 23:59")}
    assert len(ids) == 1
    assert held([], "03-01").due[0].id not in ids


def test_a_plan_without_credits_has_none_due():
    none = offers(given={"free": 0, "basic": 0})
    assert held([], "02-14", none).due == ()
    assert held([BASIC], "02-14", none).due == ()


def test_a_start_takes_effect_to_the_moment():
    assert held([BASIC], "01-10 11:59").plan.name == "free"
    found = held([BASIC], "01-10 12:00")
    assert found.plan.name == "basic"
    assert found.active
    assert found.since == on("01-10 12:00")
    assert found.cycle == Cycle(on("01-10 12:00"), on("02-10 12:00"))


def test_it_renews_by_itself_for_years():
    found = held([BASIC], "2031-07-09")
    assert found.plan.name == "basic"
    assert found.cycle == Cycle(on("2031-06-10 12:00"), on("2031-07-10 12:00"))
    assert found.since == on("01-10 12:00")
    assert credits_of(found) == 100


def test_the_due_credits_of_a_cycle_bear_one_name_and_those_of_the_next_another():
    first = held([BASIC], "01-11").due
    assert first == held([BASIC], "02-10 11:59").due
    (grant,) = first
    assert (grant.since, grant.until) == (on("01-10 12:00"), on("02-10 12:00"))
    assert held([BASIC], "02-10 12:00").due[0].id != grant.id


def test_two_accounts_never_share_a_grant():
    other = subscription_at("b", [BASIC], offers(), on("01-11"))
    assert other.due[0].id != held([BASIC], "01-11").due[0].id


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("01-31", ["02-28", "03-31", "04-30", "05-31"]),
        ("01-30", ["02-28", "03-30", "04-30", "05-30"]),
        ("2028-01-29", ["2028-02-29", "2028-03-29"]),
        ("2028-02-29", ["2028-03-29", "2028-04-29"]),
    ],
)
def test_cycles_from_the_end_of_a_month_get_their_day_back(start, ends):
    at = on(start)
    for end in ends:
        cycle = held([said("started", start, "basic")], at).cycle
        assert cycle == Cycle(at, on(end))
        at = cycle.end


def test_billing_days_are_counted_on_the_catalogues_clock():
    berlin = offers("Europe/Berlin")
    start = said("started", "03-10 11:00", "basic")  # noon in Berlin
    found = held([start], "04-01", berlin)
    assert found.cycle.end == on("04-10 10:00")  # still noon, in summer


class TestRenewal:
    def test_a_renewal_that_came_by_itself_changes_nothing(self):
        renewed = said("renewed", "02-10 12:00", "basic", "03-10 12:00")
        assert held([BASIC, renewed], "02-20") == held([BASIC], "02-20")

    def test_a_renewal_told_a_little_early_is_for_the_next_cycle(self):
        early = said("renewed", "02-10 11:55", "basic", "03-10 12:00")
        assert held([BASIC, early], "02-10 11:59") == held([BASIC], "02-10 11:59")
        assert held([BASIC, early], "02-20") == held([BASIC], "02-20")

    def test_an_early_renewal_may_name_another_end_for_the_next_cycle(self):
        early = said("renewed", "02-09", "basic", "03-12")
        found = held([BASIC, early], "02-11")
        assert found.cycle == Cycle(on("02-10 12:00"), on("03-12"))

    def test_a_renewal_told_late_may_move_the_end_of_its_cycle(self):
        late = said("renewed", "02-13", "basic", "03-13")
        assert held([BASIC, late], "02-12").cycle.end == on("03-10 12:00")
        found = held([BASIC, late], "02-14")
        assert found.cycle == Cycle(on("02-10 12:00"), on("03-13"))
        assert held([BASIC, late], "03-13").cycle == Cycle(on("03-13"), on("04-13"))

    def test_a_moved_end_does_not_give_the_credits_again(self):
        late = said("renewed", "02-13", "basic", "03-13")
        (before,) = held([BASIC, late], "02-12").due
        (after,) = held([BASIC, late], "02-14").due
        assert after.id == before.id
        assert after.until == on("03-13")

    def test_a_renewal_may_be_for_a_year(self):
        yearly = said("started", "01-10", "basic", "2027-01-10")
        again = said("renewed", "2027-01-10 00:05", "basic", "2028-01-10")
        assert held([yearly, again], "2026-12-31").cycle == Cycle(on("01-10"), on("2027-01-10"))
        assert held([yearly, again], "2027-06-01").cycle.end == on("2028-01-10")

    def test_a_renewal_to_another_plan_is_a_change_too(self):
        up = said("renewed", "02-10 12:00", "pro")
        assert held([BASIC, up], "02-11").plan.name == "pro"
        assert credits_of(held([BASIC, up], "02-11")) == 400

    def test_a_renewal_of_the_present_plan_leaves_an_awaited_downgrade(self):
        pro = said("started", "01-10", "pro")
        down = said("changed", "01-20", "basic")
        early = said("renewed", "02-09", "pro")
        assert held([pro, down, early], "02-10").plan.name == "basic"

    def test_an_end_that_is_already_past_says_nothing(self):
        stale = said("renewed", "01-20", "basic", "01-15")
        assert held([BASIC, stale], "01-21") == held([BASIC], "01-21")

    def test_a_renewal_without_a_start_is_a_start(self):
        found = held([said("renewed", "01-20", "pro", "02-05")], "01-21")
        assert found.plan.name == "pro"
        assert found.cycle == Cycle(on("01-20"), on("02-05"))

    def test_a_start_while_one_stands_begins_nothing_anew(self):
        again = said("started", "01-20", "basic")
        assert held([BASIC, again], "01-21") == held([BASIC], "01-21")


class TestCancelling:
    def test_it_stays_active_until_the_period_ends(self):
        records = [BASIC, said("cancelled", "01-20", "basic")]
        found = held(records, "02-10 11:59")
        assert found.active
        assert found.plan.name == "basic"
        assert found.ends_at == on("02-10 12:00")
        assert credits_of(found) == 100
        lapsed = held(records, "02-10 12:00")
        assert not lapsed.active
        assert lapsed.plan.name == "free"
        assert lapsed.since is None
        assert lapsed.ends_at is None

    def test_before_it_was_said_nothing_is_known_of_it(self):
        records = [BASIC, said("cancelled", "01-20", "basic")]
        assert held(records, "01-19").ends_at is None

    def test_the_time_it_stands_cancelled_is_told(self):
        records = [BASIC, said("cancelled", "01-20", "basic")]
        assert held(records, "01-25").cancelled_for == (Interval(on("01-20"), on("02-10 12:00")),)

    def test_a_renewal_before_the_end_takes_it_back(self):
        records = [BASIC, said("cancelled", "01-20"), said("renewed", "01-25", "basic")]
        found = held(records, "02-20")
        assert found.active
        assert found.ends_at is None
        assert found.since == BASIC.at
        assert found.cancelled_for == (Interval(on("01-20"), on("01-25")),)

    def test_choosing_a_plan_before_the_end_takes_it_back(self):
        records = [BASIC, said("cancelled", "01-20"), said("changed", "01-25", "pro")]
        found = held(records, "02-20")
        assert found.plan.name == "pro"
        assert found.ends_at is None

    def test_after_the_end_everything_begins_anew(self):
        records = [BASIC, said("cancelled", "01-20"), said("renewed", "02-12", "basic")]
        assert not held(records, "02-11").active
        found = held(records, "02-13")
        assert found.since == on("02-12")
        assert found.cycle == Cycle(on("02-12"), on("03-12"))
        assert found.cancelled_for == ()

    def test_at_the_very_end_it_is_over(self):
        records = [BASIC, said("cancelled", "01-20"), said("renewed", "02-10 12:00", "basic")]
        assert held(records, "02-11").since == on("02-10 12:00")

    def test_it_may_name_an_earlier_end_or_a_later_one(self):
        early = [BASIC, said("cancelled", "01-20", "basic", "01-31")]
        assert held(early, "01-30").cycle.end == on("01-31")
        assert not held(early, "01-31").active
        late = [BASIC, said("cancelled", "01-20", "basic", "03-31")]
        assert held(late, "03-30").cycle == Cycle(on("01-10 12:00"), on("03-31"))
        assert not held(late, "03-31").active

    def test_an_end_in_the_past_is_a_lapse_at_once(self):
        records = [BASIC, said("cancelled", "01-20", "basic", "01-15")]
        assert held(records, "01-19").active
        assert not held(records, "01-20").active

    def test_a_late_word_of_it_takes_effect_where_it_is_dated(self):
        # It arrived after two renewals by themselves; the fold does not know when it arrived.
        records = [BASIC, said("renewed", "02-10 12:00", "basic"), said("cancelled", "01-20")]
        assert held(records, "02-11").since == on("02-10 12:00")

    def test_taken_back_after_the_cycle_it_had_stretched_the_cycles_are_as_ever(self):
        records = [
            BASIC,
            said("cancelled", "01-20", "basic", "03-31"),
            said("renewed", "03-20", "basic"),
        ]
        assert held(records, "03-21").cycle == Cycle(on("03-10 12:00"), on("04-10 12:00"))

    def test_a_second_one_may_only_move_the_end(self):
        twice = [BASIC, said("cancelled", "01-20"), said("cancelled", "01-25")]
        assert held(twice, "01-26").cancelled_for[0].since == on("01-20")
        moved = [BASIC, said("cancelled", "01-20"), said("cancelled", "01-25", None, "01-28")]
        assert held(moved, "01-26").ends_at == on("01-28")

    def test_of_nothing_it_changes_nothing(self):
        gone = [BASIC, said("cancelled", "01-20"), said("cancelled", "02-10 12:00", "basic")]
        assert held(gone, "02-12") == held([], "02-12")
        assert held([said("cancelled", "01-05", "basic"), BASIC], "01-11") == held([BASIC], "01-11")

    def test_of_a_subscription_never_heard_of_it_says_until_when_it_lasts(self):
        found = held([said("cancelled", "01-05", "pro", "01-20")], "01-06")
        assert found.plan.name == "pro"
        assert found.ends_at == on("01-20")
        assert not held([said("cancelled", "01-05", "pro", "01-20")], "01-20").active

    def test_said_of_the_moment_of_a_new_start_the_start_stands(self):
        replaced = [
            BASIC,
            said("cancelled", "01-20", "basic", "01-20", event_id="z"),
            said("started", "01-20", "pro", event_id="a"),
        ]
        assert held(replaced, "01-21").plan.name == "pro"
        assert held(replaced[::-1], "01-21") == held(replaced, "01-21")

    def test_going_to_the_default_plan_is_cancelling(self):
        found = held([BASIC, said("changed", "01-20", "free")], "01-21")
        assert found.plan.name == "basic"
        assert found.ends_at == on("02-10 12:00")
        assert held([said("started", "01-20", "free")], "01-21") == held([], "01-21")


class TestUpgrades:
    UP = said("changed", "01-20", "pro")

    def test_takes_effect_at_once_with_the_difference_of_credits(self):
        found = held([BASIC, self.UP], "01-20")
        assert found.plan.name == "pro"
        assert found.cycle == Cycle(on("01-10 12:00"), on("02-10 12:00"))
        assert [(grant.kind, grant.units) for grant in found.due] == [
            (GrantKind.CYCLE, units(100)),
            (GrantKind.UPGRADE, units(300)),
        ]
        assert found.due[1].since == on("01-20")
        assert found.due[1].until == on("02-10 12:00")

    def test_the_credits_already_given_keep_their_name(self):
        assert held([BASIC, self.UP], "01-21").due[0] == held([BASIC], "01-21").due[0]

    def test_the_next_cycle_gives_the_higher_plans_credits_in_one(self):
        (grant,) = held([BASIC, self.UP], "02-11").due
        assert (grant.kind, grant.units) == (GrantKind.CYCLE, units(400))

    def test_it_does_not_break_the_subscription(self):
        assert held([BASIC, self.UP], "01-21").since == BASIC.at

    def test_twice_in_a_cycle_gives_no_more_than_the_highest_plan(self):
        records = [BASIC, self.UP, said("changed", "01-25", "ultimate")]
        found = held(records, "01-26")
        assert credits_of(found) == 1000
        assert len({grant.id for grant in found.due}) == 3

    def test_a_higher_plan_with_fewer_credits_takes_none_away(self):
        odd = offers(given={"free": 0, "basic": 100, "pro": 60})
        found = held([BASIC, self.UP], "01-21", odd)
        assert found.plan.name == "pro"
        assert credits_of(found) == 100

    def test_a_change_without_a_start_is_a_start(self):
        found = held([self.UP], "01-21")
        assert found.plan.name == "pro"
        assert found.since == on("01-20")
        assert credits_of(found) == 400

    def test_a_change_may_name_another_end(self):
        found = held([BASIC, said("changed", "01-20", "pro", "02-20")], "01-21")
        assert found.cycle == Cycle(on("01-10 12:00"), on("02-20"))


class TestDowngrades:
    PRO = said("started", "01-10", "pro")
    DOWN = said("changed", "01-20", "basic")

    def test_waits_for_the_end_of_the_period(self):
        before = held([self.PRO, self.DOWN], "02-09")
        assert before.plan.name == "pro"
        assert before.next_plan is not None
        assert before.next_plan.name == "basic"
        assert credits_of(before) == 400
        after = held([self.PRO, self.DOWN], "02-10")
        assert after.plan.name == "basic"
        assert after.next_plan is None
        assert credits_of(after) == 100
        assert after.since == self.PRO.at

    def test_going_back_to_the_present_plan_withdraws_it(self):
        records = [self.PRO, self.DOWN, said("changed", "01-25", "pro")]
        found = held(records, "01-26")
        assert found.next_plan is None
        assert credits_of(found) == 400
        assert held(records, "02-11").plan.name == "pro"

    def test_an_upgrade_withdraws_it_too(self):
        records = [self.PRO, self.DOWN, said("changed", "01-25", "ultimate")]
        found = held(records, "01-26")
        assert found.plan.name == "ultimate"
        assert found.next_plan is None
        assert credits_of(found) == 1000

    def test_after_an_upgrade_in_the_same_cycle_the_higher_plan_stays_until_its_end(self):
        records = [BASIC, said("changed", "01-20", "pro"), said("changed", "01-25", "basic")]
        assert held(records, "01-26").plan.name == "pro"
        assert held(records, "02-11").plan.name == "basic"

    def test_up_and_down_and_up_in_a_cycle_gives_the_difference_once(self):
        records = [
            BASIC,
            said("changed", "01-20", "pro"),
            said("changed", "01-22", "basic"),
            said("changed", "01-24", "pro"),
        ]
        assert credits_of(held(records, "01-25")) == 400

    def test_the_last_of_two_counts(self):
        top = said("started", "01-10", "ultimate")
        records = [top, said("changed", "01-20", "basic"), said("changed", "01-22", "pro")]
        assert held(records, "02-10").plan.name == "pro"

    def test_once_cancelled_no_next_plan_is_awaited(self):
        records = [self.PRO, self.DOWN, said("cancelled", "01-25")]
        assert held(records, "01-26").next_plan is None
        back = [*records, said("renewed", "01-27", "pro")]
        awaited = held(back, "01-28").next_plan
        assert awaited is not None
        assert awaited.name == "basic"


def test_what_lies_ahead_is_not_yet_so():
    assert held([BASIC, said("changed", "03-01", "pro")], "02-20") == held([BASIC], "02-20")


def test_a_plan_that_the_catalogue_does_not_hold_is_refused_by_name():
    with pytest.raises(UnknownPlanError, match="gold"):
        held([said("started", "01-10", "gold")], "01-11")


def _examples():
    page = (Path(__file__).parents[2] / "docs" / "subscriptions.md").read_text()
    table = page.split("## Examples", 1)[1]
    for day, words, then in re.findall(r"^\| (\d+ \w+) \| (.+) \| (.+) \|$", table, re.MULTILINE):
        at = datetime.strptime(f"{day} 2026 +0000", "%d %b %Y %z")
        kind, _, plan = words.replace("`", "").partition(" ")
        (title, *_) = re.findall(r"Free|Basic|Pro|Ultimate", then)
        yield at, None if kind == "nothing" else said(kind, at, plan or None), title


def test_the_examples_of_the_page_come_true():
    told = []
    rows = list(_examples())
    assert len(rows) == 12
    for at, record, title in rows:
        told += [record] if record else []
        assert held(told, at).plan.title == title, at
