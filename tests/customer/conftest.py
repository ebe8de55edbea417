"""What the tests of the customers' pages share."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from review_api.app import create_app
from streams.clock import ManualClock
from tests.house import House
from tests.verdicts import MONDAY


@pytest.fixture
def house(database):
    return House(database)


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def app(database, clock):
    return create_app(database.engine, clock)


@pytest.fixture
def anybody(app):
    """Give a client that nobody knows."""
    return TestClient(app, raise_server_exceptions=False)
