"""What the API gives about models and the promise, in pydantic."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from detectors.betting import ALARM
from detectors.stages import Stage
from detectors.verdict import Kind
from review_api.monitors.happenings import Happened
from review_api.monitors.vocabulary import PromiseStanding
from review_api.schemas import Out

if TYPE_CHECKING:
    from review_api.monitors.estimates import KindEstimates
    from review_api.monitors.overview import Models, ModelView, Night
    from review_api.monitors.promise import Promise
    from review_api.monitors.records import PromiseChange


class PromiseChangeOut(Out):
    """From `since` on the promise is in doubt or trusted, on whose word and why."""

    standing: PromiseStanding
    since: datetime
    actor: str
    why: str

    @classmethod
    def of(cls, change: PromiseChange) -> Self:
        return cls(standing=change.standing, since=change.since, actor=change.actor, why=change.why)


class PromiseOut(Out):
    """Whether the promise may be relied on, and what audits since `since` say of it.

    `budget` is the share of honest account-months that may be paused, `e_value` what a bet against
    that is worth (1 at first; from `alarm` on, and two wrongful pauses, it is in doubt).
    `judged` audits found an honest account, which had been paused in `wrongful` of them; `waiting`
    ones have no answer. `change` is null if nobody ever said anything.
    """

    standing: PromiseStanding
    since: datetime | None
    change: PromiseChangeOut | None
    budget: float
    e_value: float
    alarm: float
    judged: int
    wrongful: int
    waiting: int

    @classmethod
    def of(cls, promise: Promise) -> Self:
        return cls(
            standing=promise.standing,
            since=promise.since,
            change=PromiseChangeOut.of(promise.change) if promise.change else None,
            budget=promise.budget,
            e_value=promise.doubt.e_value,
            alarm=ALARM,
            judged=promise.doubt.judged,
            wrongful=promise.doubt.wrongful,
            waiting=promise.doubt.waiting,
        )


class ShareOut(Out):
    """A share with its 95 % interval, and the observations it rests on."""

    value: float
    low: float
    high: float
    of: int


class AuditedOut(Out):
    """What audits told of a model, for one kind or (null) all; null where nothing is known."""

    kind: Kind | None
    judged: int
    precision: ShareOut | None
    recall: ShareOut | None

    @classmethod
    def of(cls, found: KindEstimates) -> Self:
        return cls.model_validate(found, from_attributes=True)


class NightOut(Out):
    """What the newest night found of one model version; `latency` says what changed, in words."""

    night: str
    model_version: str
    at: datetime
    why: str
    audited: list[AuditedOut]
    drifted: list[str]
    latency: list[str]
    labels: dict[str, int]
    months: dict[str, int]
    figures: dict[str, float]

    @classmethod
    def of(cls, night: Night) -> Self:
        found = night.found
        return cls(
            night=night.night,
            model_version=night.model_version,
            at=night.at,
            why=found.why,
            audited=[AuditedOut.of(each) for each in found.audited],
            drifted=[each.name for each in found.drifted],
            latency=[each.sentence for each in found.shifts],
            labels=found.labels,
            months=found.months,
            figures=found.figures,
        )


class CheckOut(Out):
    """One check of the gate, and what it says."""

    name: str
    passed: bool
    waits: bool
    sentence: str


class ModelOut(Out):
    """One model: at which stage, since when and why; `checks` are the gate's, if it was asked."""

    version: str
    stage: Stage
    since: datetime | None
    why: str
    created_at: str | None
    origin: str | None
    checks: list[CheckOut]

    @classmethod
    def of(cls, view: ModelView) -> Self:
        manifest, gate = view.manifest, view.gate
        checks = gate.checks if gate else ()
        return cls(
            version=view.version,
            stage=view.stage,
            since=view.since,
            why=view.why,
            created_at=manifest.created_at if manifest else None,
            origin=manifest.origin if manifest else None,
            checks=[CheckOut.model_validate(check, from_attributes=True) for check in checks],
        )


class HappeningOut(Out):
    """One thing that happened to a model, or (an empty version) to all of them."""

    at: datetime
    what: Happened
    actor: str
    version: str
    why: str


class ModelsOut(Out):
    """The newest models, champion first, and everything that happened, newest first.

    `visible` is false where the server sees no registry; `fault` says what it cannot read there.
    """

    visible: bool
    fault: str
    champion: str | None
    challenger: str | None
    models: list[ModelOut]
    latest_night: NightOut | None
    happenings: list[HappeningOut]

    @classmethod
    def of(cls, models: Models) -> Self:
        champion, challenger = (
            models.at_stage(stage) for stage in (Stage.CHAMPION, Stage.CHALLENGER)
        )
        happened = models.happenings
        return cls(
            visible=models.visible,
            fault=models.fault,
            champion=champion.version if champion else None,
            challenger=challenger.version if challenger else None,
            models=[ModelOut.of(each) for each in models.models],
            latest_night=NightOut.of(models.latest) if models.latest else None,
            happenings=[
                HappeningOut.model_validate(each, from_attributes=True) for each in happened
            ],
        )
