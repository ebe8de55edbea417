from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from review_api.policy import BreakerPolicy, ReviewPolicy
from review_api.records import OutboxMessage
from review_api.relay import relay_once
from review_api.vocabulary import Choice
from streams.clock import ManualClock
from tests.house import House
from tests.verdicts import HOUR, MONDAY, payload

CLOCK = ManualClock(MONDAY)


class Drawer:
    """A sink that keeps what it gets, and breaks when told to."""

    def __init__(self):
        self.records = []
        self.broken = False

    def send(self, records):
        if self.broken:
            raise ConnectionError("the broker is away")
        self.records.extend(records)

    def said(self):
        return [(record.key.decode(), b'"paused":true' in record.value) for record in self.records]


@pytest.fixture
def drawer():
    return Drawer()


def relay(house, drawer, limit=100):
    return relay_once(house.database.writers, drawer.send, CLOCK, limit)


def drain(house, drawer):
    while relay(house, drawer):
        pass


def unsent(house):
    with house.database.readers.begin() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.sent_at.is_(None)))
        return len(rows.all())


def test_an_empty_outbox_sends_nothing(house, drawer):
    assert relay(house, drawer) == 0
    assert drawer.records == []


def test_a_message_leaves_with_its_topic_key_and_stable_id(house, drawer):
    house.take(payload())
    assert relay(house, drawer) == 1
    (record,) = drawer.records
    assert (record.topic, record.key) == ("access-changes", b"acc_1")
    with house.database.readers.begin() as session:
        message = session.scalars(select(OutboxMessage)).one()
    assert record.headers == (("message-id", message.message_id.encode()),)
    assert record.value == message.payload
    assert message.sent_at == MONDAY


def test_a_message_sent_is_not_sent_again(house, drawer):
    house.take(payload())
    drain(house, drawer)
    assert relay(house, drawer) == 0
    assert len(drawer.records) == 1


def test_what_happened_to_an_account_leaves_in_the_order_it_happened(house, drawer):
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD, MONDAY + HOUR)
    house.decide(case_id, now=MONDAY + 2 * HOUR)
    drain(house, drawer)
    assert drawer.said() == [("acc_1", True), ("acc_1", True), ("acc_1", False)]
    assert len({record.headers for record in drawer.records}) == 3


def test_one_account_never_waits_for_another(house, drawer):
    for account in ("acc_1", "acc_2", "acc_3"):
        house.take(payload(account))
    assert relay(house, drawer) == 3


def test_a_broken_sink_loses_nothing_and_marks_nothing(house, drawer):
    house.take(payload())
    drawer.broken = True
    with pytest.raises(ConnectionError):
        relay(house, drawer)
    assert unsent(house) == 1
    drawer.broken = False
    assert relay(house, drawer) == 1


def test_a_crash_after_sending_sends_the_same_message_again_before_anything_newer(house, drawer):
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + HOUR)

    def send_and_crash(records):
        drawer.send(records)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        relay_once(house.database.writers, send_and_crash, CLOCK)
    drain(house, drawer)
    assert drawer.said() == [("acc_1", True), ("acc_1", True), ("acc_1", False)]
    first, again, _ = drawer.records
    assert first == again


@pytest.fixture
def calm_house(database):
    """A house whose breaker lets all the pauses of these tests through."""
    return House(database, ReviewPolicy(breaker=BreakerPolicy(99, 99, 99, 99, restore_share=1.0)))


def test_a_limit_is_kept(calm_house, drawer):
    for number in range(5):
        calm_house.take(payload(f"acc_{number}"))
    assert [relay(calm_house, drawer, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_message_of_a_transaction_that_failed_never_leaves(house, drawer):
    with pytest.raises(RuntimeError), house.database.writers.begin() as session:
        house_take_and_fail(session)
    assert relay(house, drawer) == 0


def house_take_and_fail(session):
    session.add(OutboxMessage(message_id="m", topic="t", key="k", payload=b"{}", created_at=MONDAY))
    session.flush()
    raise RuntimeError


def test_several_relays_at_once_send_everything_once_and_in_order(calm_house, drawer):
    for number in range(10):
        case_id = calm_house.take(payload(f"acc_{number}")).case_id
        calm_house.decide(case_id, Choice.UPHOLD)
        calm_house.decide(case_id, now=MONDAY + HOUR)
    lock, gate = threading.Lock(), threading.Barrier(4)

    def send(records):
        with lock:
            drawer.send(records)

    def work():
        gate.wait(20)
        for _ in range(40):
            relay_once(calm_house.database.writers, send, CLOCK, 3)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert unsent(calm_house) == 0
    assert len(drawer.records) == 30
    for number in range(10):
        told = [paused for key, paused in drawer.said() if key == f"acc_{number}"]
        assert told == [True, True, False]


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_slow_relay_does_not_hold_up_another(house, drawer):
    for account in ("acc_1", "acc_2"):
        house.take(payload(account))

    def send_slowly(records):
        assert relay(house, drawer) == 1
        drawer.send(records)

    assert relay_once(house.database.writers, send_slowly, CLOCK, 1) == 1
    assert drawer.said() == [("acc_2", True), ("acc_1", True)]
