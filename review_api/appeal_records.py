"""What is stored of appeals: what a customer contested, in which words, and how it ended.

Where an appeal is, is derived from its case (`review_api.appeals`), never stored.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from access.columns import Base, Fact, UtcDateTime, words
from access.models import ID_LENGTH, NAME_LENGTH
from review_api.models import Case, Decision
from review_api.vocabulary import AppealResult


class Appeal(Fact, Base):
    """A customer contests the pause of a case; `number` counts the appeals of the case from 1."""

    __tablename__ = "appeals"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("ix_appeals_filed_at_id", "filed_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_by: Mapped[str] = mapped_column(String(NAME_LENGTH))

    case: Mapped[Case] = relationship()
    end: Mapped[AppealEnd | None] = relationship(lazy="joined")


class AppealEnd(Fact, Base):
    """How an appeal ended: once, with the decision that answered it."""

    __tablename__ = "appeal_ends"

    appeal_id: Mapped[str] = mapped_column(ForeignKey("appeals.id"), primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    result: Mapped[AppealResult] = mapped_column(words(AppealResult))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    decision: Mapped[Decision] = relationship(lazy="joined")
