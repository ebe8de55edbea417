from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from access.plans import Pool
from access.quota import Usage, Used, allowance, left, used
from access.units import PLACES

MODELS = ("reel-3", "still-2", "elsewhere")
POOL = Pool("film", Decimal(100), frozenset(MODELS[:2]))
AMOUNTS = st.integers(0, 200_000).map(lambda each: Decimal(each).scaleb(-3))


def usage(**by_model):
    return Usage(
        "2026-11",
        {name.replace("_", "-"): Used(1, Decimal(str(units))) for name, units in by_model.items()},
    )


def test_the_models_of_a_pool_share_it_and_others_take_nothing_of_it():
    taken = usage(reel_3=30, still_2="20.5", elsewhere=70)
    assert used(POOL, taken) == Decimal("50.5")
    assert left(POOL, taken) == Decimal("49.5")


def test_an_unused_month_has_the_whole_allowance():
    assert left(POOL, Usage("2026-12")) == 100


def test_much_use_under_a_larger_plan_leaves_nothing_of_a_smaller_one_and_never_less():
    assert left(POOL, usage(reel_3=250)) == 0


def test_what_is_made_good_is_given_on_top_and_rounded_down():
    assert allowance(POOL, 1 / 3) == Decimal("133.333")
    assert left(POOL, usage(reel_3=120), 1 / 3) == Decimal("13.333")


def test_an_entry_counts_on_and_giving_back_counts_down():
    before = usage(reel_3=3)
    after = before.after("reel-3", Decimal(2)).after("reel-3", Decimal(-4))
    assert after.of("reel-3") == Used(3, Decimal(1))
    assert before.of("reel-3") == Used(1, Decimal(3))
    assert after.of("still-2") == Used()


@given(st.lists(st.tuples(st.sampled_from(MODELS), AMOUNTS), max_size=8), st.floats(0, 3))
def test_what_is_used_and_what_is_left_make_the_allowance_unless_it_is_exceeded(jobs, share):
    taken = Usage("2026-11")
    for model, units in jobs:
        taken = taken.after(model, units)
    given_units = allowance(POOL, share)
    assert given_units == given_units.quantize(PLACES)
    assert POOL.units <= given_units <= POOL.units * (1 + Decimal(str(share)))
    assert left(POOL, taken, share) == max(given_units - used(POOL, taken), 0)
