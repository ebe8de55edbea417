"""The version 1 API of the queue: its cases, its named queues, saved views, a search."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from access.models import ID_LENGTH
from review_api.audit import write_audit
from review_api.dependencies import (
    AppParts,
    CaseReader,
    Now,
    Router,
    WriteSession,
    authenticated,
)
from review_api.forms import WORD
from review_api.history import list_history, search
from review_api.problems import documented
from review_api.queue import list_queue
from review_api.queue_figures import figures_of
from review_api.queue_forms import CasesQuery, RoutingIn, SearchQuery, ViewIn
from review_api.queue_schemas import QueuesOut, ViewOut, ViewsOut
from review_api.routes import ALWAYS
from review_api.routing import rules_now, set_rules
from review_api.schemas import CaseItemOut, CasePageOut
from review_api.views import ViewRequest, delete_view, save_view, views_of
from review_api.vocabulary import AuditAction, Permission

router = APIRouter(
    prefix="/v1", tags=["cases"], dependencies=[Depends(authenticated)], responses=ALWAYS
)

ViewId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD, examples=["9f3c"])]


@router.get("/cases")
def get_cases(
    query: Annotated[CasesQuery, Query()],
    caller: CaseReader,
    session: WriteSession,
    now: Now,
    parts: AppParts,
) -> CasePageOut:
    """List the cases that wait: whoever is paused first, by the harm that the pause may do.

    With a `status` that a decision led to, or `all`: those cases, the newest first.
    """
    if query.of_history:
        page = list_history(session, query.to_history(), now, parts.policy)
    else:
        page = list_queue(session, query.of_queue(caller.name), now, parts.policy)
    write_audit(session, caller, AuditAction.CASES_LISTED, now, detail=said(len(page.items), query))
    return CasePageOut.of(page)


def said(shown: int, query: CasesQuery) -> str:
    """Say in a line of the audit log what was listed."""
    asked = ", ".join(f"{name} {value}" for name, value in query.asked().items())
    return f"{shown} cases, {asked or 'waiting'}"


@router.get("/search")
def get_search(
    query: Annotated[SearchQuery, Query()],
    caller: CaseReader,
    session: WriteSession,
    now: Now,
    parts: AppParts,
) -> CasePageOut:
    """Find up to 25 cases by account, id or reference, else by words of their reasons and notes."""
    words = query.words.strip()
    found = search(session, words, now, parts.policy) if words else ()
    detail = f"{len(found)} cases, searched"
    write_audit(session, caller, AuditAction.CASES_LISTED, now, detail=detail)
    return CasePageOut(items=[CaseItemOut.of(each) for each in found], next_cursor=None)


@router.get("/queues")
def get_queues(caller: CaseReader, session: WriteSession, now: Now, parts: AppParts) -> QueuesOut:
    """Give the named queues with what waits in each, and the rules that fill them."""
    rules = rules_now(session)
    write_audit(session, caller, AuditAction.QUEUES_LISTED, now)
    return QueuesOut.of(figures_of(session, rules, now, parts.policy), rules)


@router.put("/queues/rules", responses=documented(HTTPStatus.BAD_REQUEST))
def put_rules(
    body: RoutingIn, caller: Router, session: WriteSession, now: Now, parts: AppParts
) -> QueuesOut:
    """Put these rules in place of those before; every case is in its new queue at once."""
    rules = [each.to_rule() for each in body.rules]
    set_rules(session, rules, actor=caller.name, now=now)
    detail = f"{len(rules)} rules: {', '.join(dict.fromkeys(each.queue for each in rules))}"
    write_audit(session, caller, AuditAction.ROUTING_CHANGED, now, detail=detail)
    return QueuesOut.of(figures_of(session, rules, now, parts.policy), rules)


@router.get("/views")
def get_views(caller: CaseReader, session: WriteSession, now: Now) -> ViewsOut:
    """List the caller's saved views and those that are everybody's."""
    write_audit(session, caller, AuditAction.VIEWS_LISTED, now)
    return ViewsOut(views=[ViewOut.of(each) for each in views_of(session, caller.name)])


@router.post("/views", status_code=HTTPStatus.CREATED, responses=documented(HTTPStatus.BAD_REQUEST))
def post_view(body: ViewIn, caller: CaseReader, session: WriteSession, now: Now) -> ViewOut:
    """Keep filters under a name; a view of the same name by the same caller is replaced."""
    if body.shared:
        caller.require(Permission.ROUTE)
    request = ViewRequest(body.name, body.filters.asked(), body.shared)
    view = save_view(session, request, owner=caller.name, now=now)
    write_audit(session, caller, AuditAction.VIEW_SAVED, now, detail=f"{view.id} {view.name}")
    return ViewOut.of(view)


@router.delete(
    "/views/{view_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(HTTPStatus.NOT_FOUND),
)
def remove_view(view_id: ViewId, caller: CaseReader, session: WriteSession, now: Now) -> None:
    """Forget a view."""
    view = delete_view(session, view_id, by=caller.name, for_others=caller.may(Permission.ROUTE))
    write_audit(session, caller, AuditAction.VIEW_DELETED, now, detail=f"{view.id} {view.name}")
