"""What a route may ask for: a session, the time, and who is calling.

One request is one transaction, committed before the reply leaves. The caller is looked up in a
short transaction of its own that ends first, so that no request ever holds two connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session, sessionmaker

from access.catalogue import Catalogue
from review_api.admissions import Item, Reply
from review_api.case_reads import CaseAnswer, CaseAsk
from review_api.counter import Counter
from review_api.errors import BadRequestError, NotAuthenticatedError, TooOftenError
from review_api.feed import Feed
from review_api.monitors.shelf import Shelf
from review_api.pace import Pace
from review_api.policy import ReviewPolicy
from review_api.recent_callers import RecentCallers
from review_api.served import Served
from review_api.status_links import CustomerDoor
from review_api.tokens import Caller, recognise
from review_api.vocabulary import PERMISSIONS, Permission
from streams.clock import Clock

ADMISSIONS: Final = "/v1/admissions"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application was built from."""

    readers: sessionmaker[Session]
    writers: sessionmaker[Session]
    clock: Clock
    policy: ReviewPolicy
    catalogue: Catalogue
    customer: CustomerDoor
    counter: Counter[Item, Reply]
    case_counter: Counter[CaseAsk, CaseAnswer]
    feed: Feed
    recent_callers: RecentCallers
    served: Served
    calls: Pace
    sign_ins: Pace
    body_bytes: int
    shelf: Shelf


def parts_of(request: Request) -> Parts:
    """Give what the application was built from."""
    parts: Parts = request.app.state.parts
    return parts


AppParts = Annotated[Parts, Depends(parts_of)]


def current_time(parts: AppParts) -> datetime:
    """Read the clock once a request, so that everything in it happens at one moment."""
    return parts.clock.now()


def _open_reader(parts: AppParts) -> Iterator[Session]:
    with parts.readers.begin() as session:
        yield session


def _open_writer(parts: AppParts) -> Iterator[Session]:
    with parts.writers.begin() as session:
        yield session


Now = Annotated[datetime, Depends(current_time)]
# Without scope="function" FastAPI commits after the reply has left: a failed commit would
# still show the client a success.
ReadSession = Annotated[Session, Depends(_open_reader, scope="function")]
WriteSession = Annotated[Session, Depends(_open_writer, scope="function")]

NO_TOKEN = "send a token: Authorization: Bearer ..."  # noqa: S105 - the word, not one of them


def once_each(request: Request) -> None:
    """Refuse a parameter given twice: which of the two is meant, nobody can say."""
    names = [name for name, _ in request.query_params.multi_items()]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadRequestError(f"the parameter {twice[0]} stands more than once")


_bearer = HTTPBearer(auto_error=False, description="An API token: `fairuse token`.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def authenticated(request: Request, parts: AppParts, credentials: Credentials, now: Now) -> Caller:
    """Say who is calling; nobody without a valid token gets further."""
    if credentials is None:
        raise NotAuthenticatedError(NO_TOKEN)
    caller = recognise(parts.readers, parts.writers, credentials.credentials, now)
    # Never before a job: one that is not answered in time is admitted by default, unasked.
    if not request.scope["path"].startswith(ADMISSIONS):
        try:
            parts.calls.check(caller.name, now)
        except TooOftenError:
            parts.served.count_slowed("caller")
            raise
    return caller


AnyCaller = Annotated[Caller, Depends(authenticated)]


def allowed(permission: Permission, *others: Permission) -> Callable[[Caller], Caller]:
    """Give the dependency that lets only callers with this permission, or one more, through."""

    def check(caller: AnyCaller) -> Caller:
        if not PERMISSIONS[caller.role].intersection(others):
            caller.require(permission)
        return caller

    return check


AccessReader = Annotated[Caller, Depends(allowed(Permission.READ_ACCESS))]
Admitter = Annotated[Caller, Depends(allowed(Permission.ADMIT))]
CaseReader = Annotated[Caller, Depends(allowed(Permission.READ_CASES))]
CaseDecider = Annotated[Caller, Depends(allowed(Permission.DECIDE))]
CaseOverrider = Annotated[Caller, Depends(allowed(Permission.OVERRIDE))]
Suppressor = Annotated[Caller, Depends(allowed(Permission.SUPPRESS))]
Sweeper = Annotated[Caller, Depends(allowed(Permission.SWEEP))]
ChallengeAnswerer = Annotated[Caller, Depends(allowed(Permission.ANSWER_CHALLENGES))]
QuotaSwitcher = Annotated[Caller, Depends(allowed(Permission.SWITCH_QUOTA))]
Router = Annotated[Caller, Depends(allowed(Permission.ROUTE))]
StandingSetter = Annotated[Caller, Depends(allowed(Permission.SET_STANDING))]
Biller = Annotated[Caller, Depends(allowed(Permission.BOOK_EVENTS))]
LoadReporter = Annotated[Caller, Depends(allowed(Permission.REPORT_LOAD))]
ContactTeller = Annotated[Caller, Depends(allowed(Permission.TELL_CONTACT))]
StatusLinker = Annotated[Caller, Depends(allowed(Permission.LINK_STATUS))]
EnforcementReporter = Annotated[Caller, Depends(allowed(Permission.REPORT_ENFORCEMENT))]
AppealForwarder = Annotated[Caller, Depends(allowed(Permission.APPEAL))]
AppealReader = Annotated[Caller, Depends(allowed(Permission.APPEAL, Permission.READ_CASES))]
AuditReader = Annotated[Caller, Depends(allowed(Permission.READ_AUDIT))]
Eraser = Annotated[Caller, Depends(allowed(Permission.ERASE))]
MetricsReader = Annotated[Caller, Depends(allowed(Permission.READ_METRICS))]
