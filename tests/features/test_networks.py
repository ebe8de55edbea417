from __future__ import annotations

import numpy as np
import pytest

from features.networks import LEAST, WINDOW
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
