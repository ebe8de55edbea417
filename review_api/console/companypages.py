"""Signing in with a company account: out to the identity provider, and back with its word.

What goes out is remembered in a cookie of ten minutes: the answer's `state`, the token's nonce and
the code's verifier are made from it, so an answer to another browser's question is refused.
"""

from __future__ import annotations

import hmac
import secrets
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from review_api.audit import write_audit
from review_api.console.cookies import drop_cookie, give_cookie, read_cookie
from review_api.console.doors import check_pace, door_page, wanted
from review_api.console.pages import page
from review_api.console.sessions import (
    COOKIE,
    SESSION_LASTS,
    WAY_COOKIE,
    WAY_LASTS,
    Way,
    new_session,
)
from review_api.console.visitors import Console, ConsoleParts
from review_api.dependencies import AppParts, Now, Parts
from review_api.errors import NotAuthenticatedError, ReviewError
from review_api.people import welcome
from review_api.provider import Provider, Question
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Permission

router = APIRouter()

# Nobody has a session yet who comes here.
OPEN_PATHS: Final = frozenset({"/company", "/company/back"})

Said = Annotated[str, Query(max_length=4096)]


@router.get("/company")
def get_company(request: Request, console: ConsoleParts, now: Now, after: Said = "") -> Response:
    """Send the browser to the company's sign-in."""
    way = Way(secrets.token_urlsafe(), wanted(after), now + WAY_LASTS)
    try:
        address = _provider(console).address_for(_question(request, console, way))
    except ReviewError as refusal:
        return door_page(request, console, now, after=after, refusal=refusal)
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    # The way back leads here from another site.
    sealed = console.seal.write(way)
    return give_cookie(request, WAY_COOKIE, sealed, WAY_LASTS, of=answer, lax=True)


@router.get("/company/back")
def get_back(  # noqa: PLR0913 - one argument for each part of the request
    *,
    request: Request,
    console: ConsoleParts,
    parts: AppParts,
    now: Now,
    code: Said = "",
    state: Said = "",
) -> Response:
    """Take the company's word for who it is, and begin a session."""
    # The access log is written from the scope, after this: a code is nobody else's affair.
    request.scope["query_string"] = b""
    way = console.seal.read_way(read_cookie(request, WAY_COOKIE), now)
    try:
        check_pace(request, parts, now)
        caller = _caller(request, console, parts, now, way=way, code=code, state=state)
    except ReviewError as refusal:
        parts.served.count_shut_out("company")
        answer = door_page(request, console, now, after=way.after if way else "", refusal=refusal)
        return drop_cookie(request, WAY_COOKIE, of=answer)
    session = new_session(
        caller.name, now, secrets.token_urlsafe, role=caller.role.value, person=True
    )
    # A page of ours leads on: a redirect would still come from the provider's site, and the
    # session's cookie is not sent then.
    answer = page(request, "signed_in.html", caller=caller, after=way.after if way else "")
    give_cookie(request, COOKIE, console.seal.write(session), SESSION_LASTS, of=answer)
    return drop_cookie(request, WAY_COOKIE, of=answer)


def _caller(  # noqa: PLR0913 - the request's parts, by name
    request: Request,
    console: Console,
    parts: Parts,
    now: Now,
    *,
    way: Way | None,
    code: str,
    state: str,
) -> Caller:
    if not code:
        raise NotAuthenticatedError("the company's sign-in let nobody in")
    if way is None or not hmac.compare_digest(
        state.encode(errors="replace"), console.seal.word(way, "state").encode()
    ):
        raise NotAuthenticatedError("this sign-in was begun elsewhere, or took too long: try again")
    provider = _provider(console)
    identity = provider.identity_for(code, _question(request, console, way), now)
    with parts.writers.begin() as session:
        person = welcome(session, identity, provider.settings.rules, now)
        caller = Caller(person.name, person.role)
        caller.require(Permission.READ_CASES)
        write_audit(session, caller, AuditAction.SIGNED_IN, now)
    return caller


def _provider(console: Console) -> Provider:
    if console.provider is None:
        raise NotAuthenticatedError("no company sign-in is set up here")
    return console.provider


def _question(request: Request, console: Console, way: Way) -> Question:
    here = f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"
    return Question(
        redirect_uri=f"{here}/company/back",
        state=console.seal.word(way, "state"),
        nonce=console.seal.word(way, "nonce"),
        verifier=console.seal.word(way, "verifier"),
    )
