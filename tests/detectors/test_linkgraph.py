"""The nightly graph finds farms, and leaves families, offices, carriers and VPNs alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from detectors.association import HOUSEHOLD, Code
from detectors.linkgraph import ALONE, NAMES, link_graph
from features.links import LinkTable
from streams.decode import decode_table
from streams.decode_places import Places
from streams.raw import Partition
from streams.simulator import Mix, simulate
from streams.simulator.mix import DEFAULT_MIX, KINDS
from streams.simulator.simulation import START
from tests.features.meetings import HOME, OFFICE, VPN, together, told
from tests.features.stories import log

HONEST = Mix({name: share for name, share in DEFAULT_MIX.shares.items() if not KINDS[name]})
WEEK_TWO = START + timedelta(days=9)


@pytest.fixture(scope="module")
def world():
    """Two weeks of honest people; in the second as many new ones, and two farms of ten."""
    honest = simulate(150, 14, seed=4, mix=HONEST)
    newcomers = simulate(200, 4, seed=5, start=WEEK_TWO, mix=HONEST)
    farm = simulate(20, 4, seed=9, start=WEEK_TWO, mix=Mix({"account_farm": 1.0}))
    return honest, newcomers, farm


@pytest.fixture(scope="module")
def graph(world):
    table, parts, done = LinkTable(4096 * 8), [], 0
    for traffic in world:
        for rows in traffic.tables():
            places = Places.of_records(Partition("made", 0), np.arange(done, done + len(rows)))
            parts.append(decode_table(rows, places).events)
            done += len(rows)
    whole = type(parts[0]).join(parts)
    order = np.argsort(whole.events["t"], kind="stable")
    whole = type(whole)(whole.events[order], whole.account_ids[order])
    seen = table.update(whole)
    return link_graph(seen + list(table.held(int(whole.events["t"].max()))))


def test_each_farm_is_one_component(graph, world):
    *_, farm = world
    rows = [row for row, name in enumerate(graph.accounts) if name in farm.personas]
    by_farm = {
        half: {
            int(graph.component[row])
            for row in rows
            if farm.account_ids.index(graph.accounts[row]) // 10 == half
        }
        for half in (0, 1)
    }
    assert all(len(components) == 1 for components in by_farm.values())
    assert by_farm[0] != by_farm[1]
    assert graph.component_size[rows].min() >= 9


def test_the_farms_are_found_by_the_day_on_which_they_began(graph, world):
    *_, farm = world
    found = {name for row, name in enumerate(graph.accounts) if graph.codes(row)}
    assert len(found & set(farm.personas)) >= 18


def test_families_offices_carriers_and_vpns_are_left_alone(graph, world):
    honest, newcomers, _ = world
    personas = {**honest.personas, **newcomers.personas}
    shown = [(row, personas[name]) for row, name in enumerate(graph.accounts) if name in personas]
    assert len(shown) > 50
    for row, persona in shown:
        assert graph.codes(row) == [], persona
        assert graph.component_size[row] <= HOUSEHOLD, persona


def test_the_graph_is_the_same_whatever_the_order_of_sightings():
    seen = told(together([1, 2, 3], device=7), together([3, 4], device=8))
    one, other = link_graph(seen, {"acc_1"}), link_graph(seen[::-1], {"acc_1"})
    for name in ("component", "component_size", "linked", "confirmed", "burst", "strongest"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


def test_links_chain_into_one_component():
    graph = link_graph(told(together([1, 2], device=7), together([2, 3], device=8)))
    assert graph.accounts == ("acc_1", "acc_2", "acc_3")
    assert graph.component_size.tolist() == [3, 3, 3]
    assert graph.linked.tolist() == [1, 2, 1]


def test_confirmed_neighbours_are_counted_and_not_oneself():
    seen = told(together([1, 2, 3], device=7))
    graph = link_graph(seen, {"acc_1", "acc_2"})
    assert graph.confirmed.tolist() == [1, 1, 2]
    assert [graph.codes(row) for row in range(3)] == [[], [], [Code.LINKED_TO_CONFIRMED]]


@pytest.mark.parametrize("network", [OFFICE, VPN, 0])
def test_colleagues_are_no_component(network):
    seen = told(together(list(range(1, 13)), ip=5, agent=8, block=4, network=network))
    assert link_graph(seen).component_size.max() == 1


def test_a_device_id_that_everybody_has_links_nobody():
    seen = told(together(list(range(1, 201)), device=77, network=HOME))
    graph = link_graph(seen)
    assert graph.component_size.max() == 1
    assert graph.strongest.max() == 0.0
    assert not graph.burst.any()


def test_nothing_shared_is_an_empty_graph():
    assert link_graph([]).accounts == ()
    assert LinkTable(1024).update(log(together([1], device=3))) == []


def test_features_of_an_account_that_shares_nothing_say_that_it_stands_alone():
    graph = link_graph(told(together([1, 2, 3], device=7)), {"acc_2"})
    features = graph.features(["stranger", "acc_1"])
    assert features.shape == (2, len(NAMES))
    assert features[0].tolist() == list(ALONE)
    assert dict(zip(NAMES, features[1], strict=True)) == {
        "component_size": 3,
        "confirmed_share": 0.5,
        "burst": 0,
        "strongest": pytest.approx(1 / np.log2(3)),
    }
