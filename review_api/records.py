"""What is stored around review: messages waiting to leave, API tokens, the audit log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH, NAME_LENGTH
from review_api.vocabulary import AuditAction, Role

_UNSENT: Final = text("sent_at IS NULL")


class OutboxMessage(Base):
    """A message committed with its cause, to leave afterwards; `sent_at` is written once."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index(
            "ix_outbox_messages_unsent", "key", "id", postgresql_where=_UNSENT, sqlite_where=_UNSENT
        ),
    )

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    topic: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A caller's token, known only by its SHA-256."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    role: Mapped[Role] = mapped_column(words(Role))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # A day is enough to see which tokens nobody needs, and costs one statement a day.
    last_used_on: Mapped[date | None] = mapped_column(Date)


class AuditEntry(Fact, Base):
    """Who read or changed which case, when. Only ever added to."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_action_at", "action", "at"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    role: Mapped[Role] = mapped_column(words(Role))
    action: Mapped[AuditAction] = mapped_column(words(AuditAction))
    case_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    detail: Mapped[str] = mapped_column(String(255))


class AuditLink(Fact, Base):
    """The place of one audit entry in the chain, and the hash of the chain up to it."""

    __tablename__ = "audit_links"

    # Numbered by who seals, without gaps: a gap is a link that somebody took out.
    n: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
