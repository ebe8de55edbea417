"""Having a notice that nobody took tried again, from the page of its case."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import RedirectResponse

from access.models import ID_LENGTH
from review_api.console.visitors import AnyVisit, FormSender, signed_in
from review_api.forms import WORD
from review_api.notices.reading import try_again
from review_api.vocabulary import AuditAction, Permission

router = APIRouter(dependencies=[Depends(signed_in)])

NoticeId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD)]


@router.post("/notices/{notice_id}/retry")
def post_retry(visit: AnyVisit, _sender: FormSender, notice_id: NoticeId) -> Response:
    """Try it at once, and show its case again."""
    visit.visitor.caller.require(Permission.OVERRIDE)
    view = try_again(visit.session, notice_id, visit.now)
    case_id = view.notice.case_id
    visit.note(AuditAction.NOTICE_RETRIED, case_id=case_id, detail=notice_id)
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/cases/{case_id}#notices", HTTPStatus.SEE_OTHER)
