"""The promise to honest customers: who doubts it, what happens then, and who may end the doubt.

Of all honest account-months at most the pause budget are to be paused. Random audits are a bet
against it (`detectors.betting`); once the winnings reach the alarm the promise is in doubt, and
the machine falls back by itself: where it would pause it only holds the speed ramp
(`review_api.restraint`). Pauses that stand are for reviewers. It never comes back by itself: a
person looks into it and says why it may be trusted, and a new bet begins.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import event, exists, select

from access.vocabulary import Refusal
from detectors.betting import ALARM
from review_api.errors import BadRequestError, PromiseUnchangedError
from review_api.monitors.evidence import doubt_since
from review_api.monitors.records import PromiseChange
from review_api.monitors.vocabulary import PromiseStanding
from review_api.quality.records import Inclusion
from review_api.quality.vocabulary import Way
from review_api.standing import take_turn
from review_api.vocabulary import WRONGFUL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from detectors.verdict import Verdict
    from review_api.models import Decision
    from review_api.monitors.evidence import Doubt
    from review_api.policy import ReviewPolicy
    from streams.clock import Clock

ACTOR: Final = "guarantee monitor"
LEAST: Final = 2
"""Wrongful pauses that doubt rests on, at least: a single one may be a reviewer's own mistake."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Promise:
    """How the promise stands: the newest `change`, None if there never was one, and the evidence.

    The evidence is what audits told since `since`, when somebody last said it may be trusted.
    """

    standing: PromiseStanding
    change: PromiseChange | None
    since: datetime | None
    budget: float
    doubt: Doubt

    @property
    def nothing_known(self) -> bool:
        """Whether no audit has been judged: then nothing speaks for the promise, or against it."""
        return not self.doubt.judged


def promise_of(session: Session, policy: ReviewPolicy) -> Promise:
    """Read how the promise stands."""
    changes = changes_of_promise(session)
    trusted = [one.since for one in changes if one.standing is PromiseStanding.TRUSTED]
    since = trusted[-1] if trusted else None
    return Promise(
        standing=changes[-1].standing if changes else PromiseStanding.TRUSTED,
        change=changes[-1] if changes else None,
        since=since,
        budget=policy.pause_budget,
        doubt=doubt_since(session, since, policy.pause_budget),
    )


def changes_of_promise(session: Session) -> Sequence[PromiseChange]:
    """Give all changes, oldest first."""
    return session.scalars(select(PromiseChange).order_by(PromiseChange.id)).all()


def in_doubt(
    session: Session, _verdict: Verdict, _now: datetime, _policy: ReviewPolicy
) -> Refusal | None:
    """Let no pause pass while the promise is in doubt."""
    return Refusal.PROMISE_IN_DOUBT if only_holds(session) else None


def only_holds(session: Session) -> bool:
    """Tell whether the promise is in doubt, so that the machine pauses nobody."""
    newest = select(PromiseChange.standing).order_by(PromiseChange.id.desc()).limit(1)
    return session.scalar(newest) is PromiseStanding.IN_DOUBT


def watch_promise(sessions: sessionmaker[Session], clock: Clock, policy: ReviewPolicy) -> int:
    """Look whether the promise is in doubt, and write it down; gives how many changes there were.

    Safe to run in many places at once, and as often as anybody likes.
    """
    with sessions.begin() as session:
        if not _called_into_doubt(promise_of(session, policy)):
            return 0
        return int(weigh_promise(session, clock.now(), policy) is not None)


def weigh_audit(
    session: Session, decision: Decision, now: datetime, policy: ReviewPolicy
) -> PromiseChange | None:
    """Weigh the promise anew if this decision found that an audited account is honest."""
    audited = exists().where(Inclusion.case_id == decision.case_id, Inclusion.purpose == Way.AUDIT)
    if decision.outcome not in WRONGFUL or not session.scalar(select(audited)):
        return None
    session.flush()  # the decision itself is evidence
    return weigh_promise(session, now, policy)


def weigh_promise(session: Session, now: datetime, policy: ReviewPolicy) -> PromiseChange | None:
    """Put the promise in doubt if the audits say so; gives the change, or None."""
    take_turn(session)
    promise = promise_of(session, policy)
    if not _called_into_doubt(promise):
        return None
    found = promise.doubt
    why = (
        f"{found.wrongful} of {found.judged} audited honest account-months had been paused; at "
        f"most {promise.budget:.2%} is promised, and the bet against that pays {found.e_value:.0f}"
    )
    event.listen(session, "after_commit", lambda _: log.warning("hold only: %s", why), once=True)
    return _write(session, promise, PromiseStanding.IN_DOUBT, ACTOR, why, now)


def trust(
    session: Session, *, actor: str, why: str, now: datetime, policy: ReviewPolicy
) -> PromiseChange:
    """Take down a person's word that the promise may be trusted again; a new bet begins."""
    if not why.strip():
        raise BadRequestError("to trust the promise again needs a reason in words")
    take_turn(session)
    promise = promise_of(session, policy)
    if promise.standing is PromiseStanding.TRUSTED:
        raise PromiseUnchangedError("the promise is not in doubt")
    return _write(session, promise, PromiseStanding.TRUSTED, actor, why.strip(), now)


def _called_into_doubt(promise: Promise) -> bool:
    found = promise.doubt
    doubted = found.e_value >= ALARM and found.wrongful >= LEAST
    return doubted and promise.standing is PromiseStanding.TRUSTED


def _write(  # noqa: PLR0913, PLR0917 - the fields of one fact
    session: Session,
    promise: Promise,
    standing: PromiseStanding,
    actor: str,
    why: str,
    now: datetime,
) -> PromiseChange:
    change = PromiseChange(
        standing=standing,
        since=now,
        actor=actor,
        why=why,
        e_value=promise.doubt.e_value,
        judged=promise.doubt.judged,
        wrongful=promise.doubt.wrongful,
    )
    session.add(change)
    session.flush()
    return change
