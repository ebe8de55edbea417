"""The status page behind a customer's own link.

No cache keeps it, no search engine lists it, and no page it leads to learns its address.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Response

from review_api.customer.offerpages import READ
from review_api.customer.pages import page
from review_api.customer.status import read_status
from review_api.dependencies import AppParts, Now, ReadSession
from review_api.status_links import read_link

router = APIRouter()

PRIVATE: Final = {"X-Robots-Tag": "noindex, nofollow, noarchive"}

Word = Annotated[str, Path(max_length=2000)]


@router.api_route("/status/{word}", methods=READ)
def get_status_page(word: Word, parts: AppParts, session: ReadSession, now: Now) -> Response:
    """Show what is paused, why, until when, what still works and whom to write to."""
    account_id = read_link(parts.customer.secret, word, now)
    status = read_status(session, account_id, parts.catalogue, now)
    answer = page(
        "status.html",
        status=status,
        standing=status.standing,
        subscription=status.standing.subscription,
        zone=parts.catalogue.zone,
        now=now,
        contact=parts.customer.contact,
        letter=letter_to(parts.customer.contact, status.reference),
    )
    answer.headers.update(PRIVATE)
    return answer


def letter_to(contact: str, reference: str | None) -> str | None:
    """Give the address of the link to write with: a letter that names the case, or a page."""
    if not contact or "://" in contact:
        return contact or None
    subject = f"Review {reference}" if reference else "My account"
    return f"mailto:{contact}?subject={quote(subject)}"
