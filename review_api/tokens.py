"""API tokens: made once, shown once, kept only as a SHA-256, over at their end or when revoked.

A token is 256 bits of chance, so a plain hash of it can be searched and cannot be reversed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from review_api.errors import NotAllowedError, NotAuthenticatedError
from review_api.records import ApiToken
from review_api.vocabulary import PERMISSIONS, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

# Lets a leaked token be recognised in a log or a repository.
PREFIX: Final = "fairuse_"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a valid token."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Say whether the caller may do this."""
        return permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Refuse the caller who may not do this."""
        if not self.may(permission):
            raise NotAllowedError(f"the role {self.role} does not include {permission}")


def issue_token(  # noqa: PLR0913 - what a token is, and where its words come from
    session: Session,
    name: str,
    role: Role,
    now: datetime,
    chance: Callable[[], str] = secrets.token_urlsafe,
    *,
    expires_at: datetime | None = None,
) -> str:
    """Make a token and give it; nobody can read it again afterwards."""
    token = PREFIX + chance()
    session.add(
        ApiToken(sha256=_digest(token), name=name, role=role, created_at=now, expires_at=expires_at)
    )
    session.flush()
    return token


def revoke_tokens(session: Session, name: str, now: datetime) -> int:
    """End every token of this name at once; give how many there were."""
    ours = select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    tokens = session.scalars(ours).all()
    for token in tokens:
        token.revoked_at = now
    return len(tokens)


def tokens(session: Session) -> Sequence[ApiToken]:
    """Give every token that was ever made, by name."""
    return session.scalars(select(ApiToken).order_by(ApiToken.name, ApiToken.id)).all()


def recognise(
    readers: sessionmaker[Session], writers: sessionmaker[Session], token: str, now: datetime
) -> Caller:
    """Say who holds the token, or raise; once a day it is noted that the token was used.

    In short transactions of its own, so that no request ever holds two connections.
    """
    with readers.begin() as session:
        row = _standing(session, _digest(token), now)
    if row.last_used_on is None or row.last_used_on < now.date():
        used = update(ApiToken).where(ApiToken.id == row.id).values(last_used_on=now.date())
        with writers.begin() as session:
            session.execute(used)
    return Caller(row.name, row.role)


def caller_of(session: Session, token: str, now: datetime) -> Caller:
    """Say who holds the token, or raise `NotAuthenticatedError`."""
    return holder_calling(session, _digest(token), now)


def caller_noted(session: Session, token: str, now: datetime) -> Caller:
    """Say who holds the token and note that it was used today, in the caller's transaction."""
    row = _standing(session, _digest(token), now)
    if row.last_used_on is None or row.last_used_on < now.date():
        row.last_used_on = now.date()
    return Caller(row.name, row.role)


def holder_calling(session: Session, sha256: str, now: datetime) -> Caller:
    """Say who holds the token of this hash, or raise `NotAuthenticatedError`."""
    row = _standing(session, sha256, now)
    return Caller(row.name, row.role)


def _standing(session: Session, sha256: str, now: datetime) -> ApiToken:
    row = session.scalars(
        select(ApiToken).where(ApiToken.sha256 == sha256, ApiToken.revoked_at.is_(None))
    ).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        raise NotAuthenticatedError("the token is unknown, was revoked or is over")
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
