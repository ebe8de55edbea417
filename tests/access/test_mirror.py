from __future__ import annotations

import pytest
from sqlalchemy import select

from access.errors import BadChangeError
from access.mirror import PauseMirror
from review_api.records import OutboxMessage
from review_api.vocabulary import Choice
from streams.clock import ManualClock
from tests.house import House
from tests.verdicts import DAY, MONDAY, payload


@pytest.fixture
def house(database):
    return House(database)


@pytest.fixture
def mirror():
    return PauseMirror(ManualClock(MONDAY))


def messages(house):
    with house.database.readers.begin() as session:
        return list(session.scalars(select(OutboxMessage.payload).order_by(OutboxMessage.id)))


def test_the_mirror_says_what_the_server_says_at_every_moment(house):
    house.take(payload())
    clock = ManualClock(MONDAY)
    mirror = PauseMirror(clock)
    for message in messages(house):
        mirror.hear(message)
    for _ in range(8):
        assert mirror.paused("acc_1") == house.access(clock.now()).paused
        clock.advance(DAY.total_seconds() / 2)
    assert not mirror.paused("acc_1")


def test_a_restore_lets_go_and_a_late_copy_of_the_pause_does_not_take_it_again(house, mirror):
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.RESTORE, MONDAY + DAY)
    pause, restore = messages(house)
    mirror.hear(pause)
    assert mirror.paused("acc_1")
    mirror.hear(restore)
    assert not mirror.paused("acc_1")
    mirror.hear(pause)
    assert not mirror.paused("acc_1")


def test_an_account_never_heard_of_is_not_paused(mirror):
    assert not mirror.paused("acc_1")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"account_id":"acc_1","paused":true}',
        b'{"account_id":"acc_1","paused":1,"until":null,"at":"2026-11-23T09:00:00Z"}',
        b'{"account_id":"acc_1","paused":true,"until":null,"at":"2026-11-23T09:00:00"}',
    ],
)
def test_what_is_no_message_is_refused_and_changes_nothing(message, house, mirror):
    house.take(payload())
    mirror.hear(messages(house)[0])
    with pytest.raises(BadChangeError):
        mirror.hear(message)
    assert mirror.paused("acc_1")
