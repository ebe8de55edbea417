"""Remembers for a few seconds who holds a token, for the routes asked before every job.

A token that was revoked is therefore still good there for `SECONDS` at most; everywhere else it
ends at once. Only callers that were found are remembered, by the token's hash.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from review_api.errors import NotAuthenticatedError
from review_api.tokens import Caller, caller_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from streams.clock import Clock

SECONDS: Final = 5.0
# As many services as any platform has; a caller that is looked up again costs one statement.
MOST: Final = 256
_SCHEME: Final = "bearer "


class RecentCallers:
    """Who called lately. Meant for one event loop: nothing here is locked."""

    def __init__(self, readers: sessionmaker[Session], clock: Clock) -> None:
        self._readers = readers
        self._clock = clock
        self._known: dict[bytes, tuple[Caller, float]] = {}

    async def find(self, authorization: str | None) -> Caller:
        """Say who sends this header; `NotAuthenticatedError` if nobody we know."""
        if authorization is None or not authorization.lower().startswith(_SCHEME):
            raise NotAuthenticatedError("send a token: Authorization: Bearer ...")
        token = authorization[len(_SCHEME) :].strip()
        key = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        now = self._clock.monotonic()
        caller, until = self._known.get(key, (None, 0.0))
        if caller is None or until <= now:
            self._known.pop(key, None)
            caller = await run_in_threadpool(self._look_up, token)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = (caller, now + SECONDS)
        return caller

    def _look_up(self, token: str) -> Caller:
        with self._readers.begin() as session:
            return caller_of(session, token)
