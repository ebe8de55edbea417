"""What is stored of notices: what was to be said, the letter, its deliveries, the addresses.

A delivery's two times say when it is tried next and when it ended; everything else of it is
derived from its attempts. A contact is personal: it is replaced, and deleted on erasure.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from review_api.notices.vocabulary import AttemptResult, Channel, Occasion

ANSWER_LENGTH: Final = 200
_OPEN: Final = text("ended_at IS NULL")


class Notice(Fact, Base):
    """What a customer is to be told; `event` is the place in the case's thread of what it tells.

    `statement` is the statement of reasons where access is restricted, `facts` what else the
    letter needs, `words` what a person wrote to the customer. Nothing leaves before `not_before`.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("case_id", "occasion", "event"),)

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    occasion: Mapped[Occasion] = mapped_column(words(Occasion))
    event: Mapped[int]
    statement: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    letter: Mapped[NoticeLetter | None] = relationship()
    deliveries: Mapped[list[Delivery]] = relationship(order_by="Delivery.id")


class NoticeLetter(Fact, Base):
    """The notice in words, as it left. The link to the status page is put in only on its way."""

    __tablename__ = "notice_letters"

    notice_number: Mapped[int] = mapped_column(ForeignKey("notices.number"), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Delivery(Base):
    """One notice on its way through one channel, until `ended_at`; tried when `due_at` has come."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_number", "channel"),
        Index(
            "ix_deliveries_open",
            "account_id",
            "channel",
            "notice_number",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    notice_number: Mapped[int] = mapped_column(ForeignKey("notices.number"))
    account_id: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    notice: Mapped[Notice] = relationship(back_populates="deliveries")
    attempts: Mapped[list[DeliveryAttempt]] = relationship(order_by="DeliveryAttempt.id")


class DeliveryAttempt(Fact, Base):
    """One attempt: `status` is the receiver's number, `answer` the beginning of what it said."""

    __tablename__ = "delivery_attempts"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[AttemptResult] = mapped_column(words(AttemptResult))
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(String(ANSWER_LENGTH))
    seconds: Mapped[float]


class Contact(Base):
    """Where an account's holder is written to: an e-mail address, sealed."""

    __tablename__ = "contacts"

    account_id: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
