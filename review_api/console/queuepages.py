"""The queue and the search: lists of cases, each line enough to choose the next one by.

Everything works by links and forms that name what they ask for in the address, so that a list can
be kept, sent to somebody, and gone back to.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from detectors.verdict import Kind
from review_api.console.pages import page
from review_api.console.reading import latest_verdicts
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.errors import BadRequestError
from review_api.forms import WORD
from review_api.history import list_history, search
from review_api.monitors.promise import only_holds
from review_api.queue import QueueItem, list_queue
from review_api.queue_figures import figures_of, in_all
from review_api.queue_filters import Holder
from review_api.queue_forms import CasesQuery, Filters
from review_api.queue_routes import said
from review_api.roster import view_breaker
from review_api.routing import rules_now
from review_api.views import ViewRequest, delete_view, save_view, views_of
from review_api.vocabulary import AuditAction, CaseStatus, Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_SIZE: Final = 25

router = APIRouter(dependencies=[Depends(signed_in)])

Name = Annotated[str, Query(max_length=ACCOUNT_ID_LENGTH)]
Place = Annotated[int, Query(ge=0, le=10_000_000)]
Word = Annotated[str, Form(max_length=1000)]
ViewId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD)]


@router.get("/")
def get_queue(visit: AnyVisit, place: Place = 0) -> Response:
    """Show one page of the queue, or of the cases with some status; `place` cases came before."""
    asked = _asked(visit.request.query_params)
    if asked.of_history:
        found = list_history(visit.session, asked.to_history(), visit.now, visit.policy)
    else:
        query = asked.of_queue(visit.visitor.caller.name)
        found = list_queue(visit.session, query, visit.now, visit.policy)
    visit.note(AuditAction.CASES_LISTED, detail=said(len(found.items), asked))
    rules = rules_now(visit.session)
    figures = figures_of(visit.session, rules, visit.now, visit.policy)
    whole = in_all(figures)
    return _list(
        visit,
        found.items,
        asked=asked,
        place=place,
        next_cursor=found.next_cursor,
        queues=figures,
        whole=whole,
        longest_open=visit.now - whole.oldest if whole.oldest else timedelta(0),
        views=views_of(visit.session, visit.visitor.caller.name),
    )


@router.get("/search")
def get_search(visit: AnyVisit, name: Name = "") -> Response:
    """Show the cases of one account, case id or reference, or that hold these words."""
    name = name.strip().replace("\x00", "")
    found = search(visit.session, name, visit.now, visit.policy) if name else ()
    visit.note(AuditAction.CASES_LISTED, detail=f"{len(found)} cases, searched")
    return _list(visit, found, name=name)


@router.post("/views")
def post_view(
    visit: AnyVisit, _sender: FormSender, name: Word = "", filters: Word = "", shared: Word = ""
) -> Response:
    """Keep the filters that the page was asked for under a name."""
    caller = visit.visitor.caller
    if shared:
        caller.require(Permission.ROUTE)
    asked = _asked(dict(_pairs(filters))).asked()
    request = ViewRequest(name.replace("\x00", ""), asked, shared=bool(shared))
    view = save_view(visit.session, request, owner=caller.name, now=visit.now)
    visit.note(AuditAction.VIEW_SAVED, detail=f"{view.id} {view.name}")
    return _to_list(visit, asked)


@router.post("/views/{view_id}/delete")
def post_deleted(view_id: ViewId, visit: AnyVisit, _sender: FormSender) -> Response:
    """Forget a view."""
    caller = visit.visitor.caller
    may = caller.may(Permission.ROUTE)
    view = delete_view(visit.session, view_id, by=caller.name, for_others=may)
    visit.note(AuditAction.VIEW_DELETED, detail=f"{view.id} {view.name}")
    return _to_list(visit, {})


def _asked(given: Mapping[str, str]) -> CasesQuery:
    """Read what an address asks for; a field left empty asks for nothing."""
    known = {name: given.get(name) for name in (*Filters.model_fields, "cursor")}
    filled = {name: value for name, value in known.items() if value}
    try:
        return CasesQuery.model_validate(filled | {"limit": PAGE_SIZE})
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][:1])
        words = first["msg"].removeprefix("Value error, ")
        raise BadRequestError(f"{where}: {words}" if where else words) from None


def _pairs(filters: str) -> list[tuple[str, str]]:
    return parse_qsl(filters, max_num_fields=30)


def _to_list(visit: Visit, asked: Mapping[str, Any]) -> Response:
    home = f"{visit.request.scope['root_path']}/"
    return RedirectResponse(f"{home}{address(asked)}", HTTPStatus.SEE_OTHER)


def address(asked: Mapping[str, Any], **changes: Any) -> str:
    """Give the query of an address; what is None or empty is left out."""
    wanted = {**asked, **changes}
    filled = {name: _word(value) for name, value in wanted.items() if value not in {None, ""}}
    return f"?{urlencode(filled)}" if filled else ""


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(visit: Visit, items: tuple[QueueItem, ...], **more: Any) -> Response:
    nothing = {
        "asked": CasesQuery(),
        "place": 0,
        "next_cursor": None,
        "queues": (),
        "whole": None,
        "longest_open": None,
        "views": (),
        "name": None,
    }
    return page(
        visit.request,
        "queue.html",
        visitor=visit.visitor,
        routes=visit.visitor.caller.may(Permission.ROUTE),
        now=visit.now,
        items=items,
        verdicts=latest_verdicts(visit.session, [item.case_id for item in items]),
        breaker=view_breaker(visit.session, visit.now),
        only_holds=only_holds(visit.session),
        address=address,
        statuses=[CaseStatus.RESTORED, CaseStatus.UPHELD, CaseStatus.CONVERTED, "all"],
        kinds=list(Kind),
        holders=list(Holder),
        page_size=PAGE_SIZE,
        **nothing | more,
    )
