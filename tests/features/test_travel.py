from __future__ import annotations

import math

import numpy as np
import pytest

from features.travel import LEAST, distance
from tests.features.stories import HOSTING, HOUR, MINUTE, MONDAY, VPN, events, read

BERLIN, SYDNEY, PARIS = (52.5, 13.4), (-33.9, 151.2), (48.9, 2.4)


def placed(places, step=10 * MINUTE, **columns):
    lat, lon = np.array(places, dtype=np.float32).T
    t = MONDAY + np.arange(len(places)) * step
    return read(events(t, lat=lat, lon=lon, **columns))


def test_distances_are_great_circles():
    assert distance(*BERLIN, *PARIS) == pytest.approx(878, rel=0.02)
    assert distance(*BERLIN, *BERLIN) == 0.0
    assert distance(0.0, 179.5, 0.0, -179.5) == pytest.approx(111, rel=0.01)


def test_who_stays_has_not_travelled():
    found = placed([BERLIN] * 100, device=5)
    assert (found["travel_kmh"], found["travel_share"]) == (0.0, 0.0)


def test_a_flight_that_took_its_time_is_no_jump():
    found = placed([*[BERLIN] * 50, *[PARIS] * 50], step=2 * HOUR, device=5)
    assert found["travel_share"] == 0.0
    assert 300 < math.expm1(found["travel_kmh"]) < 900


def test_two_devices_at_the_ends_of_the_world_jump():
    found = placed([BERLIN, SYDNEY] * 50, device=np.arange(100) % 2 + 1)
    assert found["travel_share"] > 0.95


def test_one_device_that_jumps_is_told_apart():
    found = placed([BERLIN, SYDNEY] * 50, device=5)
    assert found["travel_share"] == 0.0
    assert found["travel_same_device"] == 1.0


@pytest.mark.parametrize("network", [VPN, HOSTING])
def test_the_exits_of_a_vpn_are_no_places(network):
    assert math.isnan(placed([BERLIN, SYDNEY] * 50, network=network)["travel_kmh"])


def test_a_lookup_that_wobbles_inside_a_country_is_no_jump():
    places = [(52.5 + 0.5 * (k % 3), 13.4 + k % 2) for k in range(100)]
    assert placed(places, step=MINUTE, device=np.arange(100) % 2 + 1)["travel_share"] == 0.0


def test_half_a_place_is_no_place():
    assert math.isnan(placed([(52.5, math.nan)] * 100)["travel_kmh"])
    assert math.isnan(placed([BERLIN] * (LEAST - 1))["travel_kmh"])


def test_the_fastest_move_is_forgotten_with_the_month():
    jump = [BERLIN, SYDNEY, *[BERLIN] * 60]
    assert placed(jump, step=24 * HOUR * 1)["travel_kmh"] < math.log1p(900)
    assert placed([*jump, *[BERLIN] * 60], step=24 * HOUR)["travel_kmh"] == 0.0
