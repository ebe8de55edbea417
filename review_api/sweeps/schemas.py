"""What the API takes and gives of sweeps and exemptions, in pydantic."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from access.models import ID_LENGTH
from review_api.forms import WORD, Words
from review_api.schemas import Out
from review_api.sweeps.exemptions import LONGEST_DAYS
from review_api.sweeps.finding import MOST
from review_api.sweeps.vocabulary import Stage, SweepResult
from review_api.vocabulary import Choice, ReasonCode, choice_of

if TYPE_CHECKING:
    from review_api.sweeps.overview import Progress
    from review_api.sweeps.records import Exemption, Sweep

CaseName = Annotated[str, Field(min_length=1, max_length=ID_LENGTH, pattern=WORD)]
Restoring = Literal[
    ReasonCode.SIGNALS_MISREAD,
    ReasonCode.SHARED_NETWORK,
    ReasonCode.TRAVEL_OR_VPN,
    ReasonCode.OFFICIAL_FEATURE,
    ReasonCode.ACCESSIBILITY_TOOL,
    ReasonCode.OWN_DEVICES,
    ReasonCode.HEAVY_PERSONAL_USE,
    ReasonCode.INSUFFICIENT_EVIDENCE,
    ReasonCode.GOODWILL,
]
RESTORING = tuple(code for code in ReasonCode if choice_of(code) is Choice.RESTORE)


class _SweepIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason_code: Restoring
    rationale: Words


class AlikeIn(_SweepIn):
    """Everybody who is paused like one case, and for how many days nobody else is to be."""

    from_case_id: CaseName
    exempt_days: Annotated[int, Field(ge=0, le=LONGEST_DAYS)] = 0


class NamedIn(_SweepIn):
    """Cases named one by one."""

    case_ids: Annotated[list[CaseName], Field(min_length=1, max_length=MOST)]


SweepIn = AlikeIn | NamedIn


class StageIn(BaseModel):
    """How far the sweep may go now; `back` takes back everything it did."""

    model_config = ConfigDict(extra="forbid")

    stage: Stage


class SweepOut(Out):
    """A sweep and how far it is. `sample` are the cases to read before letting it go."""

    sweep_id: str
    signature: str
    from_case_id: str | None
    reason_code: ReasonCode
    rationale: str
    actor: str
    at: datetime
    members: int
    sample: list[str]
    stage: Stage | None
    following: Stage | None
    results: dict[SweepResult, int]
    taken_back: dict[SweepResult, int]

    @classmethod
    def of(cls, sweep: Sweep, progress: Progress) -> Self:
        return cls(
            sweep_id=sweep.id,
            signature=sweep.signature,
            from_case_id=sweep.from_case_id,
            reason_code=sweep.reason_code,
            rationale=sweep.rationale,
            actor=sweep.actor,
            at=sweep.at,
            members=progress.members,
            sample=[member.case_id for member in sweep.members if member.sample],
            stage=progress.stage,
            following=progress.following,
            results=dict(progress.going),
            taken_back=dict(progress.back),
        )


class SweepsOut(Out):
    """The newest sweeps."""

    items: list[SweepOut]


class ExemptionOut(Out):
    """Until `until`, or until it was ended, nobody is paused for what looks like `signature`."""

    exemption_id: str
    signature: str
    sweep_id: str | None
    reason: str
    since: datetime
    until: datetime
    actor: str
    ended_at: datetime | None

    @classmethod
    def of(cls, exemption: Exemption) -> Self:
        return cls(
            exemption_id=exemption.id,
            signature=exemption.signature,
            sweep_id=exemption.sweep_id,
            reason=exemption.reason,
            since=exemption.since,
            until=exemption.until,
            actor=exemption.actor,
            ended_at=exemption.end.at if exemption.end else None,
        )


class ExemptionsOut(Out):
    """The newest exemptions, those in force and those that are over."""

    items: list[ExemptionOut]
