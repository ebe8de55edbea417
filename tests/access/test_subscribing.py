from __future__ import annotations

from datetime import timedelta

from access.accounts import lock_account
from access.subscribing import note_subscription, plans_in_use, subscriptions_of
from tests.subscribers import on, said

NOW = on("06-01")
START = said("started", "01-10", "basic", "02-12", event_id="e1")
CANCELLED = said("cancelled", "05-20", event_id="e2")


def note(database, account, *records):
    with database.writers.begin() as session:
        lock_account(session, account, NOW)
        return [note_subscription(session, account, record, NOW) for record in records]


def noted(database, *accounts):
    with database.readers.begin() as session:
        return subscriptions_of(session, accounts)


def test_what_is_noted_is_read_back_as_it_was_said(database):
    assert note(database, "ann", START, CANCELLED) == [True, True]
    found = noted(database, "ann")["ann"]
    assert sorted(found, key=lambda record: record.event_id) == [START, CANCELLED]


def test_many_accounts_are_read_at_once_and_those_unheard_of_are_absent(database):
    note(database, "ann", START)
    note(database, "bob", CANCELLED)
    note(database, "eve", said("started", "01-11", "pro"))
    assert noted(database, "ann", "bob", "carl") == {"ann": [START], "bob": [CANCELLED]}


def test_no_account_is_no_question(database):
    assert noted(database) == {}


def test_a_second_arrival_changes_nothing(database):
    note(database, "ann", START)
    again = said("started", START.at + timedelta(days=3), "ultimate", event_id="e1")
    assert note(database, "ann", again, START) == [False, False]
    assert noted(database, "ann") == {"ann": [START]}


def test_the_plans_that_facts_name_are_told(database):
    note(database, "ann", START, CANCELLED)
    note(database, "eve", said("started", "01-11", "gone"))
    with database.readers.begin() as session:
        assert plans_in_use(session) == {"basic", "gone"}
