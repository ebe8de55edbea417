from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from streams.agents import declares_program, read_agents, system_of
from streams.vocabulary import CLIENTS, SYSTEMS

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0"


@pytest.mark.parametrize(
    "agent",
    [
        CHROME,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1",
        "okhttp/4.12.0",
        "Fairgen/2.1 CFNetwork/1568.200.51 Darwin/24.1.0",
        "Dart/3.5 (dart:io)",
        "Mozilla/5.0 (compatible; screen reader; curly/7.1)",
        "",
    ],
)
def test_browsers_apps_and_odd_agents_declare_nothing(agent):
    assert not declares_program(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "python-requests/2.32.3",
        "curl/8.5.0",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0 Safari/537.36",
        "axios/1.7.7",
    ],
)
def test_libraries_and_drivers_declare_themselves(agent):
    assert declares_program(agent)


def test_on_official_surfaces_for_programs_a_library_name_says_nothing():
    agents = pa.array(["curl/8.5.0", "curl/8.5.0", "curl/8.5.0", None, CHROME])
    clients = np.array([CLIENTS["web"], CLIENTS["api"], CLIENTS["plugin"], 1, 1])

    programs, systems = read_agents(agents, clients)

    assert programs.tolist() == [True, False, False, False, False]
    assert systems.tolist() == [0, 0, 0, 0, SYSTEMS["linux"]]


def test_a_batch_without_any_user_agent_declares_nothing():
    programs, systems = read_agents(pa.nulls(3, pa.string()), np.zeros(3))

    assert not programs.any()
    assert not systems.any()


@pytest.mark.parametrize(
    ("agent", "system"),
    [
        (CHROME, "linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Mobile Safari/604.1", "ios"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "macos"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile Safari/537.36", "android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/132.0", "windows"),
        ("okhttp/4.12.0", None),
        ("", None),
    ],
)
def test_a_user_agent_names_its_operating_system_or_none(agent, system):
    assert system_of(agent) == SYSTEMS.get(system, 0)
