"""Sessions as a signed cookie: whose token opened it, a word for its forms, and its end.

The cookie holds the token's hash, never the token, and nothing is stored: who the holder is and
what they may do is looked up at every request, so a revoked token ends its sessions at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE: Final = "fairuse_session"
# Before signing in there is only this one: a link to the form must not end a session.
DOOR_COOKIE: Final = "fairuse_door"
SESSION_LASTS: Final = timedelta(hours=12)


class Session(msgspec.Struct, frozen=True, array_like=True):
    """One browser's session. `holder` is the hash of the token; empty at the door."""

    holder: str
    nonce: str
    ends_at: datetime


def new_session(holder: str, now: datetime, chance: Callable[[], str]) -> Session:
    """Begin a session."""
    return Session(holder, chance(), now + SESSION_LASTS)


def holder_of(token: str) -> str:
    """Name a token by its SHA-256, as the table of tokens does."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


class Seal:
    """Signs sessions so that only who knows the secret can make one."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, session: Session) -> str:
        """Give the session as a cookie's value."""
        body = base64.urlsafe_b64encode(msgspec.json.encode(session)).decode()
        return f"{body}.{self._sign('session', body)}"

    def read(self, cookie: str | None, now: datetime) -> Session | None:
        """Read a cookie's value; None if it is not ours, was altered, or is over."""
        body, _, signature = (cookie or "").partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign("session", body).encode()):
            return None
        try:
            session = msgspec.json.decode(base64.urlsafe_b64decode(body), type=Session)
        except (binascii.Error, msgspec.MsgspecError):  # signed by an older release
            return None
        return session if now < session.ends_at else None

    def form_word(self, session: Session) -> str:
        """Give the word that this session's forms send back: no other site can know it."""
        return self._sign("form", session.nonce)

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._secret, f"{purpose}\x1f{text}".encode(), hashlib.sha256).hexdigest()
