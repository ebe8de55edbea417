"""API tokens: made once, shown once, kept only as a SHA-256, revoked for good.

A token is 256 bits of chance, so a plain hash of it can be searched and cannot be reversed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from review_api.errors import NotAllowedError, NotAuthenticatedError
from review_api.records import ApiToken
from review_api.vocabulary import PERMISSIONS, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

# Lets a leaked token be recognised in a log or a repository.
PREFIX: Final = "fairuse_"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a valid token."""

    name: str
    role: Role

    def require(self, permission: Permission) -> None:
        """Refuse the caller who may not do this."""
        if permission not in PERMISSIONS[self.role]:
            raise NotAllowedError(f"the role {self.role} does not include {permission}")


def issue_token(
    session: Session,
    name: str,
    role: Role,
    now: datetime,
    chance: Callable[[], str] = secrets.token_urlsafe,
) -> str:
    """Make a token and give it; nobody can read it again afterwards."""
    token = PREFIX + chance()
    session.add(ApiToken(sha256=_digest(token), name=name, role=role, created_at=now))
    session.flush()
    return token


def revoke_tokens(session: Session, name: str, now: datetime) -> int:
    """End every token of this name at once; give how many there were."""
    ours = select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    tokens = session.scalars(ours).all()
    for token in tokens:
        token.revoked_at = now
    return len(tokens)


def caller_of(session: Session, token: str) -> Caller:
    """Say who holds the token, or raise `NotAuthenticatedError`."""
    row = session.scalars(
        select(ApiToken).where(ApiToken.sha256 == _digest(token), ApiToken.revoked_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotAuthenticatedError("the token is unknown or was revoked")
    return Caller(row.name, row.role)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
