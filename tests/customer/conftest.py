"""What the tests of the customers' pages share."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from review_api.app import ApiSettings, create_app
from review_api.status_links import CustomerDoor, write_link
from streams.clock import ManualClock
from tests.access.platform import Platform
from tests.house import House
from tests.verdicts import MONDAY


@pytest.fixture
def house(database):
    return House(database)


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def door():
    return CustomerDoor(secret=b"a secret of the tests", contact="help@studio.example")


@pytest.fixture
def app(database, clock, door):
    return create_app(database.engine, clock, ApiSettings(customer=door))


@pytest.fixture
def platform(database):
    return Platform(database)


@pytest.fixture
def link(door, clock):
    """Give the path of an account's status page."""

    def path(account="acc_1"):
        word, _ = write_link(door.secret, account, clock.now())
        return f"/status/{word}"

    return path


@pytest.fixture
def anybody(app):
    """Give a client that nobody knows."""
    return TestClient(app, raise_server_exceptions=False)
