"""Where customers are written to: e-mail addresses, sealed at rest and shown masked.

Sealed with Fernet under a key of its own, made from the secret that also seals status links, so
that a copy of the database names nobody. Told by the platform, replaced by it, and deleted by it.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete

from review_api.errors import BadRequestError
from review_api.notices.errors import BadMailServerError
from review_api.notices.mail import address_of
from review_api.notices.records import Contact

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_SHOWN: Final = 1


def keep_contact(
    session: Session, secret: bytes, account_id: str, address: str, now: datetime
) -> str:
    """Keep the account's address in place of any before; gives it masked.

    The caller holds the account's lock. `BadRequestError` for what is no address.
    """
    try:
        address_of(address)
    except BadMailServerError as error:
        raise BadRequestError(str(error)) from None
    sealed = _box(secret).encrypt_at_time(address.encode(), int(now.timestamp()))
    contact = session.get(Contact, account_id)
    if contact is None:
        session.add(Contact(account_id=account_id, sealed=sealed, told_at=now))
    else:
        contact.sealed, contact.told_at = sealed, now
    session.flush()
    return masked(address)


def forget_contact(session: Session, account_id: str) -> bool:
    """Delete the account's address; tells whether there was one."""
    gone = session.execute(delete(Contact).where(Contact.account_id == account_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def contact_of(session: Session, secret: bytes, account_id: str) -> str | None:
    """Give the account's address; None where none is kept, or it was sealed with another secret."""
    contact = session.get(Contact, account_id)
    if contact is None:
        return None
    try:
        return _box(secret).decrypt(contact.sealed).decode()
    except InvalidToken:
        return None


def masked(address: str) -> str:
    """Show as much of an address as tells it from another: its first letter and its domain.

    >>> masked("ana@example.org")
    'a…@example.org'
    """
    user, _, domain = address.rpartition("@")
    return f"{user[:_SHOWN]}…@{domain}"


def _box(secret: bytes) -> Fernet:
    # A key of its own: nothing sealed here can pass for a link or a session, nor the reverse.
    key = hashlib.blake2b(secret, digest_size=32, person=b"notice contact").digest()
    return Fernet(base64.urlsafe_b64encode(key))
