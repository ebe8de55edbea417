from __future__ import annotations

import numpy as np
import pytest

from streams.vocabulary import NETWORKS, EventType
from tests.features.stories import CREDITS, DAY, MINUTE, MONDAY, QUOTA, events, read

T = MONDAY + np.arange(120) * 5 * MINUTE


def test_shares_of_networks_are_of_the_gestures_whose_network_is_known():
    names = ["mobile", "business", "vpn", "residential", "unknown", None]
    kinds = [NETWORKS.get(name, 0) for name in names]
    found = read(events(T, network=np.tile(kinds, 20)))
    assert found["mobile_share"] == found["business_share"] == found["vpn_share"] == 0.25


def test_official_jobs_and_jobs_paid_with_credits_are_counted():
    found = read(events(T, official=np.arange(120) % 3 == 0))
    assert found["official_share"] == pytest.approx(1 / 3)
    found = read(events(T, mode=np.where(np.arange(120) % 4 == 0, CREDITS, QUOTA)))
    assert found["credits_share"] == pytest.approx(1 / 4)


def test_keys_without_a_pointer_show_who_works_by_keyboard():
    typed = events(T, EventType.UI_INTERACTION, keys=12, pointer=0)
    assert read(events(T + 1), typed)["keys_share"] == 1.0
    both = events(T, EventType.UI_INTERACTION, keys=12, pointer=36)
    assert read(events(T + 1), both)["keys_share"] == 0.25


def test_a_passed_challenge_halves_and_a_failed_one_doubles_up_to_a_bound():
    def balance(*kinds):
        asked = [events(MONDAY + k * MINUTE, kind) for k, kind in enumerate(kinds)]
        return read(*asked)["challenge_balance"]

    passed, failed = EventType.CHALLENGE_PASSED, EventType.CHALLENGE_FAILED
    assert balance(passed) == -1.0
    assert balance(failed) == 1.0
    assert balance(failed, passed) == 0.0
    assert balance(*[failed] * 9) == 2.0
    assert balance(*[passed] * 9) == -2.0


def test_what_a_challenge_showed_fades_with_use():
    shown = events(MONDAY - DAY, EventType.CHALLENGE_FAILED)
    found = read(shown, events(MONDAY + np.arange(1000) * MINUTE))["challenge_balance"]
    assert 0.0 < found < 0.05
