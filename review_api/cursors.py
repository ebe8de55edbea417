"""Where a page of the queue ended, as an opaque word that the next request hands back."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Final

import msgspec

from review_api.errors import BadRequestError

_CASE_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_FARTHEST: Final = 2**62


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The moment the first page was made, and the place of the last case shown.

    `learnt` is how much was known of the detectors at that moment (`review_api.detector_shares`).
    """

    as_of: datetime
    paused: int
    weight: int
    case_id: str
    learnt: int = 0


def write_cursor(cursor: Cursor) -> str:
    """Give the cursor as a word that is safe in a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read_cursor(word: str) -> Cursor:
    """Read a word that `write_cursor` made; anything else is a `BadRequestError`."""
    try:
        padded = word.encode("ascii") + b"=" * (-len(word) % 4)
        cursor = msgspec.json.decode(
            base64.b64decode(padded, altchars=b"-_", validate=True), type=Cursor
        )
    except (UnicodeError, binascii.Error, msgspec.MsgspecError):
        raise BadRequestError("this cursor was not made by this list") from None
    if (
        cursor.as_of.tzinfo is None
        or cursor.paused not in {0, 1}
        or max(abs(cursor.weight), abs(cursor.learnt)) > _FARTHEST
        or not _CASE_ID.fullmatch(cursor.case_id)
    ):
        raise BadRequestError("this cursor was not made by this list")
    return cursor
