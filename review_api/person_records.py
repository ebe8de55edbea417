"""What is stored of the people who review: a name, a role, and which company account is theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, UtcDateTime, words
from access.models import NAME_LENGTH
from review_api.vocabulary import Role

SUBJECT_LENGTH: Final = 512


class Person(Base):
    """One person. The name is what stands under their decisions, and is never given twice.

    `subject` is the company account that signed in under this name first; nobody else may after
    that. A person is disabled and not removed: what they decided stays theirs.
    """

    __tablename__ = "people"

    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    role: Mapped[Role] = mapped_column(words(Role))
    subject: Mapped[str | None] = mapped_column(String(SUBJECT_LENGTH), unique=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
