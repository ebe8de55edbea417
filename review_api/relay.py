"""Empties the outbox into a sink: at least once, in order for each account.

A message is marked sent only after the sink has said it is durable, so a crash in between sends
it again, with the same `message-id` header and before anything newer of that account. Several
relays may run: on PostgreSQL they share the accounts between them, on SQLite they take turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from review_api.records import OutboxMessage
from streams.transport import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from streams.clock import Clock

BATCH: Final = 500
MESSAGE_ID: Final = "message-id"


def relay_once(
    sessions: sessionmaker[Session],
    send: Callable[[Sequence[Record]], None],
    clock: Clock,
    limit: int = BATCH,
) -> int:
    """Send up to `limit` messages, at most one an account; give their number.

    Zero means that nothing was waiting, or that other relays are at it. What `send` raises goes
    through, and nothing is marked.
    """
    with sessions.begin() as session:
        messages = _next_of_each_account(session, limit)
        if not messages:
            return 0
        send([_record(message) for message in messages])
        sent_at = clock.now()
        for message in messages:
            message.sent_at = sent_at
        return len(messages)


def _next_of_each_account(session: Session, limit: int) -> Sequence[OutboxMessage]:
    earlier = aliased(OutboxMessage)
    overtakes = exists().where(
        earlier.sent_at.is_(None),
        earlier.key == OutboxMessage.key,
        earlier.topic == OutboxMessage.topic,
        earlier.id < OutboxMessage.id,
    )
    return session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), ~overtakes)
        .order_by(OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=OutboxMessage)
    ).all()


def _record(message: OutboxMessage) -> Record:
    return Record(
        topic=message.topic,
        key=message.key.encode(),
        value=message.payload,
        headers=((MESSAGE_ID, message.message_id.encode()),),
    )
