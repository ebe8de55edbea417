"""The platform's word that a customer met a challenge, or did not.

It only ends the asking. It clears nobody and accuses nobody: a person can pass a challenge for a
program, and what an answer is worth as evidence the scorer reads from the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from access.accounts import lock_account
from access.measures import answer_challenge, challenge_of
from review_api.changes import announce
from review_api.errors import ChallengeNotFoundError
from review_api.models import Case
from review_api.queue_entries import keep_entry
from review_api.threads import append_event
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.models import Measure


def note_answer(  # noqa: PLR0913 - whose challenge, which, how, by whom and when
    session: Session,
    account_id: str,
    challenge_id: str,
    *,
    passed: bool,
    actor: str,
    now: datetime,
) -> Measure:
    """End an open challenge; one that is over already stays as it ended."""
    challenge = challenge_of(session, account_id, challenge_id)
    if challenge is None:
        raise ChallengeNotFoundError(f"the account was never asked the challenge {challenge_id}")
    # The case is read under the lock, or its thread could fork.
    lock_account(session, account_id, now)
    if answer_challenge(session, challenge, passed=passed, actor=actor, now=now):
        case = session.get_one(Case, challenge.case_id, populate_existing=True)
        keep_entry(session, case.id, now)
        append_event(case, CaseEventKind.CHALLENGE_ANSWERED, now, actor, passed=passed)
        announce(session, account_id, case.id, now)
    return challenge
