"""The quality of review in one period, gathered at one moment: wrongful-pause hours first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from access.books import MakeGood
from review_api.models import CaseEvent
from review_api.quality.ageing import ageing
from review_api.quality.answers import agreement_by_kind, overall, pairs_since
from review_api.quality.audited import audited
from review_api.quality.chances import most
from review_api.quality.pauses import Ended, first_looks, settled_pauses
from review_api.quality.reliability import reliabilities
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Kind
    from review_api.quality.ageing import Age
    from review_api.quality.agreement import Agreement
    from review_api.quality.answers import Pair
    from review_api.quality.audited import Audited
    from review_api.quality.pauses import FirstLook, SettledPause
    from review_api.quality.reliability import Reliability
    from review_api.standing import Detector

PERIODS: Final = (7, 30, 90)
_SURE: Final = 0.975  # of each side: the interval holds 95 %


@dataclass(frozen=True, slots=True)
class Hours:
    """Pauses that were settled in one way, and the hours of quota they took."""

    pauses: int = 0
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Week:
    """What was settled in the week that begins on this Monday (UTC)."""

    monday: date
    wrongful: Hours
    unproven: Hours
    lapsed: Hours


@dataclass(frozen=True, slots=True)
class DetectorRow:
    """The pauses of one detector: `wrong` of the `judged` ones, the hours of these, an interval."""

    detector: Detector
    wrong: int
    judged: int
    lapsed: int
    hours: float

    @property
    def low(self) -> float:
        """The least true share of wrongful pauses (Clopper and Pearson, 95 %)."""
        return 1.0 - most(self.judged - self.wrong, self.judged, _SURE) if self.judged else 0.0

    @property
    def high(self) -> float:
        """The greatest, likewise."""
        return most(self.wrong, self.judged, _SURE)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long pauses waited for the first person: the middle one, nine in ten, nobody yet."""

    seen: int
    unseen: int
    median: timedelta | None
    nine_in_ten: timedelta | None


@dataclass(frozen=True, slots=True)
class Appeals:
    """Appeals that came, that were answered, and that were overturned, within the period."""

    filed: int
    decided: int
    overturned: int


@dataclass(frozen=True, slots=True)
class MadeGood:
    """Quota given back for wrongful pauses: how often, and for how many hours."""

    times: int
    hours: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Everything the page of quality shows."""

    days: int
    since: datetime
    now: datetime
    wrongful: Hours
    unproven: Hours
    lapsed: Hours
    weeks: tuple[Week, ...]
    detectors: tuple[DetectorRow, ...]
    waits: Waits
    appeals: Appeals
    agreement: Agreement
    by_kind: dict[Kind, Agreement]
    ages: tuple[Age, ...]
    made_good: MadeGood
    audits: Audited
    reviewers: tuple[Reliability, ...]
    disagreements: tuple[Pair, ...]


def quality(session: Session, days: int, now: datetime) -> Quality:
    """Gather the figures of the last `days` days."""
    since = now - timedelta(days=days)
    pauses = settled_pauses(session, since, now)
    pairs = pairs_since(session, since)
    return Quality(
        days=days,
        since=since,
        now=now,
        wrongful=hours_of(pauses, Ended.WRONGFUL),
        unproven=hours_of(pauses, Ended.UNPROVEN),
        lapsed=hours_of(pauses, Ended.LAPSED),
        weeks=weeks_of(pauses, since, now),
        detectors=by_detector(pauses),
        waits=waits_of(first_looks(session, since)),
        appeals=_appeals(session, since),
        agreement=overall(pairs),
        by_kind=agreement_by_kind(pairs),
        ages=ageing(session, now),
        made_good=_made_good(session, since),
        audits=audited(session, since),
        reviewers=reliabilities(pairs),
        disagreements=tuple(pair for pair in reversed(pairs) if not pair.same),
    )


def hours_of(pauses: Iterable[SettledPause], ended: Ended) -> Hours:
    """Add up the pauses that were settled in this way."""
    found = [pause.hours for pause in pauses if pause.ended is ended]
    return Hours(len(found), sum(found))


def weeks_of(pauses: Sequence[SettledPause], since: datetime, now: datetime) -> tuple[Week, ...]:
    """Give every week of the period, empty ones too."""
    monday, weeks = _monday(since), []
    while monday <= now.date():
        inside = [pause for pause in pauses if _monday(pause.at) == monday]
        counted = (hours_of(inside, way) for way in (Ended.WRONGFUL, Ended.UNPROVEN, Ended.LAPSED))
        weeks.append(Week(monday, *counted))
        monday += timedelta(days=7)
    return tuple(weeks)


def by_detector(pauses: Iterable[SettledPause]) -> tuple[DetectorRow, ...]:
    """Give each detector and model version, the most wrongful hours first."""
    rows = []
    ordered = sorted(pauses, key=lambda pause: pause.detector)
    for detector, group in groupby(ordered, key=lambda pause: pause.detector):
        each = list(group)
        wrongful, confirmed = hours_of(each, Ended.WRONGFUL), hours_of(each, Ended.CONFIRMED)
        rows.append(
            DetectorRow(
                detector=detector,
                wrong=wrongful.pauses,
                judged=wrongful.pauses + confirmed.pauses,
                lapsed=hours_of(each, Ended.LAPSED).pauses,
                hours=wrongful.hours,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.hours, row.detector)))


def waits_of(looks: Sequence[FirstLook]) -> Waits:
    """Sum up how long pauses waited for the first look of a person."""
    waited = sorted(look.waited for look in looks if look.waited is not None)
    seconds = [wait.total_seconds() for wait in waited]
    if not seconds:
        return Waits(0, len(looks), None, None)
    ninth = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Waits(
        seen=len(seconds),
        unseen=len(looks) - len(seconds),
        median=timedelta(seconds=median(seconds)),
        nine_in_ten=timedelta(seconds=ninth),
    )


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def _appeals(session: Session, since: datetime) -> Appeals:
    events = select(func.count(CaseEvent.id)).where(CaseEvent.at > since)
    ended = events.where(CaseEvent.kind == CaseEventKind.APPEAL_DECIDED)
    overturned = ended.where(CaseEvent.detail["result"].as_string() == "overturned")
    return Appeals(
        filed=session.scalar(events.where(CaseEvent.kind == CaseEventKind.APPEALED)) or 0,
        decided=session.scalar(ended) or 0,
        overturned=session.scalar(overturned) or 0,
    )


def _made_good(session: Session, since: datetime) -> MadeGood:
    given = select(func.count(), func.coalesce(func.sum(MakeGood.seconds), 0.0))
    times, seconds = session.execute(given.where(MakeGood.at > since)).one()
    return MadeGood(times, seconds / 3600)
