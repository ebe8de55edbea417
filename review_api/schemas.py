"""What the API gives, in pydantic, read from the frozen values the rules work with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import BaseModel, ConfigDict

from detectors.verdict import Action, Kind, Response, Standing
from review_api.vocabulary import (
    CaseEventKind,
    CaseStatus,
    Choice,
    Fate,
    Outcome,
    ReasonCode,
    Ruled,
)

if TYPE_CHECKING:
    from review_api.cases import CaseView, EvidenceView, PauseView
    from review_api.models import Decision
    from review_api.queue import QueueItem, QueuePage


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class HeldOut(Out):
    """Who holds the case, and until when unless they renew it."""

    by: str
    until: datetime


class CaseItemOut(Out):
    """A case in a list; one that waits for nobody has no queue, due time or chance.

    `why` says in words why it is at its place. `harm` is the expected harm of the pause so far,
    in the currency of the plans a month times hours: `wrong_chance` (0 to 1) times price times
    hours paused; 0 while nobody is paused.
    """

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
    headline: str
    why: str
    harm: float
    wrong_chance: float | None
    queue: str | None
    due_at: datetime | None
    claim: HeldOut | None
    escalated: bool
    waits_for_customer: bool
    waits_for_second: bool

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


class SecondOpinionOut(Out):
    """What a second person thinks of the decision."""

    agrees: bool
    rationale: str
    reviewer: str
    at: datetime


class DecisionEndOut(Out):
    """What became of the decision."""

    fate: Fate
    at: datetime
    actor: str


class DecisionOut(Out):
    """What a person decided.

    It is carried out from `effective_from` on, after another person agreed if it `needs_second`;
    `end` is null until then.
    """

    choice: Choice
    outcome: Outcome
    reason_code: ReasonCode
    rationale: str
    reviewer: str
    at: datetime
    kind: Kind | None
    checklist: dict[str, Ruled]
    answer: str
    effective_from: datetime
    needs_second: bool
    second: SecondOpinionOut | None
    end: DecisionEndOut | None

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
