"""The status page behind a customer's own link.

No cache keeps it, no search engine lists it, and no page it leads to learns its address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Response

from review_api.customer.contest import read_contests
from review_api.customer.offerpages import READ
from review_api.customer.pages import page
from review_api.customer.status import read_status
from review_api.dependencies import AppParts, Now, Parts, ReadSession
from review_api.models import RATIONALE_LENGTH
from review_api.notices.pinned import latest_statement
from review_api.status_links import read_link

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from review_api.customer.contestpages import Typed
    from review_api.notices.statement import Statement

router = APIRouter()

PRIVATE: Final = {"X-Robots-Tag": "noindex, nofollow, noarchive"}

Word = Annotated[str, Path(max_length=2000)]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a status page: behind which link, whose, and when."""

    word: str
    account_id: str
    parts: Parts
    now: datetime


def look_of(word: Word, parts: AppParts, now: Now) -> Look:
    """Say whose page it is; a word that we did not seal leads to nothing."""
    return Look(word, read_link(parts.customer.secret, word, now), parts, now)


AnyLook = Annotated[Look, Depends(look_of)]


@router.api_route("/status/{word}", methods=READ)
def get_status_page(look: AnyLook, session: ReadSession) -> Response:
    """Show what is paused, why, until when, what still works, and how to contest it."""
    return show_status(look, session)


def show_status(
    look: Look, session: Session, status: HTTPStatus = HTTPStatus.OK, typed: Typed | None = None
) -> Response:
    """Show the page; `typed` is what a form could not take."""
    read = read_status(session, look.account_id, look.parts.catalogue, look.now)
    answer = page(
        "status.html",
        status,
        status=read,
        standing=read.standing,
        subscription=read.standing.subscription,
        contests=read_contests(session, look.account_id, look.now, look.parts.policy),
        statement=reasons_for(session, look.account_id, read.reference),
        typed=typed,
        longest=RATIONALE_LENGTH,
        word=look.word,
        zone=look.parts.catalogue.zone,
        now=look.now,
        contact=look.parts.customer.contact,
        letter=letter_to(look.parts.customer.contact, read.reference),
    )
    answer.headers.update(PRIVATE)
    return answer


def reasons_for(session: Session, account_id: str, reference: str | None) -> Statement | None:
    """Give the statement of reasons of the case that the page names, if it was ever sent one."""
    newest = latest_statement(session, account_id)
    return newest if newest is not None and newest.reference == reference else None


def letter_to(contact: str, reference: str | None) -> str | None:
    """Give the address of the link to write with: a letter that names the case, or a page."""
    if not contact or "://" in contact:
        return contact or None
    subject = f"Review {reference}" if reference else "My account"
    return f"mailto:{contact}?subject={quote(subject)}"
