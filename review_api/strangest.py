"""Asks reviewers about the strangest accounts that thresholds rest on (label trimming).

Such cases pause, hold and challenge nobody. How many are asked about follows what they bring: a
few each night, and as many more as lately turned out to be abuse, so that where there is little to
find few customers are looked at.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, func, select

from access.accounts import lock_account
from detectors.verdict import encode
from review_api.carried_out import counts
from review_api.intake import Intake, intake
from review_api.models import Case, Decision, DecisionEnd
from review_api.quality.records import Inclusion
from review_api.quality.vocabulary import Way
from review_api.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.policy import ReviewPolicy

FEW: Final = 3
"""So many are asked about in a night even if nothing was found lately."""
LATELY: Final = timedelta(days=7)


def send_strangest(
    session: Session, said: Sequence[Verdict], now: datetime, policy: ReviewPolicy, most: int
) -> int:
    """Open cases for the first of these accounts; gives how many, all in the caller's transaction.

    No more than `most` such cases wait at any time. Accounts with an open case are passed over:
    they are looked at already.
    """
    left = min(most, FEW + _confirmed_lately(session, now)) - _waiting(session)
    chosen = [one for one in said if not _has_open_case(session, one.account_id)][: max(left, 0)]
    # Several accounts are locked at once: always in the same order.
    for one in sorted(chosen, key=lambda verdict: verdict.account_id):
        lock_account(session, one.account_id, now)
    taken = [intake(session, encode(one), now, policy).intake for one in chosen]
    return taken.count(Intake.REVIEW)


def _waiting(session: Session) -> int:
    came = exists().where(Inclusion.case_id == Case.id, Inclusion.purpose == Way.CALIBRATION)
    return session.scalar(select(func.count(Case.id)).where(came, Case.closed_at.is_(None))) or 0


def _confirmed_lately(session: Session, now: datetime) -> int:
    found = (
        select(func.count(Decision.id))
        .join(DecisionEnd, DecisionEnd.decision_id == Decision.id)
        .join(Inclusion, Inclusion.case_id == Decision.case_id)
        .where(
            counts(), Inclusion.purpose == Way.CALIBRATION, DecisionEnd.at > now - LATELY,
            Decision.outcome == Outcome.CONFIRMED,
        )
    )  # fmt: skip
    return session.scalar(found) or 0


def _has_open_case(session: Session, account_id: str) -> bool:
    waits = exists().where(Case.account_id == account_id, Case.closed_at.is_(None))
    return bool(session.scalar(select(waits)))
