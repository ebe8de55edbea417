"""A gateway's own memory of who is paused, fed with the records of `access-changes`.

The newest message of an account counts, and its `until` lets go by itself: what is over is over
here as well, whether or not anybody announces it. An account never heard of is not paused.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from access.errors import BadChangeError

if TYPE_CHECKING:
    from streams.clock import Clock


class _Change(msgspec.Struct, frozen=True):
    """What a message says that matters here; `until` is the pause's end."""

    account_id: str
    paused: bool
    until: datetime | None
    at: datetime


class PauseMirror:
    """Who is paused, as far as was heard. One thread feeds it; any may ask.

    Read the topic from its beginning: it is compacted, so that is one message for each account.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: dict[str, _Change] = {}

    def hear(self, message: bytes) -> None:
        """Take one record's value; a copy that comes late changes nothing.

        Raises `BadChangeError` for what is no such message; then nothing is changed.
        """
        try:
            change = msgspec.json.decode(message, type=_Change)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadChangeError(f"this is no message of access-changes: {error}") from error
        if change.at.tzinfo is None or (change.until is not None and change.until.tzinfo is None):
            raise BadChangeError("this is no message of access-changes: a time without its zone")
        known = self._newest.get(change.account_id)
        if known is None or known.at <= change.at:
            self._newest[change.account_id] = change

    def paused(self, account_id: str) -> bool:
        """Whether the account's monthly quota is paused now."""
        known = self._newest.get(account_id)
        if known is None or not known.paused or known.until is None:
            return False
        return self._clock.now() < known.until
