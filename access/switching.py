"""The customer's switch: quota mode on or off. Off, a job without a wish of its own takes credits.

Each turn of it is a fact; the newest counts, and none means on. A pause never turns it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from access.accounts import lock_account
from access.books import QuotaSwitch

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class QuotaMode:
    """Whether the account generates on its quota, since when; None is from the start."""

    on: bool = True
    since: datetime | None = None


def quota_mode_of(session: Session, account_id: str) -> QuotaMode:
    """Give the mode that the account's customer has chosen."""
    newest = (
        select(QuotaSwitch.on, QuotaSwitch.at)
        .where(QuotaSwitch.account_id == account_id)
        .order_by(QuotaSwitch.id.desc())
        .limit(1)
    )
    row = session.execute(newest).first()
    return QuotaMode() if row is None else QuotaMode(*row)


def switch_quota_mode(
    session: Session, account_id: str, *, on: bool, actor: str, now: datetime
) -> QuotaMode:
    """Switch it, and give how it stands then; what is so already stays as it was."""
    lock_account(session, account_id, now)
    present = quota_mode_of(session, account_id)
    if present.on == on:
        return present
    session.add(QuotaSwitch(account_id=account_id, on=on, at=now, actor=actor))
    session.flush()
    return QuotaMode(on, now)
