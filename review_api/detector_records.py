"""What is stored of detectors: what took each pause, and whether each detector may take any.

Both tables only grow. How many pauses were taken lately, and whether a detector acts, are read
from them (`review_api.breaker`, `review_api.standing`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import ID_LENGTH, NAME_LENGTH
from review_api.vocabulary import DetectorStanding


class PauseCause(Fact, Base):
    """What took a case's one pause: the verdict's detector and model, and the account's segments.

    `stratum` and `country` are empty where the verdict did not know them.
    """

    __tablename__ = "pause_causes"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), unique=True)
    verdict_id: Mapped[str] = mapped_column(String(ID_LENGTH))
    detector: Mapped[str] = mapped_column(String(NAME_LENGTH), index=True)
    model_version: Mapped[str] = mapped_column(String(NAME_LENGTH))
    stratum: Mapped[str] = mapped_column(String(NAME_LENGTH))
    country: Mapped[str] = mapped_column(String(NAME_LENGTH))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class StandingChange(Fact, Base):
    """From `since` on the detector acts or only watches, on whose word and why.

    An empty `model_version` covers every version; the newest change that covers a detector counts.
    """

    __tablename__ = "standing_changes"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    detector: Mapped[str] = mapped_column(String(NAME_LENGTH), index=True)
    model_version: Mapped[str] = mapped_column(String(NAME_LENGTH))
    standing: Mapped[DetectorStanding] = mapped_column(words(DetectorStanding))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    why: Mapped[str] = mapped_column(Text)
