"""What a customer may contest, answer or follow of their pauses, for the status page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from access.leases import lease_of
from review_api.appeal_views import Question, questions_in, view_appeal
from review_api.appeals import appeals_of, refusal_of
from review_api.models import Case
from review_api.references import reference_of
from review_api.threads import settled_status, waits_for_customer
from review_api.vocabulary import CaseStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.appeal_records import Appeal
    from review_api.appeal_views import AppealView
    from review_api.policy import ReviewPolicy

# A customer with more cases than this reads of the newest ones.
_MOST_CASES: Final = 20


@dataclass(frozen=True, slots=True)
class Contest:
    """One pause, its appeals (newest first), and what the customer can do about it now.

    `number` is that of the appeal that may be filed, None when none may; `judged` is whether a
    person has already decided on the pause.
    """

    reference: str
    appeals: tuple[AppealView, ...]
    question: Question | None
    number: int | None
    judged: bool

    @property
    def waits(self) -> bool:
        """Whether somebody has not answered yet: the customer or a reviewer."""
        return self.question is not None or any(not each.decided_at for each in self.appeals)


def read_contests(
    session: Session, account_id: str, now: datetime, policy: ReviewPolicy
) -> tuple[Contest, ...]:
    """Give what waits for somebody, and the newest pause if it can be contested or was."""
    cases = session.scalars(
        select(Case)
        .where(Case.account_id == account_id)
        .order_by(Case.opened_at.desc(), Case.id)
        .limit(_MOST_CASES)
    ).all()
    contests = [_contest(session, case, now, policy) for case in cases]
    newest = next((each for each in contests if each.appeals or each.number), None)
    shown = [each for each in contests if each.waits or each is newest]
    return tuple(sorted(shown, key=lambda each: (each.question is None, not each.waits)))


def _contest(session: Session, case: Case, now: datetime, policy: ReviewPolicy) -> Contest:
    filed = appeals_of(session, case.id)
    return Contest(
        reference=reference_of(case.id),
        appeals=tuple(view_appeal(session, each) for each in reversed(filed)),
        question=questions_in(case.events)[-1] if waits_for_customer(case) else None,
        number=len(filed) + 1 if _may_contest(session, case, filed, now, policy) else None,
        judged=settled_status(case) is not CaseStatus.OPEN,
    )


def _may_contest(
    session: Session, case: Case, filed: Sequence[Appeal], now: datetime, policy: ReviewPolicy
) -> bool:
    paused = lease_of(session, case.id) is not None
    return paused and refusal_of(session, case, filed, now, policy) is None
