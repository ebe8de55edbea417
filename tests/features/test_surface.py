from __future__ import annotations

import numpy as np
import pytest

from features.surface import LEAST, WINDOW
from streams.vocabulary import CLIENTS, SYSTEMS
from tests.features.stories import MINUTE, MONDAY, events, read


def requests(count, declared, first=0):
    t = MONDAY + (first + np.arange(count)) * 5 * MINUTE
    return events(t, agent=7, declared=declared)


def test_too_few_user_agents_say_nothing():
    assert np.isnan(read(requests(LEAST - 1, 1))["declared_share"])
    assert read(requests(LEAST, 1))["declared_share"] == 1.0


def test_a_share_of_programs_is_their_share():
    rows = requests(100, 0)
    rows["declared"][:25] = 1
    assert read(rows)["declared_share"] == pytest.approx(0.25)


def test_honest_use_makes_an_old_declaration_fade():
    program, person = requests(WINDOW, 1), requests(2 * WINDOW, 0, first=WINDOW)
    assert read(program)["declared_share"] == 1.0
    faded = read(program, person)["declared_share"]
    assert faded < WINDOW / (3 * WINDOW) / 1.5


def app(count, client, system):
    return events(MONDAY + np.arange(count) * 5 * MINUTE, client=client, system=system)


@pytest.mark.parametrize(
    ("client", "system"),
    [("ios", "ios"), ("ios", "macos"), ("android", "android"), ("android", "linux"),
     ("desktop", "windows"), ("desktop", "macos"), ("desktop", "linux")],
)  # fmt: skip
def test_an_app_on_a_system_it_runs_on_is_no_conflict(client, system):
    found = read(app(LEAST, CLIENTS[client], SYSTEMS[system]))
    assert found["surface_conflict_share"] == 0.0


@pytest.mark.parametrize(
    ("client", "system"), [("ios", "windows"), ("android", "macos"), ("desktop", "ios")]
)
def test_an_app_on_a_system_it_cannot_run_on_is_a_conflict(client, system):
    found = read(app(LEAST, CLIENTS[client], SYSTEMS[system]))
    assert found["surface_conflict_share"] == 1.0


@pytest.mark.parametrize("client", ["web", "plugin", "api"])
def test_a_browser_may_run_anywhere_and_call_itself_anything(client):
    found = read(app(LEAST, CLIENTS[client], SYSTEMS["linux"]))
    assert np.isnan(found["surface_conflict_share"])


def test_an_app_whose_system_is_not_named_is_no_conflict():
    assert np.isnan(read(app(LEAST, CLIENTS["ios"], 0))["surface_conflict_share"])


def test_what_does_not_say_whether_it_was_attested_is_not_counted():
    t = MONDAY + np.arange(3 * LEAST) * MINUTE
    said = np.tile([1, 0, -1], LEAST)
    assert read(events(t, attested=said))["attested_share"] == pytest.approx(0.5)
