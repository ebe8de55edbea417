"""Holding the machine off an account from the page of one of its cases, and ending that early.

A form with a fault loses nothing: the page comes back with what was typed and what is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import RedirectResponse

from access.models import ID_LENGTH
from detectors.verdict import Kind
from review_api.cases import view_case
from review_api.console.casepages import CaseId, Text, show_case
from review_api.console.forms import SuppressionForm, suppression_faults
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.forms import WORD
from review_api.suppressions import SuppressionRequest, end_suppression, said_of, suppress
from review_api.vocabulary import AuditAction, Permission

router = APIRouter(prefix="/cases/{case_id}/suppressions", dependencies=[Depends(signed_in)])

SuppressionId = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD)]


@router.post("")
def post_suppression(
    *,
    visit: AnyVisit,
    _sender: FormSender,
    case_id: CaseId,
    kind: Text = "",
    days: Text = "",
    reason: Text = "",
) -> Response:
    """Suppress verdicts on the account of the case."""
    visit.visitor.caller.require(Permission.SUPPRESS)
    form = SuppressionForm(days.strip(), kind, reason.replace("\r\n", "\n"))
    if faults := suppression_faults(form):
        form = replace(form, faults=faults)
        return show_case(visit, case_id, HTTPStatus.UNPROCESSABLE_ENTITY, suppression_form=form)
    request = SuppressionRequest(
        account_id=view_case(visit.session, case_id, visit.now).case.account_id,
        kind=Kind(form.kind) if form.kind else None,
        reason=form.reason,
        days=int(form.days),
        actor=visit.visitor.caller.name,
    )
    said = said_of(suppress(visit.session, request, visit.now))
    visit.note(AuditAction.SUPPRESSION_OPENED, case_id=case_id, detail=said)
    return _back(visit, case_id)


@router.post("/{suppression_id}/end")
def post_end(
    visit: AnyVisit, _sender: FormSender, case_id: CaseId, suppression_id: SuppressionId
) -> Response:
    """End a suppression of the account early."""
    caller = visit.visitor.caller
    caller.require(Permission.SUPPRESS)
    account_id = view_case(visit.session, case_id, visit.now).case.account_id
    ended = end_suppression(
        visit.session, account_id, suppression_id, actor=caller.name, now=visit.now
    )
    visit.note(AuditAction.SUPPRESSION_ENDED, case_id=case_id, detail=said_of(ended))
    return _back(visit, case_id)


def _back(visit: Visit, case_id: str) -> Response:
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/cases/{case_id}#suppressions", HTTPStatus.SEE_OTHER)
