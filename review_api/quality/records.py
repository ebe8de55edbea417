"""What is stored of quality: how cases came to be, flips, second looks, golden cases, work given.

All five tables only grow. What a look says is compared with decisions and never becomes one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import ID_LENGTH, NAME_LENGTH
from review_api.quality.vocabulary import LookPurpose, Slice, Way
from review_api.vocabulary import Outcome, ReasonCode


class Inclusion(Fact, Base):
    """One way in which a case came to be looked at, and how likely that was beforehand.

    `probability` is above 0 and at most 1: for an audit or a flip the share it was drawn with,
    otherwise 1.
    """

    __tablename__ = "case_inclusions"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    purpose: Mapped[Way] = mapped_column(words(Way), primary_key=True)
    probability: Mapped[float]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FlipSample(Fact, Base):
    """A case that answers for an account which a candidate of this version would newly pause.

    Or, if `released`, would no longer pause.
    """

    __tablename__ = "flip_samples"

    version: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    released: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Look(Fact, Base):
    """What a person who had not seen the case says of it, not knowing what was decided."""

    __tablename__ = "quality_looks"
    __table_args__ = (
        UniqueConstraint("case_id", "reviewer"),
        Index("ix_quality_looks_at", "at"),
        Index("ix_quality_looks_reviewer_at", "reviewer", "at"),
    )

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    purpose: Mapped[LookPurpose] = mapped_column(words(LookPurpose))
    reviewer: Mapped[str] = mapped_column(String(NAME_LENGTH))
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    reason_code: Mapped[ReasonCode] = mapped_column(words(ReasonCode))
    rationale: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class GoldenMark(Fact, Base):
    """A lead says what is known to be true of a decided case; None takes that back.

    The newest mark of a case counts.
    """

    __tablename__ = "golden_marks"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    outcome: Mapped[Outcome | None] = mapped_column(words(Outcome))
    why: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class GivenWork(Fact, Base):
    """A case that a reviewer was given: their `turn`-th of the `day`, out of which share, and why.

    `turn` counts what the reviewer had finished that day, so asking again gives the same.
    """

    __tablename__ = "given_work"
    __table_args__ = (Index("ix_given_work_reviewer_day", "reviewer", "day"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    reviewer: Mapped[str] = mapped_column(String(NAME_LENGTH))
    day: Mapped[str] = mapped_column(String(10))
    turn: Mapped[int]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    share: Mapped[Slice] = mapped_column(words(Slice))
    why: Mapped[str] = mapped_column(String(ID_LENGTH * 4))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
