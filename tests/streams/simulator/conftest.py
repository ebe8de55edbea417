from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from streams.simulator import mix_of, simulate

if TYPE_CHECKING:
    import pandas as pd


@cache
def _traffic(persona: str, accounts: int, days: float) -> pd.DataFrame:
    simulation = simulate(accounts, days, seed=11, mix=mix_of(persona))
    return pa.concat_tables(simulation.tables()).to_pandas()


@pytest.fixture
def traffic():
    """Events of a population of one persona, as a frame; the same frame to every test."""
    return lambda persona, accounts=12, days=21.0: _traffic(persona, accounts, days).copy()


@pytest.fixture
def requests(traffic):
    """The requests among them."""

    def of(persona: str, accounts: int = 12, days: float = 21.0) -> pd.DataFrame:
        events = traffic(persona, accounts, days)
        return events[events["type"] == "generation.requested"]

    return of
