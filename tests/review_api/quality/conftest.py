"""What the tests of quality share."""

from __future__ import annotations

import pytest

from tests.house import House


@pytest.fixture
def house(database):
    return House(database)
