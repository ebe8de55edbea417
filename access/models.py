"""What is stored of access: accounts, pause leases, measures short of a pause, clearances.

State is derived from these facts (`access.leases`, `access.measures`), never stored beside them.
The one column written after birth is `PauseLease.ended_at`: by it the database itself refuses a
second open lease.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.vocabulary import Entitlement, LeaseEventKind, MeasureEndKind, MeasureKind

ACCOUNT_ID_LENGTH: Final = 128
ID_LENGTH: Final = 64
NAME_LENGTH: Final = 128

_OPEN: Final = text("ended_at IS NULL")


class Account(Base):
    """Who holds a plan. Its row is also the lock under which its access may change."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH), primary_key=True)
    plan: Mapped[str | None] = mapped_column(String(64))
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)


class PauseLease(Base):
    """A pause of one entitlement of one account, asked for by one case, with an end from birth."""

    __tablename__ = "pause_leases"
    __table_args__ = (
        Index(
            "uq_pause_leases_one_open",
            "account_id",
            "entitlement",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        # Credits are paid for: the database, too, refuses to pause them.
        CheckConstraint("entitlement = 'monthly_quota'", name="quota_only"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    entitlement: Mapped[Entitlement] = mapped_column(words(Entitlement))
    case_id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    reason: Mapped[str] = mapped_column(String(500))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    events: Mapped[list[LeaseEvent]] = relationship(order_by="LeaseEvent.sequence")


class LeaseEvent(Fact, Base):
    """One thing that happened to a lease. `until` is the end it set, if it set one."""

    __tablename__ = "lease_events"
    __table_args__ = (UniqueConstraint("lease_id", "sequence"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    lease_id: Mapped[str] = mapped_column(ForeignKey("pause_leases.id"))
    sequence: Mapped[int]
    kind: Mapped[LeaseEventKind] = mapped_column(words(LeaseEventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))


class Clearance(Fact, Base):
    """A person cleared the account: until then no machine may pause this entitlement."""

    __tablename__ = "clearances"
    __table_args__ = (Index("ix_clearances_account_until", "account_id", "entitlement", "until"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    entitlement: Mapped[Entitlement] = mapped_column(words(Entitlement))
    case_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))


class Measure(Fact, Base):
    """A speed hold or a challenge, asked for by one case, with its latest end from birth.

    It names no entitlement: nothing an account may use is taken away by it.
    """

    __tablename__ = "measures"
    # A case asks for each at most once in its life.
    __table_args__ = (UniqueConstraint("case_id", "kind"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[MeasureKind] = mapped_column(words(MeasureKind))
    case_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    reason: Mapped[str] = mapped_column(String(500))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))

    end: Mapped[MeasureEnd | None] = relationship(lazy="joined")


class MeasureEnd(Fact, Base):
    """That a measure ended before its time, once, and by whose hand."""

    __tablename__ = "measure_ends"

    measure_id: Mapped[str] = mapped_column(ForeignKey("measures.id"), primary_key=True)
    kind: Mapped[MeasureEndKind] = mapped_column(words(MeasureEndKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
