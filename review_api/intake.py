"""Turns a verdict into a case and, where restraint allows, a speed hold, a challenge or a pause.

The only place in the program that can pause anyone. One call is one transaction of the caller's:
evidence, case, lease and outbox message are committed together or not at all. A verdict that was
already taken in changes nothing; one that cannot be read comes back as a dead letter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from sqlalchemy import exists, select

from access.accounts import lock_account
from access.leases import PauseRequest, refusal_of, take_pause
from access.measures import MeasureRequest, measure_refusal, take_measure
from access.vocabulary import MeasureKind, Refusal
from detectors.verdict import Action, Response
from review_api.breaker import write_cause
from review_api.changes import announce
from review_api.models import Evidence
from review_api.notices.notify import notify
from review_api.notices.statement import LOOKED_AS
from review_api.notices.vocabulary import Occasion
from review_api.parsing import instant, read_verdict
from review_api.quality.inclusion import note_inclusion
from review_api.queue_entries import keep_entry
from review_api.restraint import BEFORE_A_PAUSE, BEFORE_ANY, withheld
from review_api.suppressions import suppression_of
from review_api.threads import append_event, find_case, note_lapse, open_case
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.models import Case, Suppression
    from review_api.policy import ReviewPolicy

ACTOR: Final = "intake"


class Intake(StrEnum):
    """What became of a payload."""

    NOTHING = "nothing"  # the verdict allows; there is nothing to do
    REPEATED = "repeated"  # this verdict was already taken in
    REVIEW = "review"  # a case is open, and nobody was paused
    HELD = "held"  # a case is open, and the speed ramp is held
    CHALLENGED = "challenged"  # a case is open, and the customer is to be challenged
    PAUSED = "paused"  # a case is open, and the monthly quota is paused
    SUPPRESSED = "suppressed"  # a person holds the machine off; an open case keeps the evidence
    DEAD_LETTER = "dead_letter"  # the payload cannot be read


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of a payload.

    `refusal` says why what was asked for was not taken, even if something milder was; `detector`
    which detector took a pause.
    """

    intake: Intake
    case_id: str | None = None
    refusal: Refusal | None = None
    dead_letter: str | None = None
    detector: str | None = None


def intake(session: Session, payload: bytes, now: datetime, policy: ReviewPolicy) -> IntakeResult:
    """Take one verdict in."""
    verdict = read_verdict(payload)
    if isinstance(verdict, str):
        return IntakeResult(Intake.DEAD_LETTER, dead_letter=verdict)
    if verdict.action is Action.ALLOW:
        return IntakeResult(Intake.NOTHING)
    lock_account(session, verdict.account_id, now)
    if _is_known(session, verdict):
        return IntakeResult(Intake.REPEATED)
    if (suppression := suppression_of(session, verdict, now)) is not None:
        return _suppressed(session, verdict, payload, now, suppression)
    case = _add_to_case(session, verdict, payload, now)
    keep_entry(session, case.id, now, policy.catalogue)
    return _respond(session, case, verdict, now, policy)


def _respond(
    session: Session, case: Case, verdict: Verdict, now: datetime, policy: ReviewPolicy
) -> IntakeResult:
    match _asked_by(verdict):
        case Response.NONE:
            return IntakeResult(Intake.REVIEW, case.id)
        case Response.HOLD:
            return _ask(session, case, verdict, MeasureKind.SPEED_HOLD, now, policy)
        case Response.CHALLENGE:
            return _ask(session, case, verdict, MeasureKind.CHALLENGE, now, policy)
        case Response.PAUSE:
            return _pause(session, case, verdict, now, policy)
        case response:
            assert_never(response)


def _asked_by(verdict: Verdict) -> Response:
    # A verdict of the first schema names an action and no response.
    return Response.PAUSE if verdict.action is Action.PAUSE else verdict.response


def _is_known(session: Session, verdict: Verdict) -> bool:
    known = exists().where(Evidence.verdict_id == verdict.verdict_id)
    return bool(session.scalar(select(known)))


def _add_to_case(session: Session, verdict: Verdict, payload: bytes, now: datetime) -> Case:
    case, is_new = open_case(session, verdict, now)
    note_lapse(session, case, now)
    case.evidence.append(_evidence(verdict, payload, now))
    kind = CaseEventKind.OPENED if is_new else CaseEventKind.VERDICT_ADDED
    said = {"verdict_id": verdict.verdict_id, "action": verdict.action.value}
    append_event(case, kind, now, ACTOR, **said, response=_asked_by(verdict).value)
    session.flush()
    note_inclusion(session, case, verdict, now)
    return case


def _suppressed(
    session: Session, verdict: Verdict, payload: bytes, now: datetime, suppression: Suppression
) -> IntakeResult:
    if find_case(session, verdict) is None:
        return IntakeResult(Intake.SUPPRESSED)
    case = _add_to_case(session, verdict, payload, now)
    keep_entry(session, case.id, now)
    append_event(case, CaseEventKind.SUPPRESSED, now, ACTOR, suppression_id=suppression.id)
    session.flush()
    return IntakeResult(Intake.SUPPRESSED, case.id)


def _ask(  # noqa: PLR0913, PLR0917 - the verdict and its case, what is asked, and when
    session: Session,
    case: Case,
    verdict: Verdict,
    kind: MeasureKind,
    now: datetime,
    policy: ReviewPolicy,
) -> IntakeResult:
    lasts, done = _MEASURES[kind]
    request = MeasureRequest(
        account_id=case.account_id,
        case_id=case.id,
        kind=kind,
        reason=LOOKED_AS[case.kind],
        until=now + lasts(policy),
        actor=ACTOR,
    )
    measure = (
        measure_refusal(session, request, now)
        or withheld(BEFORE_ANY, session, verdict, now, policy)
        or take_measure(session, request, now)
    )
    said = {"measure": kind.value}
    if isinstance(measure, Refusal):
        said["refusal"] = measure.value
        append_event(case, CaseEventKind.MEASURE_WITHHELD, now, ACTOR, **said)
        session.flush()
        return IntakeResult(Intake.REVIEW, case.id, refusal=measure)
    said["until"] = request.until.isoformat()
    append_event(case, CaseEventKind.MEASURE_TAKEN, now, ACTOR, **said)
    announce(session, case.account_id, case.id, now)
    notify(session, _TOLD[kind], case, now)
    return IntakeResult(done, case.id)


_MEASURES: Final[Mapping[MeasureKind, tuple[Callable[[ReviewPolicy], timedelta], Intake]]] = {
    MeasureKind.SPEED_HOLD: (lambda policy: policy.hold_for, Intake.HELD),
    MeasureKind.CHALLENGE: (lambda policy: policy.challenge_for, Intake.CHALLENGED),
}
_TOLD: Final[Mapping[MeasureKind, Occasion]] = {
    MeasureKind.SPEED_HOLD: Occasion.SPEED_HELD,
    MeasureKind.CHALLENGE: Occasion.CHALLENGED,
}


def _pause(
    session: Session, case: Case, verdict: Verdict, now: datetime, policy: ReviewPolicy
) -> IntakeResult:
    request = PauseRequest(
        account_id=case.account_id,
        case_id=case.id,
        reason=LOOKED_AS[case.kind],
        until=now + policy.pause_for,
        actor=ACTOR,
    )
    lease = (
        refusal_of(session, request, now)
        or withheld(BEFORE_A_PAUSE, session, verdict, now, policy)
        or take_pause(session, request, now)
    )
    if isinstance(lease, Refusal):
        append_event(case, CaseEventKind.PAUSE_WITHHELD, now, ACTOR, refusal=lease.value)
        session.flush()
        if lease is Refusal.PROMISE_IN_DOUBT:
            return _hold_instead(session, case, verdict, now, policy)
        return IntakeResult(Intake.REVIEW, case.id, refusal=lease)
    append_event(case, CaseEventKind.PAUSED, now, ACTOR, until=request.until.isoformat())
    cause = write_cause(session, case, verdict, now)
    announce(session, case.account_id, case.id, now)
    notify(session, Occasion.PAUSED, case, now)
    return IntakeResult(Intake.PAUSED, case.id, detector=cause.detector)


def _hold_instead(
    session: Session, case: Case, verdict: Verdict, now: datetime, policy: ReviewPolicy
) -> IntakeResult:
    held = _ask(session, case, verdict, MeasureKind.SPEED_HOLD, now, policy)
    return replace(held, refusal=Refusal.PROMISE_IN_DOUBT)


def _evidence(verdict: Verdict, payload: bytes, now: datetime) -> Evidence:
    return Evidence(
        verdict_id=verdict.verdict_id,
        action=verdict.action,
        abuse=verdict.abuse,
        # `read_verdict` has checked that the time can be read.
        occurred_at=instant(verdict.occurred_at),
        received_at=now,
        model_version=verdict.model_version,
        view_fingerprint=verdict.view_fingerprint,
        log_topic=verdict.topic,
        log_partition=verdict.partition,
        log_offset=verdict.offset,
        schema=verdict.schema,
        payload=payload.decode(),
    )
