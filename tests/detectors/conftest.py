"""One model of a made-up platform, fitted once for all tests of detectors."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from detectors import training
from detectors.calibration import Calibration
from detectors.model import Model
from tests.detectors.people import platform


@pytest.fixture(scope="session")
def usual():
    """Give the log of sixty honest people."""
    return platform(60)


@pytest.fixture(scope="session")
def fitted(usual):
    return training.fit(lambda: [usual], seed=5, created_at="2026-11-23T09:00:00Z")


@pytest.fixture(scope="session")
def model(fitted):
    """Give the model as fitted: its sixty account-months certify nothing."""
    manifest = msgspec.structs.replace(fitted.manifest, version="m1")
    return Model(fitted.bank, fitted.calibration, manifest)


@pytest.fixture(scope="session")
def certified(model):
    """Give the same detectors as if nine thousand more such people were known: it may pause."""
    maxima = np.repeat(model.calibration.maxima, 150)
    return Model(model.bank, Calibration(maxima), model.manifest)
