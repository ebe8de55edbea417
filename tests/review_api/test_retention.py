from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from review_api.notices.records import Delivery, DeliveryAttempt, Notice
from review_api.notices.vocabulary import AttemptResult, Channel, Occasion
from review_api.policy import ReviewPolicy
from review_api.records import OutboxMessage
from review_api.retention import ROWS_AT_ONCE, forget_old
from streams.clock import ManualClock
from tests.verdicts import DAY, MONDAY, payload

POLICY = ReviewPolicy()


@pytest.fixture
def forget(database):
    return lambda now: forget_old(database.writers, ManualClock(now), POLICY)


def test_a_message_goes_a_month_after_it_left_and_not_before_it_has(house, forget):
    house.take(payload())
    assert house.count(OutboxMessage) == 1
    assert forget(MONDAY + 99 * DAY) == 0
    house.relay()
    assert forget(MONDAY + 30 * DAY) == 0
    assert forget(MONDAY + 30 * DAY + timedelta(seconds=1)) == 1
    assert house.count(OutboxMessage) == 0


def test_how_a_delivery_went_is_kept_while_it_is_under_way(house, database, forget):
    case_id = house.take(payload()).case_id
    with database.writers.begin() as session:
        notice = session.scalars(select(Notice)).first() or Notice(
            id="n1",
            account_id="acc_1",
            case_id=case_id,
            occasion=Occasion.RESTORED,
            event=99,
            statement=None,
            facts={},
            words="",
            created_at=MONDAY,
            not_before=MONDAY,
        )
        session.add(notice)
        session.flush()
        for channel, ended in ((Channel.WEBHOOK, MONDAY), (Channel.EMAIL, None)):
            delivery = Delivery(
                notice_number=notice.number,
                account_id="acc_1",
                channel=channel,
                created_at=MONDAY,
                due_at=MONDAY,
                ended_at=ended,
            )
            session.add(delivery)
            session.flush()
            session.add(
                DeliveryAttempt(
                    delivery_id=delivery.id,
                    at=MONDAY,
                    result=next(iter(AttemptResult)),
                    status=200,
                    answer="",
                    seconds=0.1,
                )
            )
    assert forget(MONDAY + POLICY.attempts_for) == 0
    assert forget(MONDAY + POLICY.attempts_for + DAY) == 1
    assert (house.count(DeliveryAttempt), house.count(Delivery)) == (1, 2)


def test_a_step_is_short_however_much_there_is(database, house, forget):
    with database.writers.begin() as session:
        rows = (
            OutboxMessage(
                message_id=f"m{number}",
                topic="t",
                key="acc_1",
                payload=b"{}",
                created_at=MONDAY,
                sent_at=MONDAY,
            )
            for number in range(ROWS_AT_ONCE + 5)
        )
        session.add_all(rows)
    late = MONDAY + 99 * DAY
    assert [forget(late), forget(late), forget(late)] == [ROWS_AT_ONCE, 5, 0]
