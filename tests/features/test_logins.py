from __future__ import annotations

import numpy as np

from features.logins import LEAST
from streams.vocabulary import EventType
from tests.features.stories import DAY, HOUR, MONDAY, events, read

DE, US = 0x4445, 0x5553


def logins(count=40, **columns):
    t = MONDAY + np.arange(count) * DAY
    return read(events(t, EventType.SESSION_STARTED, **columns))["login_surprise"]


def test_the_same_place_and_device_surprise_less_with_every_login():
    often = logins(60, block=7, country=DE, device=3, system=1)
    seldom = logins(6, block=7, country=DE, device=3, system=1)
    assert often < seldom < 1.5


def test_two_own_devices_at_home_and_work_surprise_little():
    places = np.arange(60) % 2
    found = logins(60, block=7 + places, country=DE, device=3 + places, system=1 + places)
    assert found < 2.5


def test_a_new_network_in_the_same_country_surprises_less_than_a_new_country():
    moving = np.arange(40) + 1
    home = logins(block=moving, country=DE, device=3, system=1)
    abroad = logins(block=moving, country=moving, device=3, system=1)
    assert home + 1.0 < abroad


def test_ever_new_devices_in_ever_new_countries_surprise_most():
    moving = np.arange(40) + 1
    strangers = logins(block=moving, country=moving, device=moving, system=moving % 5)
    traveller = logins(block=moving, country=moving, device=3, system=1)
    assert strangers > traveller + 3.0


def test_what_is_not_known_surprises_nobody():
    assert logins(block=0, country=0, device=0) == 0.0


def test_too_few_logins_say_nothing():
    assert np.isnan(logins(LEAST - 1, block=7, country=DE, device=3))


def test_requests_are_no_logins():
    found = read(events(MONDAY + np.arange(99) * HOUR, block=np.arange(99), device=np.arange(99)))
    assert np.isnan(found["login_surprise"])
