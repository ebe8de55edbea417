"""Identity against slow formulas over plain lists of devices."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.identity import HOURS, LEAST, SESSION_S, SLOTS
from tests.features.stories import (
    DAY,
    HOSTING,
    HOUR,
    MINUTE,
    MONDAY,
    SECOND,
    VPN,
    events,
    read,
    seconds,
)  # fmt: skip

FR, DE, US, JP = (256 * ord(word[0]) + ord(word[1]) for word in ("FR", "DE", "US", "JP"))
VISITS = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 2500)), min_size=LEAST, max_size=100)


def entropy(counts):
    shares = np.array([count for count in counts if count]) / sum(counts)
    return float(-(shares * np.log(shares)).sum())


def information(pairs):
    """Plug-in mutual information less what Miller and Madow expect of chance alone."""
    xs, ys = zip(*pairs, strict=True)
    both, x, y = Counter(pairs), Counter(xs), Counter(ys)
    plain = entropy(x.values()) + entropy(y.values()) - entropy(both.values())
    return max(plain - (len(both) - len(x) - len(y) + 1) / (2 * len(pairs)), 0.0)


def open_seconds(times):
    """Every second in which the device's session is open, second by second."""
    opened = set()
    for before, now in zip(times[:-1], times[1:], strict=True):  # noqa: RUF007 - reads as a pair
        if now - before < SESSION_S:
            opened.update(range(before, now))
    return opened


@given(VISITS)
@settings(max_examples=40, deadline=None)
def test_overlap_equals_a_count_second_by_second(visits):
    devices, gaps = zip(*visits, strict=True)
    at = MONDAY + np.cumsum(gaps) * SECOND
    per_device = {
        device: [int(t // SECOND) for t, d in zip(at, devices, strict=True) if d == device]
        for device in (1, 2)
    }
    first, second = (open_seconds(times) for times in per_device.values())
    active = len(first) + len(second)
    found = read(events(at, device=devices, block=devices))
    wanted = len(first & second) / active if active else 0.0
    assert found["device_overlap_share"] == pytest.approx(wanted, abs=1e-6)


@given(VISITS)
@settings(max_examples=40, deadline=None)
def test_entropies_and_information_equal_their_slow_formulas(visits):
    devices, gaps = zip(*visits, strict=True)
    at = MONDAY + np.cumsum(gaps) * 60 * SECOND
    hours = (at // (24 // HOURS * HOUR) % HOURS).tolist()
    found = read(events(at, device=devices, model=np.array(devices, dtype=np.uint64) << 17))
    mixed = entropy(Counter(devices).values())
    assert found["device_entropy"] == pytest.approx(mixed)
    pairs = list(zip(devices, hours, strict=True))
    assert found["device_hour_information"] == pytest.approx(information(pairs), abs=1e-9)
    topics = information(list(zip(devices, devices, strict=True)))
    assert found["device_topic_information"] == pytest.approx(topics, abs=1e-9)
    days = {day: [d for d, t in zip(devices, at, strict=True) if t // DAY == day]
            for day in set((at // DAY).tolist()[:])}  # fmt: skip
    done = [held for day, held in days.items() if day != at[-1] // DAY]
    within = sum(len(held) * entropy(Counter(held).values()) for held in done)
    count = sum(map(len, done))
    if count >= LEAST:
        wanted = max(mixed - within / count, 0.0)
        assert found["device_day_information"] == pytest.approx(wanted, abs=1e-5)
    else:
        assert math.isnan(found["device_day_information"])


def test_devices_of_one_household_never_overlap():
    at = MONDAY + np.arange(200) * MINUTE
    turns = np.arange(200) % 2 + 1
    apart = read(events(at, device=turns, block=turns))
    together = read(events(at, device=turns, block=7))
    assert apart["device_overlap_share"] > 0.45
    assert together["device_overlap_share"] == 0.0


def test_a_device_id_that_every_account_has_is_one_device_of_each():
    at = MONDAY + np.arange(80) * MINUTE
    rows = events(at, device=5, block=5, account=np.arange(80) % 2 + 1)
    for account in (0, 1):
        found = read(rows, account=account)
        assert found["devices"] == 0.0
        assert found["device_overlap_share"] == 0.0


def test_switches_and_returns_are_counted_per_act():
    cycle = [(1, 30), (2, 30), (1, 3000)]  # to the other device within a minute, and back
    devices, gaps = zip(*cycle * 20, strict=True)
    at = seconds(*gaps)[:-1]
    found = read(events(at, device=devices))
    assert found["fast_switch_share"] == pytest.approx(40 / 60, abs=1 / 60)
    assert found["interleave_share"] == pytest.approx(20 / 60, abs=1 / 60)


def test_the_ninth_device_takes_the_place_of_the_least_recent():
    turns = np.repeat(np.arange(1, 13), 10)
    found = read(events(MONDAY + np.arange(len(turns)) * HOUR, device=turns))
    assert found["devices"] == pytest.approx(math.log(SLOTS))
    assert found["device_entropy"] == pytest.approx(math.log(SLOTS))


def apart(countries, devices=(1, 2, 3), *, days=6, **columns):
    """Every day a few acts within minutes, each on a device and from a country."""
    at = [MONDAY + day * DAY + k * MINUTE for day in range(days) for k in range(12)]
    where = [countries[k % len(countries)] for k in range(len(at))]
    which = [devices[k % len(devices)] for k in range(len(at))]
    return read(events(at, device=which, country=where, **columns))["days_apart"]


def test_days_apart_need_three_devices_in_three_countries_at_once():
    assert apart((FR, DE, US)) == 6.0


def test_days_apart_are_forgotten_after_a_month_without_another():
    turn = np.arange(72)
    days = MONDAY + turn // 12 * DAY + turn % 12 * MINUTE
    rows = events(days, device=turn % 3 + 1, country=np.array([FR, DE, US])[turn % 3])
    for wait, wanted in ((20, 6.0), (40, 0.0)):
        later = events(days[-1:] + wait * DAY, device=1, country=FR)
        assert read(rows, later)["days_apart"] == wanted
    again = rows[:12].copy()
    again["t"] += 60 * DAY
    assert read(rows, again)["days_apart"] == 1.0


@pytest.mark.parametrize(
    ("countries", "devices", "columns"),
    [
        ((FR, DE), (1, 2), {}),  # a traveller with a phone that stayed on its home network
        ((FR, DE), (1, 2, 3, 4), {}),  # many devices, two countries
        ((FR, DE, US), (1,), {}),  # one device through changing exits
        ((FR, DE, US), (1, 2), {}),
        ((FR,), (1, 2, 3), {}),
        ((0,), (1, 2, 3), {}),  # nobody knows where
        ((FR, DE, US), (1, 2, 3), {"network": VPN}),  # three devices, three VPN exits
    ],
)
def test_fewer_devices_or_countries_are_no_day_apart(countries, devices, columns):
    assert apart(countries, devices, **columns) == 0.0


def test_networks_countries_and_hosting_are_counted():
    at = MONDAY + np.arange(60) * HOUR
    found = read(
        events(at, block=np.arange(60) % 4 + 1, country=np.arange(60) % 3 + 300,
               network=np.where(np.arange(60) % 2, HOSTING, 1))
    )  # fmt: skip
    assert found["network_blocks"] == pytest.approx(math.log(4))
    assert found["countries"] == pytest.approx(math.log(3))
    assert found["hosting_share"] == 0.5


def test_accounts_without_devices_or_agents_say_nothing_of_them():
    found = read(events(MONDAY + np.arange(60) * HOUR))
    unknown = ("devices", "device_overlap_share", "days_apart", "hosting_share", "declared_share")
    assert all(math.isnan(found[name]) for name in unknown)
