"""What is stored of linked accounts: attributes that several accounts share, and who has them.

An attribute is known by the keyed hash of decoding alone: no address, device or prompt rests here.
Unlike cases these rows are no facts for ever; they are brought up to date and forgotten in time.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from access.columns import Base, RowNumber, UtcDateTime, words
from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from detectors.association import Attribute, Shared


class SharedAttribute(Base):
    """One thing that two or more accounts were seen with, as it was last told."""

    __tablename__ = "shared_attributes"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    shared: Mapped[Shared] = mapped_column(words(Shared))
    degree: Mapped[int]
    networks: Mapped[int]
    burst: Mapped[int]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    @property
    def attribute(self) -> Attribute:
        """The attribute as `detectors.association` judges it."""
        return Attribute(self.shared, self.degree, self.networks, self.burst)


class AttributeMember(Base):
    """One account that was seen with a shared attribute, and the event that told of it."""

    __tablename__ = "attribute_members"

    attribute_id: Mapped[str] = mapped_column(ForeignKey("shared_attributes.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH), primary_key=True, index=True)
    fresh: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    log_partition: Mapped[int]
    log_offset: Mapped[int] = mapped_column(RowNumber)

    shared: Mapped[SharedAttribute] = relationship()
