"""Where a page of a list ended, as an opaque word: what every list by time has in common."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import msgspec

from review_api.errors import BadRequestError


class Place(msgspec.Struct, frozen=True, array_like=True):
    """The moment and the name of the last thing shown."""

    at: datetime
    name: str


def write_place(place: Place) -> str:
    """Give the place as a word that is safe in a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_place(word: str) -> Place:
    """Read a word that `write_place` made; anything else is a `BadRequestError`."""
    try:
        padded = word.encode("ascii") + b"=" * (-len(word) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True)
        place = msgspec.json.decode(plain, type=Place)
    except (UnicodeError, binascii.Error, msgspec.MsgspecError):
        raise BadRequestError("this cursor was not made by this list") from None
    if place.at.tzinfo is None or "\x00" in place.name:
        raise BadRequestError("this cursor was not made by this list")
    return place
