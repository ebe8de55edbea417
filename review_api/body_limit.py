"""Refuses a body that is larger than any of ours, before anything reads it.

The rest of a body that is too large is read and dropped, up to a limit: a browser that is cut off
in the middle of sending would show its own error and not our answer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# 4000 characters of four bytes, three times as long in a form, four such fields.
LARGEST: Final = 192 * 1024
_DROPPED: Final = 64 * 1024 * 1024


class BodyLimit:
    """Reads a body of at most `largest` bytes for the application; else answers with `refuse`.

    Bytes are counted as they come: what the sender says of their number is not believed. Paths
    that do not begin with `under` are left to others.
    """

    def __init__(
        self,
        app: ASGIApp,
        refuse: Callable[[Request], Response],
        largest: int = LARGEST,
        under: str = "/",
    ) -> None:
        self.app = app
        self.refuse = refuse
        self.largest = largest
        self.under = under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._looks_at(scope):
            await self.app(scope, receive, send)
            return
        body = await _read(receive, self.largest)
        if body is None:
            refusal = self.refuse(Request(scope))
            refusal.status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            await refusal(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        await self.app(scope, again, send)

    def _looks_at(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] not in {"GET", "HEAD"}
            and scope["path"].startswith(self.under)
        )


async def _read(receive: Receive, largest: int) -> bytes | None:
    """Give the whole body, or None when it is too large or nobody is there any more."""
    kept, size = bytearray(), 0
    while size <= _DROPPED:
        message = await receive()
        size += len(message.get("body", b""))
        if size <= largest:
            kept += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(kept) if size <= largest else None
    return None
