from __future__ import annotations

import numpy as np
import pytest

from features.networks import LEAST
from streams.vocabulary import EventType
from tests.features.stories import MINUTE, MONDAY, SECOND, events, read

HOME, CAFE, RELAY = 11, 12, 99


def requests(count, block=HOME):
    return events(MONDAY + np.arange(count) * 5 * MINUTE, block=block)


def views(count, block, kind=EventType.RESULT_VIEWED):
    return events(MONDAY + 10 * SECOND + np.arange(count) * 5 * MINUTE, kind, block=block)


def test_results_fetched_where_they_were_asked_for_are_not_foreign():
    assert read(requests(200), views(200, HOME))["foreign_fetch_share"] == 0.0


def test_an_account_that_moves_to_a_cafe_fetches_nothing_foreign_there():
    t = MONDAY + np.arange(200) * 5 * MINUTE
    blocks = np.where(np.arange(200) % 50 < 25, HOME, CAFE)
    found = read(events(t, block=blocks), events(t + 9, EventType.RESULT_VIEWED, block=blocks))
    assert found["foreign_fetch_share"] <= 1 / 100


@pytest.mark.parametrize(
    "kind", [EventType.RESULT_VIEWED, EventType.RESULT_DOWNLOADED, EventType.RESULT_SHARED]
)
def test_results_that_go_to_networks_which_asked_for_none_are_foreign(kind):
    assert read(requests(200), views(200, RELAY, kind))["foreign_fetch_share"] == 1.0


def test_an_unknown_network_says_nothing_of_a_fetch():
    assert np.isnan(read(requests(200), views(200, 0))["foreign_fetch_share"])


def test_before_an_accounts_networks_are_known_nothing_is_foreign():
    assert np.isnan(read(requests(LEAST - 1), views(100, RELAY))["foreign_fetch_share"])
