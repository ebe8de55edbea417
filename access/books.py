"""What is stored of plans, credits, quota and jobs: facts, and the two chains that count.

A grant of credits and an account's quota of one model in one month are chains of entries. Each
entry carries its place in the chain and the sum so far; the primary key refuses a fork and a check
refuses a sum below zero, so the database itself keeps what `access.ledger` promises.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, Fact, RowNumber, StoredUnits, UtcDateTime, words
from access.models import ID_LENGTH, NAME_LENGTH
from access.vocabulary import (
    AdmissionEndKind,
    AdmissionOrigin,
    EntryKind,
    GrantKind,
    JobMode,
    Media,
    Queue,
    SubscriptionChange,
)

JOB_ID_LENGTH: Final = 128
MODEL_LENGTH: Final = 64
MONTH_LENGTH: Final = 7

_OPEN: Final = text("ended_at IS NULL")


class SubscriptionFact(Fact, Base):
    """What the platform said of a subscription. `at` is when it took effect."""

    __tablename__ = "subscription_facts"

    event_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[SubscriptionChange] = mapped_column(words(SubscriptionChange))
    plan: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    period_end: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuotaSwitch(Fact, Base):
    """The customer switched quota mode on or off; the newest counts, and none means on."""

    __tablename__ = "quota_switches"
    __table_args__ = (Index("ix_quota_switches_account", "account_id", "id"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    on: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))


class CreditGrant(Fact, Base):
    """Credits that came from one place and end at one time; `until` None is never."""

    __tablename__ = "credit_grants"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[GrantKind] = mapped_column(words(GrantKind))
    units: Mapped[Decimal] = mapped_column(StoredUnits)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    catalogue: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CreditEntry(Fact, Base):
    """One change of what is left of a grant; `after` is what is left then."""

    __tablename__ = "credit_entries"
    __table_args__ = (
        CheckConstraint("after >= 0", name="never_negative"),
        # A job takes from a grant once, and gives back once.
        UniqueConstraint("grant_id", "admission_id", "kind"),
        Index("ix_credit_entries_admission", "admission_id"),
    )

    grant_id: Mapped[str] = mapped_column(ForeignKey("credit_grants.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind] = mapped_column(words(EntryKind))
    admission_id: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    units: Mapped[Decimal] = mapped_column(StoredUnits)
    after: Mapped[Decimal] = mapped_column(StoredUnits)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuotaEntry(Fact, Base):
    """One change of the quota used of a model in a month; `after` is what is used then."""

    __tablename__ = "quota_entries"
    __table_args__ = (
        CheckConstraint("after >= 0", name="never_negative"),
        UniqueConstraint("admission_id", "kind"),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    month: Mapped[str] = mapped_column(String(MONTH_LENGTH), primary_key=True)
    model: Mapped[str] = mapped_column(String(MODEL_LENGTH), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind] = mapped_column(words(EntryKind))
    admission_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    units: Mapped[Decimal] = mapped_column(StoredUnits)
    after: Mapped[Decimal] = mapped_column(StoredUnits)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Admission(Base):
    """A job that may run, and what is reserved for it; `ended_at` is written once."""

    __tablename__ = "admissions"
    __table_args__ = (
        UniqueConstraint("account_id", "job_id"),
        Index("ix_admissions_open", "account_id", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    job_id: Mapped[str] = mapped_column(String(JOB_ID_LENGTH))
    origin: Mapped[AdmissionOrigin] = mapped_column(words(AdmissionOrigin))
    mode: Mapped[JobMode] = mapped_column(words(JobMode))
    queue: Mapped[Queue] = mapped_column(words(Queue))
    model: Mapped[str] = mapped_column(String(MODEL_LENGTH))
    media: Mapped[Media | None] = mapped_column(words(Media))
    feature: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    units: Mapped[Decimal] = mapped_column(StoredUnits)
    month: Mapped[str] = mapped_column(String(MONTH_LENGTH))
    speed: Mapped[float]
    concurrency: Mapped[int]
    turn: Mapped[float | None]
    catalogue: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AdmissionEnd(Fact, Base):
    """How an admitted job ended, once, and what it was charged."""

    __tablename__ = "admission_ends"

    admission_id: Mapped[str] = mapped_column(ForeignKey("admissions.id"), primary_key=True)
    kind: Mapped[AdmissionEndKind] = mapped_column(words(AdmissionEndKind))
    units: Mapped[Decimal] = mapped_column(StoredUnits)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))


class MakeGood(Fact, Base):
    """Quota given for the time of a pause that a person lifted: a share of a month's allowance."""

    __tablename__ = "make_goods"
    __table_args__ = (Index("ix_make_goods_account_month", "account_id", "month"),)

    lease_id: Mapped[str] = mapped_column(ForeignKey("pause_leases.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    month: Mapped[str] = mapped_column(String(MONTH_LENGTH))
    share: Mapped[float]
    seconds: Mapped[float]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class QueueLoad(Base):
    """What the platform last reported of a queue, and the level that follows; one row a queue."""

    __tablename__ = "queue_loads"

    queue: Mapped[Queue] = mapped_column(words(Queue), primary_key=True)
    waiting: Mapped[int]
    running: Mapped[int]
    workers: Mapped[int]
    longest_wait_seconds: Mapped[float]
    level: Mapped[int]
    level_since: Mapped[datetime] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
