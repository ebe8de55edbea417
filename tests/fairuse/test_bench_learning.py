"""The simulated quarter runs to its end and counts what it says it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from detectors import forest
from fairuse.bench.learning import quarter
from fairuse.bench.learning.quarter import Quarter, bench_learning
from fairuse.cli import app
from fairuse.errors import WrongInputError
from streams.simulator import START

DAY = timedelta(days=1)


def test_a_share_counts_each_account_of_the_family_once_and_in_time_only():
    asked = [(START, "a"), (START, "a"), (START + DAY, "b"), (START, "honest")]
    family = frozenset({"a", "b"})
    assert quarter._share(asked, family, START, START + DAY) == 0.5
    assert quarter._share(asked, family, START, START + 2 * DAY) == 1.0
    assert quarter._share(asked, family, START + DAY * 2, START + DAY * 3) == 0.0


def test_a_small_quarter_is_lived_through_and_told(monkeypatch):
    # Ten trees instead of a hundred: they are most of what a small night costs.
    monkeypatch.setitem(forest.fit.__kwdefaults__, "trees", 10)
    monkeypatch.setattr(quarter, "MONTH", 4)
    monkeypatch.setattr(quarter, "WEEKS", 2 * DAY)
    found = {f.name: f for f in bench_learning(Quarter(30, 9, 6, "fixed_interval_bot", 9, 3))}
    assert found["honest accounts paused"].value == 0
    assert "the budget is 10" in found["honest accounts paused"].note
    assert 0 <= found["new family, first week"].value <= 100
    assert "in 3 nights" in found["promotions"].note


def test_a_family_that_nobody_simulates_is_refused():
    with pytest.raises(WrongInputError, match="--family: casual is none of fixed_interval_bot"):
        CliRunner().invoke(app, ["bench", "learning", "--family", "casual"], catch_exceptions=False)
