"""Cookies of the console: unreadable for scripts, unsent by other sites, and bound to this host.

Over HTTPS their names begin with `__Host-`, which browsers keep only if no other host and no page
in the clear can have set them (RFC 6265bis, section 4.1.3.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import timedelta

    from fastapi import Request, Response


def give_cookie(  # noqa: PLR0913 - one argument for each part of a cookie
    request: Request, name: str, value: str, lasts: timedelta, *, of: Response, lax: bool = False
) -> Response:
    """Put a cookie on an answer. `lax` ones also come along when another site leads here."""
    sent: Literal["lax", "strict"] = "lax" if lax else "strict"
    of.set_cookie(
        _name(request, name),
        value,
        max_age=int(lasts.total_seconds()),
        path=_path(request),
        secure=_secret(request),
        httponly=True,
        samesite=sent,
    )
    return of


def read_cookie(request: Request, name: str) -> str | None:
    """Give a cookie that came with a request."""
    return request.cookies.get(_name(request, name))


def drop_cookie(request: Request, name: str, *, of: Response) -> Response:
    """Let the browser forget a cookie."""
    of.delete_cookie(
        _name(request, name), path=_path(request), secure=_secret(request), httponly=True
    )
    return of


def _secret(request: Request) -> bool:
    return request.url.scheme == "https"


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if _secret(request) else name


def _path(request: Request) -> str:
    # The prefix asks for the root.
    return "/" if _secret(request) else request.scope["root_path"] or "/"
