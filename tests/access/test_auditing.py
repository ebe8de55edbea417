from __future__ import annotations

import pytest
from sqlalchemy import text

from access.auditing import audit_books
from access.vocabulary import Wish
from tests.access.platform import Platform
from tests.verdicts import DAY, MONDAY


@pytest.fixture
def platform(database):
    made = Platform(database)
    made.say("started", "pro", at=MONDAY - 3 * DAY)
    made.settle(made.ask("j1", seconds=8), 1)
    made.settle(made.ask("j2", wish=Wish.CREDITS, seconds=8), 1)
    made.release(made.ask("j3"))
    made.ask("j4", wish=Wish.CREDITS)
    return made


def faults(platform):
    with platform.database.readers.begin() as session:
        return list(audit_books(session))


def write(platform, statement):
    with platform.database.writers.begin() as session:
        session.execute(text(statement))


def test_books_that_were_kept_by_the_rules_have_no_fault(platform):
    assert faults(platform) == []


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("UPDATE credit_entries SET after = after + 1 WHERE number = 2", "grant does not add up"),
        ("UPDATE credit_entries SET number = 9 WHERE number = 4", "grant does not add up"),
        ("DELETE FROM credit_entries WHERE number = 1", "grant does not add up"),
        ("UPDATE credit_grants SET units = units + 1", "begin with what was granted"),
        ("UPDATE quota_entries SET units = units + 1 WHERE number = 1", "quota does not add up"),
        ("DELETE FROM quota_entries WHERE number = 2", "quota does not add up"),
        ("UPDATE admissions SET ended_at = NULL WHERE job_id = 'j1'", "ended and not how"),
        ("UPDATE admissions SET ended_at = at WHERE job_id = 'j4'", "ended and not how"),
        (
            "UPDATE admission_ends SET units = 5 WHERE kind = 'released'",
            "charged otherwise",
        ),
    ],
)
def test_a_hand_at_the_console_is_found_and_named(platform, statement, wrong):
    write(platform, statement)
    found = faults(platform)
    assert any(wrong in fault.wrong for fault in found)
    assert all(fault.of for fault in found)


def test_a_broken_chain_of_quota_is_named_by_account_month_and_model(platform):
    write(platform, "UPDATE quota_entries SET after = after + 7 WHERE number = 1")
    assert [fault.of for fault in faults(platform)] == ["acc_1 2026-11 reel-3"]
