"""Locking a batch of accounts waits for nobody, so it closes no ring with those who do wait."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.accounts import lock_account, lock_free_accounts
from tests.verdicts import MONDAY


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_an_account_that_somebody_else_is_making_is_left_for_later(database):
    made, held = threading.Event(), threading.Event()

    def subscribe():
        with database.writers.begin() as session:
            lock_account(session, "amy", MONDAY)
            made.set()
            assert held.wait(10)
            return lock_account(session, "zoe", MONDAY).id

    with database.writers.begin() as session:
        lock_account(session, "zoe", MONDAY)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(subscribe)
        assert made.wait(10)
        with database.writers.begin() as session:
            assert lock_free_accounts(session, ["zoe"], MONDAY) == {"zoe"}
            held.set()
            assert lock_free_accounts(session, ["amy", "bob"], MONDAY) <= {"bob"}
        assert other.result(10) == "zoe"
    with database.writers.begin() as session:
        assert lock_free_accounts(session, ["amy", "bob"], MONDAY) == {"amy", "bob"}
