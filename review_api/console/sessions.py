"""Sessions as a signed cookie: whose they are, a word for their forms, and their end.

The cookie holds a person's name or a token's hash, never the token, and nothing is stored: who the
holder is and what they may do is looked up at every request. So a revoked token, a disabled person
and a changed role end their sessions at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE: Final = "fairuse_session"
# Before signing in there is only this one: a link to the form must not end a session.
DOOR_COOKIE: Final = "fairuse_door"
# On the way to the company's sign-in and back.
WAY_COOKIE: Final = "fairuse_way"
SESSION_LASTS: Final = timedelta(hours=12)
WAY_LASTS: Final = timedelta(minutes=10)


class Session(msgspec.Struct, frozen=True, array_like=True):
    """One browser's session, in the role it was opened in; nobody's and in none at the door.

    `holder` is the hash of the token, or the name of the `person` who signed in.
    """

    holder: str
    nonce: str
    ends_at: datetime
    role: str = ""
    person: bool = False


class Way(msgspec.Struct, frozen=True, array_like=True):
    """A browser on its way to the company's sign-in and back: where to, and our word for it."""

    nonce: str
    after: str
    ends_at: datetime


T = TypeVar("T", Session, Way)


def new_session(
    holder: str,
    now: datetime,
    chance: Callable[[], str],
    *,
    role: str = "",
    person: bool = False,
) -> Session:
    """Begin a session."""
    return Session(holder, chance(), now + SESSION_LASTS, role, person)


def holder_of(token: str) -> str:
    """Name a token by its SHA-256, as the table of tokens does."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


class Seal:
    """Signs sessions so that only who knows the secret can make one."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, session: Session | Way) -> str:
        """Give the session as a cookie's value."""
        body = base64.urlsafe_b64encode(msgspec.json.encode(session)).decode()
        return f"{body}.{self._sign(_purpose(type(session)), body)}"

    def read(self, cookie: str | None, now: datetime) -> Session | None:
        """Read a cookie's value; None if it is not ours, was altered, or is over."""
        return self._read(cookie, now, Session)

    def read_way(self, cookie: str | None, now: datetime) -> Way | None:
        """Read the cookie of a way; None likewise."""
        return self._read(cookie, now, Way)

    def form_word(self, session: Session) -> str:
        """Give the word that this session's forms send back: no other site can know it."""
        return self._sign("form", session.nonce)

    def word(self, way: Way, purpose: str) -> str:
        """Give a word for one purpose that only this way can have."""
        return self._sign(f"way {purpose}", way.nonce)

    def _read(self, cookie: str | None, now: datetime, kind: type[T]) -> T | None:
        body, _, signature = (cookie or "").partition(".")
        if not hmac.compare_digest(
            signature.encode(errors="replace"), self._sign(_purpose(kind), body).encode()
        ):
            return None
        try:
            session = msgspec.json.decode(base64.urlsafe_b64decode(body), type=kind)
        except (binascii.Error, msgspec.MsgspecError):  # signed by an older release
            return None
        return session if now < session.ends_at else None

    def _sign(self, purpose: str, text: str) -> str:
        said = f"{purpose}\x1f{text}".encode(errors="replace")
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()


def _purpose(kind: type) -> str:
    return kind.__name__.lower()
