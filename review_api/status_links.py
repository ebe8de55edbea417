"""Links to a customer's status page: sealed, expiring, and stored nowhere.

A link holds the account and its end under Fernet (AES-128-CBC with HMAC-SHA256, from the library
`cryptography`), so that an address in a browser's history tells nobody whose it is.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from review_api.errors import LinkExpiredError, LinkUnknownError

LINK_LASTS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CustomerDoor:
    """What the customers' pages need to be told.

    `secret` seals the links; without one of the operator's own they end with the program.
    `contact` is an e-mail address or a URL to write to; `public_url` is where customers reach us,
    empty for the address that the platform asks at.
    """

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    contact: str = ""
    public_url: str = ""


class _Link(msgspec.Struct, frozen=True, array_like=True):
    account_id: str
    until: datetime


def write_link(secret: bytes, account_id: str, now: datetime) -> tuple[str, datetime]:
    """Give the word at the end of the account's link, and when the link ends."""
    until = now + LINK_LASTS
    sealed = _box(secret).encrypt_at_time(
        msgspec.json.encode(_Link(account_id, until)), int(now.timestamp())
    )
    return sealed.decode().rstrip("="), until


def read_link(secret: bytes, word: str, now: datetime) -> str:
    """Say whose link it is, or raise `LinkUnknownError` or `LinkExpiredError`."""
    padded = word + "=" * (-len(word) % 4)
    try:
        plain = _box(secret).decrypt(padded.encode())
        link = msgspec.json.decode(plain, type=_Link)
    except (InvalidToken, ValueError, msgspec.MsgspecError):
        raise LinkUnknownError("this link is not complete, or is not ours") from None
    if now >= link.until:
        raise LinkExpiredError("this link is over")
    return link.account_id


def _box(secret: bytes) -> Fernet:
    # A key of its own: nothing sealed here can pass for a session, nor the other way round.
    key = hashlib.blake2b(secret, digest_size=32, person=b"status link").digest()
    return Fernet(base64.urlsafe_b64encode(key))
