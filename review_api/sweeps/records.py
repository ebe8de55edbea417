"""What is stored of sweeps: who is in one, how far it may go, what became of each, exemptions.

All of it only grows. How far a sweep is, and whether it was taken back, is derived.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import ID_LENGTH, NAME_LENGTH
from review_api.sweeps.vocabulary import Stage, SweepResult
from review_api.vocabulary import ReasonCode

SIGNATURE_LENGTH = 500


class Sweep(Fact, Base):
    """One root cause, and the words for restoring everybody it paused.

    `signature` is empty when a person named the cases one by one.
    """

    __tablename__ = "sweeps"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    signature: Mapped[str] = mapped_column(String(SIGNATURE_LENGTH))
    from_case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    reason_code: Mapped[ReasonCode] = mapped_column(words(ReasonCode))
    rationale: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    members: Mapped[list[SweepMember]] = relationship(order_by="SweepMember.place")
    steps: Mapped[list[SweepStep]] = relationship(order_by="SweepStep.id")


class SweepMember(Fact, Base):
    """One case of a sweep as it was found: its place, its version, whether it is read in full."""

    __tablename__ = "sweep_members"
    __table_args__ = (UniqueConstraint("sweep_id", "place"),)

    sweep_id: Mapped[str] = mapped_column(ForeignKey("sweeps.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    place: Mapped[int]
    version: Mapped[int]
    sample: Mapped[bool]


class SweepStep(Fact, Base):
    """A person lets the sweep go on to a stage, or takes it back."""

    __tablename__ = "sweep_steps"
    __table_args__ = (UniqueConstraint("sweep_id", "stage"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    sweep_id: Mapped[str] = mapped_column(ForeignKey("sweeps.id"))
    stage: Mapped[Stage] = mapped_column(words(Stage))
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SweepOutcome(Fact, Base):
    """What became of one case of a sweep; restored, and perhaps taken back later.

    `detail` names the decision that restored it, or says why it was skipped.
    """

    __tablename__ = "sweep_outcomes"
    __table_args__ = (UniqueConstraint("sweep_id", "case_id", "back"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    sweep_id: Mapped[str] = mapped_column(ForeignKey("sweeps.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    back: Mapped[bool]
    result: Mapped[SweepResult] = mapped_column(words(SweepResult))
    detail: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Exemption(Fact, Base):
    """Until `until`, nobody is paused for what looks like `signature`; cases are opened as ever."""

    __tablename__ = "exemptions"
    __table_args__ = (Index("ix_exemptions_signature_until", "signature", "until"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    signature: Mapped[str] = mapped_column(String(SIGNATURE_LENGTH))
    sweep_id: Mapped[str | None] = mapped_column(ForeignKey("sweeps.id"))
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))

    end: Mapped[ExemptionEnd | None] = relationship(lazy="joined")


class ExemptionEnd(Fact, Base):
    """That an exemption was ended early, once, and by whom."""

    __tablename__ = "exemption_ends"

    exemption_id: Mapped[str] = mapped_column(ForeignKey("exemptions.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
