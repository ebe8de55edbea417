"""What the API takes and gives about quality, in pydantic."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from detectors.verdict import Kind
from review_api.forms import NO_NUL
from review_api.models import RATIONALE_LENGTH
from review_api.quality.vocabulary import Slice
from review_api.quality.work import BLIND
from review_api.schemas import Out
from review_api.vocabulary import Outcome, ReasonCode

if TYPE_CHECKING:
    from detectors.verdict import Verdict
    from review_api.quality.agreement import Agreement
    from review_api.quality.overview import Quality
    from review_api.quality.records import GivenWork, GoldenMark, Look
    from review_api.quality.reliability import Reliability

Text = Annotated[str, Field(min_length=1, max_length=RATIONALE_LENGTH, pattern=NO_NUL)]


class QualityQuery(BaseModel):
    """Which period."""

    model_config = ConfigDict(extra="forbid")

    days: Literal["7", "30", "90"] = "30"


class LookIn(BaseModel):
    """What somebody says of a case they look at, blind; the outcome follows from the reason."""

    model_config = ConfigDict(extra="forbid")

    reason_code: ReasonCode
    rationale: Text


class GoldenIn(BaseModel):
    """The known answer of a decided case; null takes an earlier one back."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome | None
    why: Text


class WorkOut(Out):
    """What a reviewer is given. A blind one says why only when it is decided.

    `look` names a second look; then there is no `case_id`, because who looks is not to know it.
    """

    case_id: str | None
    look: int | None
    blind: bool
    share: Slice | None
    why: str | None

    @classmethod
    def of(cls, given: GivenWork) -> Self:
        blind, look = given.share in BLIND, given.share is Slice.LOOK
        return cls(
            case_id=None if look else given.case_id,
            look=given.id if look else None,
            blind=blind,
            share=None if blind else given.share,
            why=None if blind else given.why,
        )


class NextOut(Out):
    """The next case; null when nothing waits."""

    work: WorkOut | None


class SeenOut(Out):
    """One observation, without any score."""

    sentence: str
    group: str
    observed: float
    percentile: float | None
    hard: bool


class LookFileOut(Out):
    """The evidence of a case for a second look: no account, no score, no decision."""

    look: int
    kind: Kind
    observations: list[SeenOut]
    features: dict[str, float | None]

    @classmethod
    def of(cls, given: GivenWork, kind: Kind, verdict: Verdict) -> Self:
        seen = [SeenOut.model_validate(one, from_attributes=True) for one in verdict.reasons]
        return cls(look=given.id, kind=kind, observations=seen, features=verdict.features)


class LookOut(Out):
    """A look that was taken."""

    outcome: Outcome
    reason_code: ReasonCode
    reviewer: str
    at: datetime

    @classmethod
    def of(cls, look: Look) -> Self:
        return cls.model_validate(look, from_attributes=True)


class GoldenOut(Out):
    """A mark that a case's answer is known, or no longer."""

    case_id: str
    outcome: Outcome | None
    actor: str
    at: datetime

    @classmethod
    def of(cls, mark: GoldenMark) -> Self:
        return cls.model_validate(mark, from_attributes=True)


class HoursOut(Out):
    """Pauses settled in one way, and the hours they took."""

    pauses: int
    hours: float


class WeekOut(Out):
    """One week, named by its Monday (UTC)."""

    monday: date
    wrongful: HoursOut
    unproven: HoursOut
    lapsed: HoursOut


class ByDetectorOut(Out):
    """One detector's settled pauses: `wrong` of `judged`, with a 95 % interval of the share."""

    detector: str
    model_version: str
    wrong: int
    judged: int
    low: float
    high: float
    lapsed: int
    wrongful_hours: float


class WaitsOut(Out):
    """Seconds from pause to the first look of a person; null of nobody."""

    seen: int
    unseen: int
    median_seconds: float | None
    nine_in_ten_seconds: float | None


class AppealsOut(Out):
    """Appeals within the period."""

    filed: int
    decided: int
    overturned: int


class AgreementOut(Out):
    """Double reviews; null where nothing can be said."""

    agreed: int
    pairs: int
    kappa: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, agreement: Agreement) -> Self:
        return cls.model_validate(agreement, from_attributes=True)


class AgeOut(Out):
    """Undecided cases that have waited so long."""

    name: str
    cases: int
    paused: int


class EstimateOut(Out):
    """A share estimated from audits, with its 95 % interval."""

    value: float
    low: float
    high: float
    of: int


class AuditsOut(Out):
    """What audits tell. `false_pauses_at_most` is the 95 % bound on honest account-months."""

    drawn: int
    judged: int
    precision: EstimateOut | None
    recall: EstimateOut | None
    false_pauses: int
    honest: int
    false_pauses_at_most: float


class ReliabilityOut(Out):
    """One reviewer, for leads only."""

    reviewer: str
    golden: int
    golden_of: int
    agreed: int
    pairs: int
    among_all: float | None
    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, one: Reliability) -> Self:
        return cls.model_validate(one, from_attributes=True)


class QualityOut(Out):
    """The quality of review in one period; hours are of paused monthly quota.

    `reviewers` is null for whoever is no lead.
    """

    days: int
    since: datetime
    until: datetime
    wrongful: HoursOut
    unproven: HoursOut
    lapsed: HoursOut
    weeks: list[WeekOut]
    detectors: list[ByDetectorOut]
    first_look: WaitsOut
    appeals: AppealsOut
    agreement: AgreementOut
    agreement_by_kind: dict[Kind, AgreementOut]
    waiting: list[AgeOut]
    made_good: HoursOut
    audits: AuditsOut
    reviewers: list[ReliabilityOut] | None

    @classmethod
    def of(cls, shown: Quality, *, for_lead: bool) -> Self:
        return cls(
            days=shown.days,
            since=shown.since,
            until=shown.now,
            wrongful=_hours(shown.wrongful),
            unproven=_hours(shown.unproven),
            lapsed=_hours(shown.lapsed),
            weeks=[WeekOut.model_validate(each, from_attributes=True) for each in shown.weeks],
            detectors=_detectors(shown),
            first_look=_waits(shown),
            appeals=AppealsOut.model_validate(shown.appeals, from_attributes=True),
            agreement=AgreementOut.of(shown.agreement),
            agreement_by_kind={k: AgreementOut.of(each) for k, each in shown.by_kind.items()},
            waiting=[AgeOut.model_validate(each, from_attributes=True) for each in shown.ages],
            made_good=HoursOut(pauses=shown.made_good.times, hours=shown.made_good.hours),
            audits=_audits(shown),
            reviewers=[ReliabilityOut.of(one) for one in shown.reviewers] if for_lead else None,
        )


def _hours(hours: object) -> HoursOut:
    return HoursOut.model_validate(hours, from_attributes=True)


def _detectors(shown: Quality) -> list[ByDetectorOut]:
    return [
        ByDetectorOut(
            detector=row.detector.name,
            model_version=row.detector.model_version,
            wrong=row.wrong,
            judged=row.judged,
            low=row.low,
            high=row.high,
            lapsed=row.lapsed,
            wrongful_hours=row.hours,
        )
        for row in shown.detectors
    ]


def _waits(shown: Quality) -> WaitsOut:
    middle, ninth = shown.waits.median, shown.waits.nine_in_ten
    return WaitsOut(
        seen=shown.waits.seen,
        unseen=shown.waits.unseen,
        median_seconds=middle.total_seconds() if middle is not None else None,
        nine_in_ten_seconds=ninth.total_seconds() if ninth is not None else None,
    )


def _audits(shown: Quality) -> AuditsOut:
    found = shown.audits
    return AuditsOut(
        drawn=found.drawn,
        judged=found.judged,
        precision=EstimateOut.model_validate(found.precision, from_attributes=True)
        if found.precision
        else None,
        recall=EstimateOut.model_validate(found.recall, from_attributes=True)
        if found.recall
        else None,
        false_pauses=found.false_pauses.wrong,
        honest=found.false_pauses.of,
        false_pauses_at_most=found.false_pauses.high,
    )
