"""What is stored of the monitors: what each night found, and whether the promise is in doubt.

Both tables only grow, and the database refuses any change of them. Neither names an account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base, Fact, RowNumber, UtcDateTime, words
from access.models import NAME_LENGTH
from review_api.monitors.vocabulary import PromiseStanding


class NightFound(Fact, Base):
    """What one night found of one model version.

    `found` carries its own schema number (`review_api.monitors.reports`).
    """

    __tablename__ = "night_reports"

    night: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    model_version: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    found: Mapped[dict[str, Any]] = mapped_column(JSON)


class PromiseChange(Fact, Base):
    """From `since` on the promise is in doubt or trusted again, on whose word and why.

    `e_value` is what the bet against it was worth then, over `judged` audits of which `wrongful`
    had been paused by mistake. The newest change counts.
    """

    __tablename__ = "promise_changes"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    standing: Mapped[PromiseStanding] = mapped_column(words(PromiseStanding))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(NAME_LENGTH))
    why: Mapped[str] = mapped_column(Text)
    e_value: Mapped[float]
    judged: Mapped[int]
    wrongful: Mapped[int]
