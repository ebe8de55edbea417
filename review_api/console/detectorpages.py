"""The detectors: who may pause, who only watches and why.

The page only reads: a lead speaks through the API or the command line.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from review_api.console.pages import page
from review_api.console.visitors import AnyVisit, signed_in
from review_api.roster import LATELY, list_detectors, view_breaker
from review_api.vocabulary import AuditAction

router = APIRouter(dependencies=[Depends(signed_in)])


@router.get("/detectors")
def get_detectors(visit: AnyVisit) -> Response:
    """Show every detector, those that only watch first."""
    rules = visit.policy.breaker
    views = list_detectors(visit.session, visit.now, rules)
    visit.note(AuditAction.DETECTORS_LISTED)
    return page(
        visit.request,
        "detectors.html",
        visitor=visit.visitor,
        now=visit.now,
        views=views,
        breaker=view_breaker(visit.session, visit.now),
        rules=rules,
        lately=LATELY,
    )
