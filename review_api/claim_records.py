"""What is stored of claims: who held which case, from when until when, and how it ended.

Of a claim only its end is ever written again: heartbeats move `until`, and what ends it fills in
the last three columns. The database itself refuses a second claim that has not ended.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, RowNumber, UtcDateTime, words
from access.models import ID_LENGTH, NAME_LENGTH
from review_api.vocabulary import ClaimEnding

TOKEN_LENGTH: Final = ID_LENGTH
_STANDING: Final = text("ended_at IS NULL")


class Claim(Base):
    """One reviewer's lease on one case. `token` names it; it ends by itself at `until`."""

    __tablename__ = "claims"
    __table_args__ = (
        Index(
            "uq_claims_one_standing",
            "case_id",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
        Index("ix_claims_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    token: Mapped[str] = mapped_column(String(TOKEN_LENGTH), unique=True)
    holder: Mapped[str] = mapped_column(String(NAME_LENGTH))
    since: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    ending: Mapped[ClaimEnding | None] = mapped_column(words(ClaimEnding))


def stands(claim: Claim, now: datetime) -> bool:
    """Whether the claim keeps others from deciding."""
    return claim.ended_at is None and now < claim.until
