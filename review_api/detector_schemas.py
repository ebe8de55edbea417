"""What the API takes and gives about detectors, in pydantic."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from access.models import NAME_LENGTH
from review_api.forms import NO_CONTROL, NO_NUL
from review_api.models import RATIONALE_LENGTH
from review_api.schemas import Out
from review_api.vocabulary import DetectorStanding

if TYPE_CHECKING:
    from review_api.detector_records import StandingChange
    from review_api.roster import BreakerView, DetectorView


class StandingIn(BaseModel):
    """Whether the detector may pause, and why."""

    model_config = ConfigDict(extra="forbid")

    standing: DetectorStanding
    why: Annotated[str, Field(min_length=1, max_length=RATIONALE_LENGTH, pattern=NO_NUL)]
    model_version: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=NAME_LENGTH,
            pattern=NO_CONTROL,
            description="Of a score: only this model version. A rule has none.",
        ),
    ] = None


class StandingOut(Out):
    """A change of standing. `model_version` is null for a rule, and for every version."""

    detector: str
    model_version: str | None
    standing: DetectorStanding
    since: datetime
    actor: str
    why: str

    @classmethod
    def of(cls, change: StandingChange) -> Self:
        return cls(
            detector=change.detector,
            model_version=change.model_version or None,
            standing=change.standing,
            since=change.since,
            actor=change.actor,
            why=change.why,
        )


class WrongfulOut(Out):
    """How many of the last decided pauses were mistakes, with the exact 95 % interval."""

    count: int
    of: int
    low: float
    high: float


class DetectorOut(Out):
    """One detector. What `change` says counts; null while it always acted."""

    detector: str
    model_version: str | None
    standing: DetectorStanding
    change: StandingOut | None
    pauses_in_31_days: int
    last_pause_at: datetime | None
    wrongful: WrongfulOut

    @classmethod
    def of(cls, view: DetectorView) -> Self:
        return cls(
            detector=view.detector.name,
            model_version=view.detector.model_version or None,
            standing=view.standing,
            change=StandingOut.of(view.change) if view.change else None,
            pauses_in_31_days=view.pauses.count,
            last_pause_at=view.pauses.last_at,
            wrongful=WrongfulOut.model_validate(view.wrongful, from_attributes=True),
        )


class DetectorsOut(Out):
    """Every detector, those that only watch first, and the pauses held back in the last hour."""

    detectors: list[DetectorOut]
    held_in_the_last_hour: int

    @classmethod
    def of(cls, views: tuple[DetectorView, ...], breaker: BreakerView) -> Self:
        return cls(
            detectors=[DetectorOut.of(view) for view in views], held_in_the_last_hour=breaker.held
        )
