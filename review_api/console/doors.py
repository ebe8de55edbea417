"""Signing in with an API token, and signing out.

A link may carry the token to a page with one button: opening it signs nobody in. The token is
taken out of the request before the server writes its access log, and is never written anywhere.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from http import HTTPStatus
from math import ceil
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from review_api.audit import write_audit
from review_api.console.cookies import drop_cookie, give_cookie, read_cookie
from review_api.console.pages import page
from review_api.console.sessions import (
    COOKIE,
    DOOR_COOKIE,
    SESSION_LASTS,
    Session,
    holder_of,
    new_session,
)
from review_api.console.visitors import (
    AnySession,
    Console,
    ConsoleParts,
    FormSender,
    FormWord,
    check_form_word,
)
from review_api.dependencies import AppParts, Now, Parts
from review_api.errors import NotAllowedError, NotAuthenticatedError, ReviewError, TooOftenError
from review_api.tokens import Caller, recognise
from review_api.vocabulary import AuditAction, Permission

router = APIRouter()

# The only console paths that answer without a session, beside the style sheet and the script.
OPEN_PATHS: Final = frozenset({"/sign-in"})

# Where one may be led after signing in: a case, and never another site.
_CASE: Final = re.compile(r"cases/[0-9A-Za-z_-]{1,64}")

Token = Annotated[str, Form(max_length=200)]
TokenInLink = Annotated[str, Query(max_length=200)]


@router.get("/sign-in")
def get_sign_in(
    request: Request, console: ConsoleParts, now: Now, token: TokenInLink = "", after: str = ""
) -> Response:
    """Show the form; a token that came in the link is already in it."""
    # The access log is written from the scope, after this.
    request.scope["query_string"] = b""
    return door_page(request, console, now, token=token, after=after)


@router.post("/sign-in")
def post_sign_in(  # noqa: PLR0913 - one argument for each part of the request
    *,
    request: Request,
    console: ConsoleParts,
    parts: AppParts,
    now: Now,
    token: Token = "",
    after: Annotated[str, Form()] = "",
    form_word: FormWord = "",
) -> Response:
    """Turn the token into a session of its own."""
    token = token.strip()
    try:
        check_pace(request, parts, now)
        door = console.seal.read(read_cookie(request, DOOR_COOKIE), now)
        caller = _admit(console, parts, door, token, form_word, now)
    except ReviewError as refusal:
        parts.served.count_shut_out("token")
        return door_page(request, console, now, after=after, refusal=refusal)
    home = request.scope["root_path"]
    answer = RedirectResponse(f"{home}/{wanted(after)}", HTTPStatus.SEE_OTHER)
    session = new_session(holder_of(token), now, secrets.token_urlsafe, role=caller.role.value)
    return give_cookie(request, COOKIE, console.seal.write(session), SESSION_LASTS, of=answer)


@router.post("/sign-out")
def post_sign_out(
    request: Request, visitor: FormSender, session: AnySession, parts: AppParts, now: Now
) -> Response:
    """Forget the session. Another in the same browser, of the company, is the company's."""
    if session and session.person:
        with parts.writers.begin() as database:
            write_audit(database, visitor.caller, AuditAction.SIGNED_OUT, now)
    answer = RedirectResponse(f"{request.scope['root_path']}/sign-in", HTTPStatus.SEE_OTHER)
    return drop_cookie(request, COOKIE, of=answer)


def check_pace(request: Request, parts: Parts, now: datetime) -> None:
    """Let an address try to sign in only so often."""
    try:
        parts.sign_ins.check(request.client.host if request.client else "", now)
    except TooOftenError:
        parts.served.count_slowed("address")
        raise


def wanted(after: str) -> str:
    """Give where a visitor is led after signing in: a case, or the queue; never another site."""
    return after if _CASE.fullmatch(after) else ""


def door_page(  # noqa: PLR0913 - what the form shows and what it is sealed with
    request: Request,
    console: Console,
    now: datetime,
    *,
    token: str = "",
    after: str = "",
    refusal: ReviewError | None = None,
) -> Response:
    """Show the door, with a form that only this browser can send back."""
    door = new_session("", now, secrets.token_urlsafe)
    answer = page(
        request,
        "sign_in.html",
        refusal.status if refusal else HTTPStatus.OK,
        form_word=console.seal.form_word(door),
        token=token,
        after=wanted(after),
        refusal=refusal,
        company=console.provider is not None,
    )
    if isinstance(refusal, TooOftenError):
        answer.headers["Retry-After"] = str(ceil(refusal.wait.total_seconds()))
    return give_cookie(request, DOOR_COOKIE, console.seal.write(door), SESSION_LASTS, of=answer)


def _admit(  # noqa: PLR0913, PLR0917 - what is sent, and what it is checked against
    console: Console,
    parts: AppParts,
    door: Session | None,
    token: str,
    form_word: str,
    now: datetime,
) -> Caller:
    if door is None:
        raise NotAllowedError("This form was out of date. Please send it again.")
    check_form_word(console.seal.form_word(door), form_word)
    try:
        caller = recognise(parts.readers, parts.writers, token, now)
    except NotAuthenticatedError:
        raise NotAuthenticatedError("This token is unknown, was revoked or is over.") from None
    caller.require(Permission.READ_CASES)
    return caller
