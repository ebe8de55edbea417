"""Signing in with an API token, and signing out.

A link may carry the token to a page with one button: opening it signs nobody in. The token is
taken out of the request before the server writes its access log, and is never written anywhere.
"""

from __future__ import annotations

import re
import secrets
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

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
    Console,
    ConsoleParts,
    FormSender,
    FormWord,
    check_form_word,
)
from review_api.dependencies import AppParts, Now
from review_api.errors import NotAllowedError, NotAuthenticatedError, ReviewError
from review_api.tokens import caller_of
from review_api.vocabulary import Permission

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
    return _form(request, console, new_session("", now, secrets.token_urlsafe), token, after)


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
    try:
        door = console.seal.read(request.cookies.get(DOOR_COOKIE), now)
        _admit(console, parts, door, token.strip(), form_word)
    except ReviewError as refusal:
        fresh = new_session("", now, secrets.token_urlsafe)
        return _form(request, console, fresh, "", after, refusal)
    home = request.scope["root_path"]
    answer = RedirectResponse(f"{home}/{_wanted(after)}", HTTPStatus.SEE_OTHER)
    session = new_session(holder_of(token.strip()), now, secrets.token_urlsafe)
    return _with_cookie(request, answer, COOKIE, console.seal.write(session))


@router.post("/sign-out")
def post_sign_out(request: Request, _visitor: FormSender) -> Response:
    """Forget the session."""
    home = request.scope["root_path"]
    answer = RedirectResponse(f"{home}/sign-in", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE, path=home or "/", httponly=True, samesite="strict")
    return answer


def _admit(
    console: Console, parts: AppParts, door: Session | None, token: str, form_word: str
) -> None:
    if door is None:
        raise NotAllowedError("This form was out of date. Please send it again.")
    check_form_word(console.seal.form_word(door), form_word)
    with parts.readers.begin() as database:
        try:
            caller = caller_of(database, token)
        except NotAuthenticatedError:
            raise NotAuthenticatedError("This token is unknown or was revoked.") from None
    caller.require(Permission.READ_CASES)


def _wanted(after: str) -> str:
    return after if _CASE.fullmatch(after) else ""


def _form(  # noqa: PLR0913, PLR0917 - what the form shows and what it is sealed with
    request: Request,
    console: Console,
    door: Session,
    token: str,
    after: str,
    refusal: ReviewError | None = None,
) -> Response:
    answer = page(
        request,
        "sign_in.html",
        refusal.status if refusal else HTTPStatus.OK,
        form_word=console.seal.form_word(door),
        token=token,
        after=_wanted(after),
        refusal=refusal,
    )
    return _with_cookie(request, answer, DOOR_COOKIE, console.seal.write(door))


def _with_cookie(request: Request, answer: Response, name: str, value: str) -> Response:
    answer.set_cookie(
        name,
        value,
        max_age=int(SESSION_LASTS.total_seconds()),
        path=request.scope["root_path"] or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer
