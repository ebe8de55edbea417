"""One small model for all tests of the running program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.registry import Registry
from detectors.training import fit
from streams.decode import decode_table
from streams.decode_places import Places
from streams.raw import Partition
from streams.simulator import simulate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry whose champion was fitted to a small simulated population."""
    folder = tmp_path_factory.mktemp("registry")
    traffic = simulate(150, 3, seed=1)
    batches, done = [], 0
    for table in traffic.tables():
        places = Places.of_records(Partition("simulated", 0), np.arange(done, done + len(table)))
        batches.append(decode_table(table, places).events)
        done += len(table)
    abusive = frozenset(account for account, kind in traffic.labels if kind)
    fitted = fit(lambda: iter(batches), abusive=abusive, origin="simulator")
    Registry(folder).install(
        fitted.bank, fitted.calibration, fitted.manifest, actor="a test", why="it is needed"
    )
    return folder
