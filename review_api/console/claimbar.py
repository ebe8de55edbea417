"""What the page of a case says about who holds it; opening the page takes a case that is free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review_api.claims import claim, standing_claim
from review_api.decisions import deciders
from review_api.errors import ClaimHeldError
from review_api.reviewers import reviewers
from review_api.vocabulary import PERMISSIONS, UNDECIDED, AuditAction, CaseStatus, Permission

if TYPE_CHECKING:
    from datetime import timedelta

    from review_api.cases import CaseView
    from review_api.claim_records import Claim
    from review_api.console.visitors import Visit

# A page that is open beats this often while its claim lasts, so that a few beats may fail.
BEATS: Final = 10


@dataclass(frozen=True, slots=True)
class ClaimBar:
    """Who holds the case, if anybody does, and to whom the visitor may hand it."""

    held: Claim | None
    mine: bool
    left: timedelta | None
    beat: timedelta
    others: tuple[str, ...]
    frees: bool


def claim_bar(visit: Visit, view: CaseView) -> ClaimBar:
    """Take the case for the visitor if it is free and theirs to decide; say who holds it."""
    name = visit.visitor.caller.name
    held = take_claim(visit, view) or standing_claim(visit.session, view.case.id, visit.now)
    mine = held is not None and held.holder == name
    others = (each for each in reviewers(visit.session) if each != name) if mine else ()
    return ClaimBar(
        held=held,
        mine=mine,
        left=held.until - visit.now if held else None,
        beat=visit.policy.claim_for / BEATS,
        others=tuple(others),
        frees=Permission.OVERRIDE in PERMISSIONS[visit.visitor.caller.role],
    )


def take_claim(visit: Visit, view: CaseView) -> Claim | None:
    """Take the case, or keep it; None if it is somebody else's, or not the visitor's to decide."""
    name = visit.visitor.caller.name
    if not visit.visitor.decides or view.status not in UNDECIDED:
        return None
    # An appeal is another person's: who judged the case may read it, and holds up nobody.
    if view.status is CaseStatus.APPEALED and name in deciders(view.case):
        return None
    try:
        taken = claim(visit.session, view.case.id, name, visit.now, visit.policy)
    except ClaimHeldError:
        return None
    if taken.since == visit.now:
        visit.note(AuditAction.CASE_CLAIMED, case_id=view.case.id)
    return taken
