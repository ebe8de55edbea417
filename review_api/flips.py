"""Asks reviewers about accounts that a newer model would treat otherwise, before it may serve.

The cases come through intake like any other and pause, hold and challenge nobody. A candidate asks
once: what it asked and what was decided of it is all that is stored. Whether that is enough is the
gate's to say (`detectors.gate.flips`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import and_, exists, select

from access.accounts import lock_account
from detectors.gate.flips import FlipsReviewed
from detectors.verdict import Action, Flipped, Response, encode
from review_api.carried_out import counts
from review_api.intake import intake
from review_api.models import Case, Decision
from review_api.quality.inclusion import note_inclusion
from review_api.quality.records import FlipSample
from review_api.threads import find_case
from review_api.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.policy import ReviewPolicy


class Sampled(NamedTuple):
    """One account of a flip list that was drawn with this probability, and what was said of it."""

    verdict: Verdict
    probability: float
    released: bool = False


def send_flips(
    session: Session, version: str, sampled: Sequence[Sampled], now: datetime, policy: ReviewPolicy
) -> int:
    """Have a candidate's sampled flips looked at; gives how many cases answer for them.

    Once for each version, all in the caller's transaction: asked again it changes nothing and gives
    0. A case that is open already answers as it is. Whom a person holds the machine off is not
    asked about.
    """
    if session.scalar(select(exists().where(FlipSample.version == version))):
        return 0
    found: dict[str, bool] = {}
    # Several accounts are locked at once: always in the same order.
    for one in sorted(sampled, key=lambda each: each.verdict.account_id):
        case_id = _case_for(session, version, one, now, policy)
        if case_id is not None:
            found.setdefault(case_id, one.released)
    session.add_all(
        FlipSample(version=version, case_id=case_id, released=released, at=now)
        for case_id, released in found.items()
    )
    session.flush()
    return len(found)


def flips_reviewed(
    session: Session, version: str, known_by: datetime | None = None
) -> FlipsReviewed:
    """Count what is decided of a candidate's sample, as it was known then; None means now.

    Where nobody could tell, a new pause is not confirmed and a release missed nothing.
    """
    rows = session.execute(
        select(FlipSample.released, Decision.outcome)
        .outerjoin(Decision, and_(Decision.case_id == FlipSample.case_id, counts(known_by)))
        .where(FlipSample.version == version)
        .order_by(FlipSample.case_id)
    ).all()
    paused = [outcome for released, outcome in rows if outcome and not released]
    gone = [outcome for released, outcome in rows if outcome and released]
    return FlipsReviewed(
        sampled=len(rows),
        decided=len(paused) + len(gone),
        paused=len(paused),
        confirmed=paused.count(Outcome.CONFIRMED),
        released=len(gone),
        missed=gone.count(Outcome.CONFIRMED),
    )


def _case_for(
    session: Session, version: str, one: Sampled, now: datetime, policy: ReviewPolicy
) -> str | None:
    verdict = msgspec.structs.replace(
        one.verdict,
        action=Action.REVIEW,
        response=Response.NONE,
        audit=None,
        flip=Flipped(candidate=version, probability=one.probability, released=one.released),
    )
    lock_account(session, verdict.account_id, now)
    case: Case | None = find_case(session, verdict)
    if case is None:
        return intake(session, encode(verdict), now, policy).case_id
    # It waits for a reviewer already: what is pinned to it stays what they are to judge.
    note_inclusion(session, case, verdict, now)
    return case.id
