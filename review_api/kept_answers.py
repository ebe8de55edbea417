"""Answers kept for a day, so that a change sent twice is done once and answered alike.

The answer is stored in the transaction of the change itself: either both are there or neither.
The header is the one of the IETF's draft "The Idempotency-Key HTTP Header Field"
(draft-ietf-httpapi-idempotency-key-header). Refusals are not kept: they changed nothing, so a
second try is a new one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, RowNumber, UtcDateTime
from access.models import NAME_LENGTH
from review_api.errors import AskedAtOnceError, KeyReusedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from streams.clock import Clock

KEY_LENGTH: Final = 200
KEPT_FOR: Final = timedelta(hours=24)
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:word, 0))")


class KeptAnswer(Base):
    """What a caller was answered under a key of theirs; `asked` is a hash of the request."""

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("caller", "key"), Index("ix_kept_answers_at", "at"))

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    caller: Mapped[str] = mapped_column(String(NAME_LENGTH))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    asked: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


def answer_before(
    session: Session, caller: str, key: str, asked: str, now: datetime
) -> KeptAnswer | None:
    """Give what was answered to this very request before, if it was.

    Until the transaction ends nobody else gets past here with the same key. Raises
    `AskedAtOnceError` while somebody does, `KeyReusedError` if the key was another request's.
    """
    _wait_for_nobody(session, f"{caller}\x1f{key}")
    found = select(KeptAnswer).where(KeptAnswer.caller == caller, KeptAnswer.key == key)
    kept = session.scalars(found).one_or_none()
    if kept is not None and kept.at <= now - KEPT_FOR:
        session.delete(kept)
        session.flush()
        return None
    if kept is not None and kept.asked != asked:
        raise KeyReusedError("this Idempotency-Key was sent with another request")
    return kept


def forget_old_answers(sessions: sessionmaker[Session], clock: Clock) -> int:
    """Forget answers that nobody may ask for any more; give their number."""
    old = delete(KeptAnswer).where(KeptAnswer.at <= clock.now() - KEPT_FOR)
    with sessions.begin() as session:
        return len(session.scalars(old.returning(KeptAnswer.id)).all())


def _wait_for_nobody(session: Session, word: str) -> None:
    # On SQLite the whole transaction has waited for its turn already.
    if session.get_bind().dialect.name != "postgresql":
        return
    if not session.scalar(_ALONE, {"word": word}):
        raise AskedAtOnceError("the same request is being answered: ask again in a moment")
