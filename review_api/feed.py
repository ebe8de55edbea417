"""Tells whoever listens what changes, over server-sent events (HTML Standard, 9.2).

One look at the database a second serves all who listen, and none is made while nobody does. Who
listens too slowly is let go and comes back by itself. Asynchronous: a thread for each open page
would be too many.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import msgspec
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse

from access.errors import DatabaseUnreachableError
from review_api.errors import ReviewError
from review_api.watch import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy.orm import Session, sessionmaker

    from review_api.watch import Change
    from streams.clock import Clock

LOOK_SECONDS: Final = 1.0
# A comment keeps what is in between from closing a silent connection; each checks the caller anew.
BEAT_SECONDS: Final = 15.0
RETRY_MILLISECONDS: Final = 3000
MOST_WAITING: Final = 256


class EventStream(StreamingResponse):
    """An answer that goes on."""

    media_type = "text/event-stream"


class Feed:
    """Those who listen, and the one who looks for all of them; on one event loop at a time."""

    def __init__(self, readers: sessionmaker[Session], clock: Clock) -> None:
        self._readers = readers
        self._clock = clock
        self._listeners: set[asyncio.Queue[Change | None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def close(self) -> None:
        """Let everybody go, from whatever thread: the server is about to stop."""
        self._closed = True
        if self._loop is not None:
            # A loop that is closed has nobody listening any more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._let_go)

    async def stream(self, still_allowed: Callable[[], object]) -> AsyncIterator[bytes]:
        """Give the stream of one listener; it ends when `still_allowed` raises a `ReviewError`."""
        with self._listening() as queue:
            yield format_sse_event(event="ready", data_str="{}", retry=RETRY_MILLISECONDS)
            check = _Check(still_allowed)
            while not self._closed and await check.passes():
                try:
                    change = await asyncio.wait_for(queue.get(), BEAT_SECONDS)
                except TimeoutError:
                    yield KEEPALIVE_COMMENT
                    continue
                if change is None:
                    break
                yield format_sse_event(event="case", data_str=msgspec.json.encode(change).decode())
            yield format_sse_event(event="bye", data_str="{}")

    @contextmanager
    def _listening(self) -> Iterator[asyncio.Queue[Change | None]]:
        queue: asyncio.Queue[Change | None] = asyncio.Queue(MOST_WAITING)
        self._listeners.add(queue)
        if not self._closed and (self._looking is None or self._looking.done()):
            self._loop = asyncio.get_running_loop()
            self._looking = self._loop.create_task(self._look_for_all())
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    async def _look_for_all(self) -> None:
        watch = Watch()
        while self._listeners and not self._closed:
            with suppress(SQLAlchemyError, DatabaseUnreachableError):
                for change in await asyncio.to_thread(self._look, watch):
                    self._tell(change)
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self, watch: Watch) -> list[Change]:
        with self._readers.begin() as session:
            return watch.look(session, self._clock.now())

    def _tell(self, change: Change) -> None:
        for queue in tuple(self._listeners):
            if queue.full():
                self._dismiss(queue)
            else:
                queue.put_nowait(change)

    def _let_go(self) -> None:
        for queue in tuple(self._listeners):
            self._dismiss(queue)

    def _dismiss(self, queue: asyncio.Queue[Change | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


class _Check:
    """Asks every so often whether the listener may still listen."""

    def __init__(self, still_allowed: Callable[[], object]) -> None:
        self._still_allowed = still_allowed
        self._next = asyncio.get_running_loop().time() + BEAT_SECONDS

    async def passes(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._next:
            return True
        self._next = now + BEAT_SECONDS
        try:
            await asyncio.to_thread(self._still_allowed)
        except (ReviewError, SQLAlchemyError, DatabaseUnreachableError):
            return False
        return True
