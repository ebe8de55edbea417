"""Who may decide cases: whom a case can be handed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from review_api.records import ApiToken
from review_api.vocabulary import PERMISSIONS, Permission, Role

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def reviewers(session: Session) -> tuple[str, ...]:
    """Give the names of all who may decide now, in order."""
    able = [role for role in Role if Permission.DECIDE in PERMISSIONS[role]]
    found = select(ApiToken.name).where(ApiToken.role.in_(able), ApiToken.revoked_at.is_(None))
    return tuple(session.scalars(found.distinct().order_by(ApiToken.name)))


def may_decide(session: Session, name: str) -> bool:
    """Whether somebody of this name may decide now."""
    return name in reviewers(session)
