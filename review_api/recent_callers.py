"""Remembers for a few seconds who holds a token, for the routes asked before every job.

A token that was revoked is therefore still good there for `SECONDS` at most; everywhere else it
ends at once. Only callers that were found are remembered, by the token's hash.
"""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from review_api.errors import NotAuthenticatedError
from review_api.tokens import Caller, recognise

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from streams.clock import Clock

SECONDS: Final = 5.0
# As many services as any platform has; a caller that is looked up again costs one statement.
MOST: Final = 256
_SCHEME: Final = "bearer "


class RecentCallers:
    """Who called lately. Those who ask at the same time share one look."""

    def __init__(
        self, readers: sessionmaker[Session], writers: sessionmaker[Session], clock: Clock
    ) -> None:
        self._readers, self._writers = readers, writers
        self._clock = clock
        self._known: dict[bytes, tuple[Future[Caller], float]] = {}
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="callers")

    async def find(self, authorization: str | None) -> Caller:
        """Say who sends this header; `NotAuthenticatedError` if nobody we know."""
        if authorization is None or not authorization.lower().startswith(_SCHEME):
            raise NotAuthenticatedError("send a token: Authorization: Bearer ...")
        token = authorization[len(_SCHEME) :].strip()
        key = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        found, until = self._known.get(key, (None, 0.0))
        if found is None or until <= self._clock.monotonic() or _failed(found):
            found = self._look(key, token)
        if found.done():
            return found.result()
        # Whoever gives up waiting must not take the answer from the others.
        return await asyncio.shield(asyncio.wrap_future(found))

    def _look(self, key: bytes, token: str) -> Future[Caller]:
        if len(self._known) >= MOST:
            self._known.clear()
        found = self._looking.submit(self._look_up, token)
        self._known[key] = (found, self._clock.monotonic() + SECONDS)
        return found

    def _look_up(self, token: str) -> Caller:
        return recognise(self._readers, self._writers, token, self._clock.now())


def _failed(found: Future[Caller]) -> bool:
    # Only who was found is remembered: a new token, or a database that is back, works at once.
    return found.done() and found.exception() is not None
