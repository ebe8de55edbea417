"""What is stored of the queue: its entries, how they are routed, and the views people save.

`QueueEntry`, `QueueText` and `DetectorShare` are copies, kept so that a page of the queue is cheap:
everything in them is derived from cases (`review_api.queue_entries`, `review_api.detector_shares`)
and can be thrown away and made again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH, NAME_LENGTH
from detectors.verdict import Kind
from review_api.vocabulary import CaseStatus

VIEW_NAME_LENGTH: Final = 60


class QueueEntry(Base):
    """One case that a reviewer is waited for.

    `probability` is the newest verdict's, None where it has none; `detector` and
    `detector_version` name a `DetectorShare`; `price` is what the account's plan costs a month.
    `paused_since` and `paused_until` are those of its lease, which may have lapsed.
    """

    __tablename__ = "queue_entries"
    __table_args__ = (
        Index("ix_queue_entries_paused", "paused_until"),
        Index("ix_queue_entries_opened", "opened_at"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH), index=True)
    kind: Mapped[Kind] = mapped_column(words(Kind))
    status: Mapped[CaseStatus] = mapped_column(words(CaseStatus))
    version: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    abuse: Mapped[float]
    probability: Mapped[float | None]
    detector: Mapped[str] = mapped_column(String(NAME_LENGTH))
    detector_version: Mapped[str] = mapped_column(String(NAME_LENGTH))
    model_version: Mapped[str] = mapped_column(String(NAME_LENGTH))
    country: Mapped[str] = mapped_column(String(NAME_LENGTH))
    plan: Mapped[str] = mapped_column(String(NAME_LENGTH))
    price: Mapped[float]
    paused_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    appealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated: Mapped[bool]
    waits_for_customer: Mapped[bool]
    waits_for_second: Mapped[bool]
    claimed_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class QueueText(Base):
    """The words of one entry: its headline, and what a search looks through, in small letters."""

    __tablename__ = "queue_texts"

    case_id: Mapped[str] = mapped_column(
        ForeignKey("queue_entries.case_id", ondelete="CASCADE"), primary_key=True
    )
    headline: Mapped[str] = mapped_column(Text)
    searched: Mapped[str] = mapped_column(Text)


class DetectorShare(Base):
    """How many of a detector's decided pauses were wrong, as counted at `at`.

    An empty version means every one. The newest row counts; those of the last day are kept, by
    which a list that somebody is reading keeps its order.
    """

    __tablename__ = "detector_shares"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    detector: Mapped[str] = mapped_column(String(NAME_LENGTH), index=True)
    model_version: Mapped[str] = mapped_column(String(NAME_LENGTH))
    wrong: Mapped[int]
    judged: Mapped[int]


class RoutingChange(Fact, Base):
    """From `at` on these rules name the queues; the newest change counts."""

    __tablename__ = "routing_changes"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))


class SavedView(Base):
    """One person's filters under a name; a shared one is everybody's to use."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    owner: Mapped[str] = mapped_column(String(NAME_LENGTH))
    name: Mapped[str] = mapped_column(String(VIEW_NAME_LENGTH))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    shared: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
