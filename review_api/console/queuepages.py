"""The queue and the search: lists of cases, each line enough to choose the next one by."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Response

from access.models import ACCOUNT_ID_LENGTH
from detectors.verdict import Kind
from review_api.console.pages import page
from review_api.console.reading import find_cases, latest_verdicts
from review_api.console.visitors import AnyVisit, Visit, signed_in
from review_api.forms import WORD
from review_api.metrics import read_metrics
from review_api.queue import QueueItem, QueueQuery, list_cases
from review_api.roster import view_breaker
from review_api.vocabulary import AuditAction, CaseStatus

PAGE_SIZE: Final = 25

router = APIRouter(dependencies=[Depends(signed_in)])

Status = CaseStatus | Literal["all"]
Cursor = Annotated[str | None, Query(max_length=400, pattern=WORD)]
Name = Annotated[str, Query(max_length=ACCOUNT_ID_LENGTH)]


@router.get("/")
def get_queue(
    visit: AnyVisit,
    status: Status = CaseStatus.OPEN,
    kind: Kind | None = None,
    cursor: Cursor = None,
) -> Response:
    """Show one page of the queue."""
    asked = QueueQuery(None if status == "all" else status, kind, PAGE_SIZE, cursor)
    found = list_cases(visit.session, asked, visit.now)
    shown = f"{len(found.items)} cases, status {status}, kind {kind or 'any'}"
    visit.note(AuditAction.CASES_LISTED, detail=shown)
    return _list(
        visit, found.items, status=status, kind=kind, cursor=cursor, next_cursor=found.next_cursor
    )


@router.get("/search")
def get_search(visit: AnyVisit, name: Name = "") -> Response:
    """Show the cases of one account, decided or not; a case may be named by its own id."""
    name = name.strip().replace("\x00", "")
    found = find_cases(visit.session, name, visit.now) if name else ()
    visit.note(AuditAction.CASES_LISTED, detail=f"{len(found)} cases, searched by id")
    return _list(visit, found, name=name)


def _list(visit: Visit, items: tuple[QueueItem, ...], **asked: Any) -> Response:
    figures = read_metrics(visit.session, visit.now)
    nothing = {"status": None, "kind": None, "cursor": None, "next_cursor": None, "name": None}
    return page(
        visit.request,
        "queue.html",
        visitor=visit.visitor,
        now=visit.now,
        items=items,
        verdicts=latest_verdicts(visit.session, [item.case_id for item in items]),
        breaker=view_breaker(visit.session, visit.now),
        figures=figures,
        longest_open=timedelta(seconds=figures["fairuse_longest_open_seconds"]),
        statuses=[*CaseStatus, "all"],
        kinds=list(Kind),
        **nothing | asked,
    )
