"""What the API gives, in pydantic, read from the frozen values the rules work with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import BaseModel, ConfigDict

from access.measures import stands
from access.vocabulary import Entitlement, MeasureEndKind
from detectors.verdict import Action, Kind, Response, Standing
from review_api.suppressions import suppresses
from review_api.vocabulary import CaseEventKind, CaseStatus, Choice, Outcome, ReasonCode

if TYPE_CHECKING:
    from access.models import Measure
    from access.reading import Access, Asked
    from review_api.cases import CaseView, EvidenceView, PauseView
    from review_api.models import Decision, Suppression
    from review_api.queue import QueueItem, QueuePage


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class PauseOut(Out):
    """A pause in force."""

    entitlement: Entitlement
    since: datetime
    until: datetime
    case_id: str
    reason: str


class AskedOut(Out):
    """A speed hold or a challenge in force; an answer to a challenge names its `measure_id`."""

    measure_id: str
    since: datetime
    until: datetime
    case_id: str
    reason: str


class AccessOut(Out):
    """What the account may use now, and what is asked of the platform meanwhile."""

    account_id: str
    paused: bool
    pause: PauseOut | None
    still_works: list[Entitlement]
    speed_hold: AskedOut | None
    challenge: AskedOut | None

    @classmethod
    def of(cls, access: Access) -> Self:
        pause = access.pause
        return cls(
            account_id=access.account_id,
            paused=access.paused,
            pause=PauseOut.model_validate(pause, from_attributes=True) if pause else None,
            still_works=list(access.still_works),
            speed_hold=_asked(access.speed_hold),
            challenge=_asked(access.challenge),
        )


class ChallengeOut(Out):
    """A challenge. `ended_as` is how it ended before its time, None while it is open or lapsed."""

    challenge_id: str
    account_id: str
    since: datetime
    until: datetime
    open: bool
    ended_as: MeasureEndKind | None

    @classmethod
    def of(cls, challenge: Measure, now: datetime) -> Self:
        return cls(
            challenge_id=challenge.id,
            account_id=challenge.account_id,
            since=challenge.since,
            until=challenge.until,
            open=stands(challenge, now),
            ended_as=challenge.end.kind if challenge.end else None,
        )


class SuppressionOut(Out):
    """A suppression; `kind` None is every abuse kind, `ended_at` is set if it was ended early."""

    suppression_id: str
    account_id: str
    kind: Kind | None
    reason: str
    since: datetime
    until: datetime
    actor: str
    in_force: bool
    ended_at: datetime | None
    ended_by: str | None

    @classmethod
    def of(cls, suppression: Suppression, now: datetime) -> Self:
        end = suppression.end
        return cls(
            suppression_id=suppression.id,
            account_id=suppression.account_id,
            kind=suppression.kind,
            reason=suppression.reason,
            since=suppression.since,
            until=suppression.until,
            actor=suppression.actor,
            in_force=suppresses(suppression, now),
            ended_at=end.at if end else None,
            ended_by=end.actor if end else None,
        )


class SuppressionListOut(Out):
    """The newest suppressions of an account, at most a hundred."""

    items: list[SuppressionOut]


class CaseItemOut(Out):
    """A case in the queue."""

    case_id: str
    account_id: str
    kind: Kind
    status: CaseStatus
    version: int
    abuse: float
    opened_at: datetime
    paused: bool
    paused_since: datetime | None
    paused_until: datetime | None

    @classmethod
    def of(cls, item: QueueItem) -> Self:
        return cls.model_validate(item, from_attributes=True)


class CasePageOut(Out):
    """Some cases, the most urgent first."""

    items: list[CaseItemOut]
    next_cursor: str | None

    @classmethod
    def of(cls, page: QueuePage) -> Self:
        items = [CaseItemOut.of(item) for item in page.items]
        return cls(items=items, next_cursor=page.next_cursor)


class CasePauseOut(Out):
    """The pause the case took."""

    since: datetime
    until: datetime
    in_force: bool
    restored: bool
    lapsed: bool


class ReasonOut(Out):
    """One observed fact."""

    code: str
    sentence: str
    kind: Kind
    group: str
    feature: str
    observed: float
    percentile: float | None
    hard: bool


class BenignOut(Out):
    """One innocent explanation; `explains` names reason codes of this verdict."""

    cause: str
    standing: Standing
    sentence: str
    explains: list[str]


class ClearingOut(Out):
    """The smallest change of one figure that would have asked for less."""

    feature: str
    observed: float
    needed: float
    sentence: str


_TIMES: Final = frozenset({"occurred_at", "received_at"})


class EvidenceOut(Out):
    """One verdict, as it was pinned to the case.

    `response` was asked for, and `shadow` would have been by a detector that only watches.
    `clearing` is null when no single figure would have changed it, and `probability` until enough
    cases are decided.
    """

    verdict_id: str
    action: Action
    abuse: float
    scores: dict[Kind, float]
    p_value: float | None
    reasons: list[ReasonOut]
    features: dict[str, float | None]
    response: Response
    shadow: Response
    detector: str
    stratum: str
    country: str
    probability: float | None
    groups: list[str]
    unknown: list[str]
    benign: list[BenignOut]
    clearing: ClearingOut | None
    events: int
    occurred_at: datetime
    received_at: datetime
    model_version: str
    view_fingerprint: str
    topic: str
    partition: int
    offset: int
    index: int

    @classmethod
    def of(cls, view: EvidenceView) -> Self:
        row, verdict = view.row, view.verdict
        given = {
            name: getattr(row if name in _TIMES else verdict, name) for name in cls.model_fields
        }
        return cls.model_validate(given, from_attributes=True)


class CaseEventOut(Out):
    """One thing that happened to the case."""

    sequence: int
    kind: CaseEventKind
    at: datetime
    actor: str
    detail: dict[str, Any]


class DecisionOut(Out):
    """What a person decided."""

    choice: Choice
    outcome: Outcome
    reason_code: ReasonCode
    rationale: str
    reviewer: str
    at: datetime

    @classmethod
    def of(cls, decision: Decision) -> Self:
        return cls.model_validate(decision, from_attributes=True)


class CaseOut(Out):
    """One case, complete. Send `version` back with a decision."""

    case_id: str
    account_id: str
    kind: Kind
    status: CaseStatus
    version: int
    opened_at: datetime
    closed_at: datetime | None
    pause: CasePauseOut | None
    evidence: list[EvidenceOut]
    events: list[CaseEventOut]
    decisions: list[DecisionOut]

    @classmethod
    def of(cls, view: CaseView) -> Self:
        return cls(
            case_id=view.case.id,
            account_id=view.case.account_id,
            kind=view.case.kind,
            status=view.status,
            version=view.version,
            opened_at=view.case.opened_at,
            closed_at=view.case.closed_at,
            pause=_pause(view.pause),
            evidence=[EvidenceOut.of(item) for item in view.evidence],
            events=[
                CaseEventOut.model_validate(event, from_attributes=True) for event in view.events
            ],
            decisions=[DecisionOut.of(decision) for decision in view.decisions],
        )


def _pause(pause: PauseView | None) -> CasePauseOut | None:
    return CasePauseOut.model_validate(pause, from_attributes=True) if pause else None


def _asked(asked: Asked | None) -> AskedOut | None:
    return AskedOut.model_validate(asked, from_attributes=True) if asked else None
