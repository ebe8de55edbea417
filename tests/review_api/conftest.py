"""What the tests of review share."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.queueing import derived, kept


@pytest.fixture
def house(database):
    yield House(database)
    # Whatever happened to the cases, the queue must say the same.
    assert kept(database) == derived(database)
