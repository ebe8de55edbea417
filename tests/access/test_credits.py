from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from access.credits import Grant, Purse
from access.vocabulary import GrantKind
from tests.verdicts import DAY, HOUR, MONDAY

AMOUNTS = st.integers(0, 50_000).map(lambda each: Decimal(each).scaleb(-3))
DAYS = st.integers(-3, 3).map(lambda days: MONDAY + days * DAY)


def grant(name, left, until=None, since=MONDAY - DAY, number=1):
    return Grant(name, GrantKind.PACK, since, until, Decimal(str(left)), number)


@st.composite
def purses(draw):
    spans = draw(
        st.lists(st.tuples(AMOUNTS, DAYS, st.none() | DAYS, st.integers(0, 3)), max_size=6)
    )
    return Purse(
        tuple(
            Grant(f"g{place}", GrantKind.PACK, since, until, left, number)
            for place, (left, since, until, number) in enumerate(spans)
        )
    )


def names(draws):
    return [draw.grant.id for draw in draws]


def test_what_expires_soonest_goes_first_and_what_never_ends_goes_last():
    purse = Purse(
        (grant("never", 5), grant("late", 5, MONDAY + 9 * DAY), grant("soon", 5, MONDAY + DAY))
    )
    assert names(purse.spend(Decimal(12), MONDAY)) == ["soon", "late", "never"]
    assert names(purse.spend(Decimal(5), MONDAY)) == ["soon"]


def test_of_two_that_expire_together_the_older_goes_first():
    end = MONDAY + DAY
    purse = Purse((grant("new", 5, end, MONDAY - HOUR), grant("old", 5, end)))
    assert names(purse.spend(Decimal(6), MONDAY)) == ["old", "new"]


def test_all_of_a_cost_is_there_or_none_is_taken():
    purse = Purse((grant("a", 5), grant("b", 5)))
    assert purse.spend(Decimal("10.001"), MONDAY) is None
    assert purse.after(purse.spend(Decimal(10), MONDAY)).balance(MONDAY) == 0


def test_nothing_is_taken_for_nothing():
    assert Purse().spend(Decimal(0), MONDAY) == ()


def test_credits_end_at_their_end_and_begin_at_their_beginning():
    purse = Purse((grant("a", 5, MONDAY, MONDAY - DAY),))
    moment = timedelta(microseconds=1)
    assert purse.balance(MONDAY - moment) == 5
    assert purse.balance(MONDAY) == 0
    assert purse.balance(MONDAY - DAY) == 5
    assert purse.balance(MONDAY - DAY - moment) == 0


def test_the_next_expiry_is_of_credits_that_are_there():
    spent, soon = grant("spent", 0, MONDAY + HOUR), grant("soon", 1, MONDAY + DAY)
    assert Purse((grant("never", 1), spent, soon)).next_expiry(MONDAY) == MONDAY + DAY
    assert Purse((grant("never", 1), spent)).next_expiry(MONDAY) is None


def test_a_grant_nobody_has_written_down_has_two_entries_once_it_is_taken_from():
    purse = Purse((grant("due", 5, number=0), grant("known", 5, number=3)))
    taken = purse.after(purse.spend(Decimal(10), MONDAY))
    assert [each.number for each in taken.grants] == [2, 4]


@given(purses(), AMOUNTS)
def test_spending_takes_exactly_the_cost_and_leaves_nothing_negative(purse, units):
    draws = purse.spend(units, MONDAY)
    before = purse.balance(MONDAY)
    if draws is None:
        assert before < units
        return
    after = purse.after(draws)
    assert sum(draw.units for draw in draws) == units
    assert before - after.balance(MONDAY) == units
    assert all(each.left >= 0 for each in after.grants)
    assert all(draw.units > 0 and draw.grant.usable(MONDAY) for draw in draws)


@given(purses(), AMOUNTS, DAYS)
def test_no_other_order_would_leave_more_at_any_later_time(purse, units, later):
    draws = purse.spend(units, MONDAY)
    if draws is None or later < MONDAY:
        return
    usable = [each for each in purse.grants if each.usable(MONDAY)]
    lasting = sum(each.left for each in usable if each.until is None or later < each.until)
    kept = purse.after(draws).grants
    now_usable = {each.id for each in usable}
    left = sum(
        each.left
        for each in kept
        if each.id in now_usable and (each.until is None or later < each.until)
    )
    ending = sum(each.left for each in usable) - lasting
    assert left == lasting - max(units - ending, Decimal(0))
