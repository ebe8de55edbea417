"""What the simulation of a flooded basic queue must show: promises P15, P18 and P19 in figures."""

from __future__ import annotations

from functools import cache

import pytest

from fairuse.bench.sharing import HANDS, LOADS, jain, max_min, share

HOURS = 2.0


@cache
def run(load, *, turns=True, managed=False, **more):
    return share(load, turns=turns, managed=managed, hours=HOURS, **more)


@pytest.mark.parametrize(
    ("shares", "index"), [([1, 1, 1], 1), ([3, 0, 0], 1 / 3), ([1, 2, 3], 36 / 42)]
)
def test_jains_index_is_one_for_equals_and_falls_to_one_nth(shares, index):
    assert jain(shares) == pytest.approx(index)


def test_a_fair_division_gives_the_modest_all_and_the_rest_alike():
    assert max_min([1, 10, 2, 10], 9) == [1, 3, 2, 3]
    assert max_min([1, 1], 9) == [1, 1]


@pytest.mark.parametrize("managed", [False, True])
@pytest.mark.parametrize("load", LOADS)
def test_turns_share_fairly_where_first_come_lets_the_flood_win(load, managed):
    assert run(load, managed=managed).index >= 0.94
    assert run(load, managed=managed).flood < 2.5
    if load >= 1.0:
        first_come = run(load, turns=False)
        assert first_come.index < 0.25
        assert first_come.flood > 10


@pytest.mark.parametrize("managed", [False, True])
@pytest.mark.parametrize("load", LOADS)
def test_nobody_starves(load, managed):
    shared = run(load, managed=managed)
    assert shared.worst > 0.6
    assert shared.flood > 0.5  # nor does whoever floods


@pytest.mark.parametrize("load", LOADS)
def test_people_wait_less_than_first_come_while_one_account_floods(load):
    turns, first_come = run(load), run(load, turns=False)
    assert turns.people_p50 < first_come.people_p50 * 0.6
    assert turns.people_p99 < first_come.people_p99 * 1.05


@pytest.mark.parametrize("load", LOADS)
def test_a_flood_four_times_as_large_costs_people_little(load):
    small, large = run(load, flood=16), run(load, flood=64)
    assert large.people_p99 < small.people_p99 * 1.5
    unfair = run(load, turns=False, flood=64)
    assert large.people_p50 < unfair.people_p50 / 2


@pytest.mark.parametrize("load", LOADS)
def test_credit_jobs_do_not_notice(load):
    for shared in (run(load, turns=False), run(load), run(load, managed=True)):
        assert shared.credit_p99 < 5


@pytest.mark.parametrize("load", LOADS)
def test_load_management_does_not_flap(load):
    shared = run(load, managed=True)
    assert shared.moves <= 6 * HOURS
    assert sum(shared.levels) == pytest.approx(1)


def test_more_load_means_harder_levels():
    calm, peak = run(0.7, managed=True, flood=HANDS), run(1.5, managed=True)
    assert calm.levels[0] == 1
    assert peak.levels[0] == 0


def test_the_same_seed_gives_the_same_figures():
    assert share(1.0, turns=True, managed=True, hours=0.1) == share(
        1.0, turns=True, managed=True, hours=0.1
    )
