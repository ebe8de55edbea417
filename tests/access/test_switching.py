from __future__ import annotations

import pytest
from sqlalchemy import select

from access.books import QuotaSwitch
from access.switching import QuotaMode, quota_mode_of, switch_quota_mode
from tests.verdicts import DAY, MONDAY


@pytest.fixture
def switch(database):
    def turn(on, now=MONDAY, account="acc_1"):
        with database.writers.begin() as session:
            return switch_quota_mode(session, account, on=on, actor="platform", now=now)

    return turn


@pytest.fixture
def mode(database):
    def read(account="acc_1"):
        with database.readers.begin() as session:
            return quota_mode_of(session, account)

    return read


def turns(database):
    with database.readers.begin() as session:
        rows = session.scalars(select(QuotaSwitch).order_by(QuotaSwitch.id))
        return [(row.on, row.at, row.actor) for row in rows]


def test_an_account_that_nobody_switched_generates_on_its_quota(mode):
    assert mode() == QuotaMode(on=True, since=None)


def test_the_newest_turn_counts_and_each_is_kept(switch, mode, database):
    for day, on in enumerate((False, True, False)):
        assert switch(on, MONDAY + day * DAY) == QuotaMode(on, MONDAY + day * DAY)
    assert mode() == QuotaMode(on=False, since=MONDAY + 2 * DAY)
    assert [on for on, _, _ in turns(database)] == [False, True, False]
    assert {actor for _, _, actor in turns(database)} == {"platform"}


def test_switching_to_what_already_is_changes_nothing(switch, mode, database):
    assert switch(on=True) == QuotaMode(on=True, since=None)
    switch(on=False)
    assert switch(on=False, now=MONDAY + DAY) == QuotaMode(on=False, since=MONDAY)
    assert len(turns(database)) == 1


def test_one_account_is_switched_and_no_other(switch, mode):
    switch(on=False)
    assert mode("acc_2").on
