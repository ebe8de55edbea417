"""Who is looking: the signed-in visitor, and whether a form really came from their own page."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form, Request
from sqlalchemy.orm import Session

from detectors.model import Origin
from review_api.addresses import AddressSeal
from review_api.audit import write_audit
from review_api.console.cookies import read_cookie
from review_api.console.sessions import COOKIE, Seal
from review_api.console.sessions import Session as BrowserSession
from review_api.dependencies import AppParts, Now, Parts, WriteSession
from review_api.errors import NotAllowedError, NotAuthenticatedError
from review_api.people import person_calling
from review_api.policy import ReviewPolicy
from review_api.provider import Provider
from review_api.tokens import Caller, holder_calling
from review_api.vocabulary import PERMISSIONS, AuditAction, Permission


@dataclass(frozen=True, slots=True)
class Console:
    """What the console was built from, beside the API's parts."""

    seal: Seal
    provider: Provider | None
    origin_of: Callable[[str], Origin | None]
    addresses: AddressSeal


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is signed in, with the word that their forms send back."""

    caller: Caller
    form_word: str

    @property
    def decides(self) -> bool:
        """Whether the visitor may decide cases."""
        return Permission.DECIDE in PERMISSIONS[self.caller.role]

    @property
    def overrides(self) -> bool:
        """Whether the visitor may act on what others hold or left undone."""
        return Permission.OVERRIDE in PERMISSIONS[self.caller.role]

    @property
    def unmasks(self) -> bool:
        """Whether the visitor may read addresses in full, for a stated reason."""
        return Permission.UNMASK in PERMISSIONS[self.caller.role]

    @property
    def suppresses(self) -> bool:
        """Whether the visitor may hold the machine off an account."""
        return Permission.SUPPRESS in PERMISSIONS[self.caller.role]

    @property
    def leads(self) -> bool:
        """Whether the visitor may act on what other reviewers hold or have decided."""
        return Permission.OVERRIDE in PERMISSIONS[self.caller.role]

    @property
    def sweeps(self) -> bool:
        """Whether the visitor may restore many at once."""
        return Permission.SWEEP in PERMISSIONS[self.caller.role]


def console_of(request: Request) -> Console:
    """Give what the console was built from."""
    console: Console = request.app.state.console
    return console


ConsoleParts = Annotated[Console, Depends(console_of)]
FormWord = Annotated[str, Form(max_length=100)]


def session_of(request: Request, console: ConsoleParts, now: Now) -> BrowserSession | None:
    """Read the session of the request, signed in or not."""
    return console.seal.read(read_cookie(request, COOKIE), now)


AnySession = Annotated[BrowserSession | None, Depends(session_of)]


def signed_in(session: AnySession, console: ConsoleParts, parts: AppParts, now: Now) -> Visitor:
    """Let only those through who may sign in now, in the role they signed in with, and read."""
    if session is None:
        raise NotAuthenticatedError("you are not signed in, or your session is over")
    caller = _caller_of(parts, session, now)
    caller.require(Permission.READ_CASES)
    return Visitor(caller, console.seal.form_word(session))


AnyVisitor = Annotated[Visitor, Depends(signed_in)]


def sent_by_own_page(visitor: AnyVisitor, form_word: FormWord = "") -> Visitor:
    """Refuse a form that another site made the browser send."""
    check_form_word(visitor.form_word, form_word)
    return visitor


def check_form_word(expected: str, given: str) -> None:
    """Compare the word of a form with its session's."""
    if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
        raise NotAllowedError("this form is out of date: go back, load the page again and retry")


FormSender = Annotated[Visitor, Depends(sent_by_own_page)]


def _caller_of(parts: Parts, session: BrowserSession, now: datetime) -> Caller:
    with parts.readers.begin() as database:
        if session.person:
            caller = person_calling(database, session.holder)
        else:
            caller = holder_calling(database, session.holder, now)
    if session.role and session.role != caller.role:
        raise NotAuthenticatedError("your role has changed: sign in again")
    return caller


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to a page: who looks, when, and what the page is made from."""

    request: Request
    visitor: Visitor
    session: Session
    now: datetime
    policy: ReviewPolicy
    origin_of: Callable[[str], Origin | None]

    def note(self, action: AuditAction, *, case_id: str | None = None, detail: str = "") -> None:
        """Write into the audit log what the visitor read or did."""
        caller = self.visitor.caller
        write_audit(self.session, caller, action, self.now, case_id=case_id, detail=detail)


def visit_of(  # noqa: PLR0913, PLR0917 - FastAPI gives each part by its name
    request: Request,
    visitor: AnyVisitor,
    session: WriteSession,
    now: Now,
    parts: AppParts,
    console: ConsoleParts,
) -> Visit:
    """Gather what a page needs; what it reads and what it writes is one transaction."""
    return Visit(request, visitor, session, now, parts.policy, console.origin_of)


AnyVisit = Annotated[Visit, Depends(visit_of)]
