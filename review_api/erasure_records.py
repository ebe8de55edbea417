"""What is stored of erasures: whose personal data were taken out, when, and how much of what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, RowNumber, UtcDateTime
from access.models import NAME_LENGTH


class Erasure(Base):
    """One erasure of one account's personal data; `finished_at` is written once.

    Only while it is unfinished do the database's triggers let words of that account's cases be
    replaced. It begins and ends within one transaction, so nobody else ever sees it so.
    """

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased: Mapped[dict[str, int]] = mapped_column(JSON)
