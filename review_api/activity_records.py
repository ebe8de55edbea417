"""What is kept for a time of what accounts did, so that a reviewer can look at it.

Narrow rows for drawing: closed words as the codes of `streams.vocabulary` (0 is absent), times in
microseconds since 1970, sessions, devices and networks as keyed hashes. No prompt comes this far.
Addresses rest apart, once an account and network, sealed. These rows are no facts for ever.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from access.columns import Base
from access.models import ACCOUNT_ID_LENGTH

MODEL_LENGTH: Final = 64
MASKED_LENGTH: Final = 32
SEALED_LENGTH: Final = 255


class ActivityEvent(Base):
    """One usage event of an account.

    The key holds the event's own id as a hash: a second arrival finds the row there. It begins
    with account and time, which is the one way these rows are read.
    """

    __tablename__ = "account_activity"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    account_id: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH), primary_key=True)
    t: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    session: Mapped[int] = mapped_column(BigInteger)
    device: Mapped[int] = mapped_column(BigInteger)
    network: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[int] = mapped_column(SmallInteger)
    client: Mapped[int] = mapped_column(SmallInteger)
    media: Mapped[int] = mapped_column(SmallInteger)
    mode: Mapped[int] = mapped_column(SmallInteger)
    units: Mapped[float]
    model: Mapped[str | None] = mapped_column(String(MODEL_LENGTH))
    feature: Mapped[str | None] = mapped_column(String(MODEL_LENGTH))


class AccountNetwork(Base):
    """One address that an account came from, or that it came from none, and what was said of it.

    `network` is the hash of all that is said here but the times. `zone` is the whole hours that its
    longitude lies east of Greenwich; `block` is its key among `shared_attributes`.
    """

    __tablename__ = "account_networks"

    account_id: Mapped[str] = mapped_column(String(ACCOUNT_ID_LENGTH), primary_key=True)
    network: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger)
    country: Mapped[int] = mapped_column(SmallInteger)
    asn: Mapped[int] = mapped_column(BigInteger)
    zone: Mapped[int | None] = mapped_column(SmallInteger)
    block: Mapped[int] = mapped_column(BigInteger)
    masked: Mapped[str] = mapped_column(String(MASKED_LENGTH))
    sealed: Mapped[str] = mapped_column(String(SEALED_LENGTH))
    first_t: Mapped[int] = mapped_column(BigInteger)
    last_t: Mapped[int] = mapped_column(BigInteger)
