"""Remembers for a few seconds who holds a token, for the routes asked before every job.

A token that was revoked is therefore still good there for `SECONDS` at most; everywhere else it
ends at once. Only callers that were found are remembered, by the token's hash.
"""

from __future__ import annotations

import asyncio
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
        self._known: dict[bytes, tuple[asyncio.Future[Caller], float]] = {}

    async def find(self, authorization: str | None) -> Caller:
        """Say who sends this header; `NotAuthenticatedError` if nobody we know."""
        if authorization is None or not authorization.lower().startswith(_SCHEME):
            raise NotAuthenticatedError("send a token: Authorization: Bearer ...")
        token = authorization[len(_SCHEME) :].strip()
        key = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        found, until = self._known.get(key, (None, 0.0))
        if found is None or until <= self._clock.monotonic():
            found = self._look_up_once(key, token)
        # Whoever gives up waiting must not take the answer from the others.
        return await asyncio.shield(found)

    def _look_up_once(self, key: bytes, token: str) -> asyncio.Future[Caller]:
        """Look the token up for everybody who asks meanwhile; forget what is not found."""
        if len(self._known) >= MOST:
            self._known.clear()
        task = asyncio.ensure_future(run_in_threadpool(self._look_up, token))
        self._known[key] = (task, self._clock.monotonic() + SECONDS)
        task.add_done_callback(lambda done: self._forget_failure(key, done))
        return task

    def _forget_failure(self, key: bytes, done: asyncio.Future[Caller]) -> None:
        failed = done.cancelled() or done.exception() is not None
        if failed and self._known.get(key, (None,))[0] is done:
            del self._known[key]

    def _look_up(self, token: str) -> Caller:
        with self._readers.begin() as session:
            return caller_of(session, token)
