"""Addresses of customers: masked for every page, sealed at rest, opened for a stated reason.

A seal is Fernet (AES-128-CBC with HMAC-SHA256, from the library `cryptography`) under a key of its
own made from the operator's secret. Without a secret nothing is kept that could be opened.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from review_api.activity_records import SEALED_LENGTH

TOKEN: Final = "h:"  # noqa: S105 - how the platform's own pseudonyms begin
_SHOWN_OF_TOKEN: Final = 6
_V6_NETWORK: Final = 48


def mask_address(address: str) -> str:
    """Give what of an address any reviewer may see: the /24, the /48, a token's beginning.

    >>> mask_address("203.0.113.7"), mask_address("2001:db8:1::7"), mask_address("h:0a1b2c3d4e")
    ('203.0.113.x', '2001:db8:1:x', 'h:0a1b2c…')
    """
    if not address:
        return ""
    if address.startswith(TOKEN):
        return address[: len(TOKEN) + _SHOWN_OF_TOKEN] + "…"
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return "…"
    if read.version == 4:  # noqa: PLR2004 - IPv4
        return str(read).rpartition(".")[0] + ".x"
    block = ipaddress.ip_network((read, _V6_NETWORK), strict=False).network_address
    return block.compressed.rstrip(":") + ":x"


class AddressSeal:
    """Seals addresses and opens them again; made from an empty secret it keeps nothing."""

    def __init__(self, secret: bytes) -> None:
        key = hashlib.blake2b(secret, digest_size=32, person=b"address").digest()
        self._box = Fernet(base64.urlsafe_b64encode(key)) if secret else None

    def seal(self, address: str) -> str:
        """Give the address sealed, "" if there is nothing to seal or to seal it with."""
        if self._box is None or not address:
            return ""
        sealed = self._box.encrypt(address.encode()).decode()
        return sealed if len(sealed) <= SEALED_LENGTH else ""

    def open(self, sealed: str) -> str | None:
        """Give the address, or None if it was not kept or was sealed under another secret."""
        if self._box is None or not sealed:
            return None
        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
