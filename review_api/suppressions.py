"""A person holds the machine off one account for a stated time and reason.

While a suppression stands, verdicts open no case and take no hold, challenge or pause; a case that
is open keeps them as evidence. It lifts nothing that was taken before, and decides no case.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from access.accounts import lock_account
from review_api.errors import BadRequestError, SuppressionNotFoundError
from review_api.models import SUPPRESSION_REASON_LENGTH, Suppression, SuppressionEnd
from review_api.parsing import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Kind, Verdict

LONGEST_DAYS: Final = 366
SHOWN_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class SuppressionRequest:
    """What a person asks for; `kind` None means every abuse kind. It always has an end."""

    account_id: str
    kind: Kind | None
    reason: str
    days: int
    actor: str


def suppress(
    session: Session,
    request: SuppressionRequest,
    now: datetime,
    chance: Callable[[int], str] = secrets.token_hex,
) -> Suppression:
    """Hold the machine off from `now`, or raise `BadRequestError`."""
    if not 1 <= request.days <= LONGEST_DAYS:
        raise BadRequestError(f"a suppression lasts from 1 to {LONGEST_DAYS} days")
    if not request.reason.strip() or len(request.reason) > SUPPRESSION_REASON_LENGTH:
        raise BadRequestError(
            f"a suppression needs its reason in 1 to {SUPPRESSION_REASON_LENGTH} characters"
        )
    lock_account(session, request.account_id, now)
    suppression = Suppression(
        id=chance(12),
        account_id=request.account_id,
        kind=request.kind,
        reason=request.reason.strip(),
        since=now,
        until=now + timedelta(days=request.days),
        actor=request.actor,
    )
    session.add(suppression)
    session.flush()
    return suppression


def end_suppression(
    session: Session, account_id: str, suppression_id: str, *, actor: str, now: datetime
) -> Suppression:
    """End it early; one that is over already stays as it is."""
    found = select(Suppression).where(
        Suppression.id == suppression_id, Suppression.account_id == account_id
    )
    if session.scalars(found).one_or_none() is None:
        raise SuppressionNotFoundError(f"the account has no suppression {suppression_id}")
    lock_account(session, account_id, now)
    # Read again under the lock: somebody else may have ended it meanwhile.
    suppression = session.scalars(found.execution_options(populate_existing=True)).one()
    if suppresses(suppression, now):
        session.add(SuppressionEnd(suppression_id=suppression.id, at=now, actor=actor))
        session.flush()
        session.refresh(suppression, ["end"])
    return suppression


def suppressions(session: Session, account_id: str) -> Sequence[Suppression]:
    """Give the account's newest suppressions, those in force and those that are over."""
    ours = select(Suppression).where(Suppression.account_id == account_id)
    newest = ours.order_by(Suppression.since.desc(), Suppression.id).limit(SHOWN_AT_MOST)
    return session.scalars(newest).all()


def standing_suppressions(
    session: Session, account_id: str, now: datetime
) -> tuple[Suppression, ...]:
    """Give those of the account that are in force."""
    found = select(Suppression).where(Suppression.account_id == account_id, Suppression.until > now)
    rows = session.scalars(found.order_by(Suppression.until, Suppression.id))
    return tuple(each for each in rows if suppresses(each, now))


def suppression_of(session: Session, verdict: Verdict, now: datetime) -> Suppression | None:
    """Give the suppression that keeps a verdict from having effect, if one does.

    One that stood when the event happened counts as well: what was seen while somebody held the
    machine off is not acted on later, when the message was late or is delivered again.
    """
    moments = [now]
    if (happened := instant(verdict.occurred_at)) is not None:
        moments.append(happened)
    found = session.scalars(
        select(Suppression)
        .where(
            Suppression.account_id == verdict.account_id,
            or_(Suppression.kind.is_(None), Suppression.kind == verdict.kind),
            Suppression.until > min(moments),
        )
        .order_by(Suppression.until.desc(), Suppression.id)
    )
    standing = (each for each in found if any(suppresses(each, at) for at in moments))
    return next(standing, None)


def suppresses(suppression: Suppression, at: datetime) -> bool:
    """Whether the suppression is in force at `at`."""
    end = suppression.end.at if suppression.end else suppression.until
    return suppression.since <= at < min(end, suppression.until)


def said_of(suppression: Suppression) -> str:
    """Say in a line of the audit log which suppression it is."""
    what = suppression.kind or "every kind"
    until = suppression.until.isoformat(timespec="seconds")
    return f"{suppression.id} {suppression.account_id} {what} until {until}"
