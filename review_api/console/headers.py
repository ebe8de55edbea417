"""The headers of every console answer: nothing foreign is loaded, framed, sniffed or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Pages show customers' affairs: no cache keeps them, and Back asks again.
    "Cache-Control": "no-store",
}


ONE_YEAR: Final = 31_536_000


class SafeHeaders:
    """Adds `HEADERS` to whatever the application answers, its errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A page may be stricter in its own way, as a model's card is.
                own = headers.get("Content-Security-Policy")
                headers.update(HEADERS)
                if own is not None:
                    headers["Content-Security-Policy"] = own
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
            await send(message)

        await self.app(scope, receive, send_with_headers)
