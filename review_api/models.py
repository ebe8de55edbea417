"""What is stored of review: cases, their events, pinned evidence, decisions, suppressions.

A case is a thread of immutable events; its status and version are derived (`review_api.threads`).
The one column written after birth is `Case.closed_at`: by it the database itself refuses a
second case that takes in verdicts for the same account and kind.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import ID_LENGTH, NAME_LENGTH
from detectors.verdict import Action, Kind
from review_api.vocabulary import CaseEventKind, Choice, Fate, Outcome, ReasonCode

RATIONALE_LENGTH: Final = 4000
SUPPRESSION_REASON_LENGTH: Final = 500
_OPEN: Final = text("closed_at IS NULL")


class Case(Base):
    """One account's question about one abuse kind; once closed, later verdicts open another."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_one_open",
            "account_id",
            "kind",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[Kind] = mapped_column(words(Kind))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    events: Mapped[list[CaseEvent]] = relationship(order_by="CaseEvent.sequence")
    evidence: Mapped[list[Evidence]] = relationship(order_by="Evidence.id")
    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.id")


class CaseEvent(Fact, Base):
    """One thing that happened to a case; its sequence number is the case's version from then on."""

    __tablename__ = "case_events"
    __table_args__ = (
        UniqueConstraint("case_id", "sequence"),
        Index("ix_case_events_kind_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    sequence: Mapped[int]
    kind: Mapped[CaseEventKind] = mapped_column(words(CaseEventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class Evidence(Fact, Base):
    """One verdict as it arrived, byte for byte, with the columns that are searched taken out.

    `payload` carries its own schema number and is migrated when read (`review_api.cases`).
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    verdict_id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    action: Mapped[Action] = mapped_column(words(Action))
    abuse: Mapped[float]
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    model_version: Mapped[str] = mapped_column(String(NAME_LENGTH))
    view_fingerprint: Mapped[str] = mapped_column(String(NAME_LENGTH))
    log_topic: Mapped[str] = mapped_column(String(255))
    log_partition: Mapped[int]
    log_offset: Mapped[int] = mapped_column(RowNumber)
    schema: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)


class Decision(Fact, Base):
    """What a person decided, and why.

    It is carried out when `effective_from` has come and, where it `needs_second`, another person
    has agreed. `kind` is what an uphold confirms, `checklist` its answers to the innocent
    explanations (`review_api.checklist`), `answer` the words the customer reads.
    """

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    choice: Mapped[Choice] = mapped_column(words(Choice))
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    reason_code: Mapped[ReasonCode] = mapped_column(words(ReasonCode))
    rationale: Mapped[str] = mapped_column(Text)
    reviewer: Mapped[str] = mapped_column(String(NAME_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[Kind | None] = mapped_column(words(Kind))
    checklist: Mapped[dict[str, str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    needs_second: Mapped[bool]

    end: Mapped[DecisionEnd | None] = relationship(lazy="joined")
    second: Mapped[SecondOpinion | None] = relationship(lazy="joined")


class SecondOpinion(Fact, Base):
    """What a second person thinks of a decision that waits for one."""

    __tablename__ = "second_opinions"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), primary_key=True)
    agrees: Mapped[bool]
    rationale: Mapped[str] = mapped_column(Text)
    reviewer: Mapped[str] = mapped_column(String(NAME_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DecisionEnd(Fact, Base):
    """What became of a decision: once, so that it is carried out or taken back, never both."""

    __tablename__ = "decision_ends"

    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), primary_key=True)
    fate: Mapped[Fate] = mapped_column(words(Fate))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))


class Suppression(Fact, Base):
    """A person holds the machine off one account until `until`: for one abuse kind, or for all."""

    __tablename__ = "suppressions"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[Kind | None] = mapped_column(words(Kind))
    reason: Mapped[str] = mapped_column(String(SUPPRESSION_REASON_LENGTH))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))

    end: Mapped[SuppressionEnd | None] = relationship(lazy="joined")


class SuppressionEnd(Fact, Base):
    """That a suppression was ended early, once, and by whom."""

    __tablename__ = "suppression_ends"

    suppression_id: Mapped[str] = mapped_column(ForeignKey("suppressions.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
