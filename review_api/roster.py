"""Every detector as a lead sees it: whether it may pause, how often it did, how often wrongly.

A score is listed once for each model version that paused somebody lately or was spoken of, and
once for every version while there is nothing of the kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, func, select

from access.vocabulary import Refusal
from review_api.demotion import judged, weighed
from review_api.detector_records import PauseCause, StandingChange
from review_api.models import CaseEvent
from review_api.shares import Share
from review_api.standing import EVERY_VERSION, KINDS, RULE_CODES, Detector, change_of, watching
from review_api.vocabulary import CaseEventKind, DetectorStanding

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.policy import BreakerPolicy

LATELY: Final = timedelta(days=31)
JUST_NOW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses that a detector took in the last 31 days, and when it took the last."""

    count: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DetectorView:
    """One detector. `change` is None while it always acted; `wrongful` is what would demote it."""

    detector: Detector
    change: StandingChange | None
    pauses: Pauses
    wrongful: Share

    @property
    def standing(self) -> DetectorStanding:
        """Whether its verdicts may pause."""
        return self.change.standing if self.change else DetectorStanding.ACTING

    @property
    def is_rule(self) -> bool:
        """Whether it is a hard rule, and not the score of a kind."""
        return self.detector.name not in KINDS


@dataclass(frozen=True, slots=True)
class BreakerView:
    """What the breaker does now: who only watches, and how many pauses it held in an hour."""

    watching: tuple[StandingChange, ...]
    held: int

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.watching and not self.held


def list_detectors(
    session: Session, now: datetime, policy: BreakerPolicy
) -> tuple[DetectorView, ...]:
    """Give every detector, those that only watch first."""
    lately = _pauses_lately(session, now - LATELY)
    named = session.execute(
        select(StandingChange.detector, StandingChange.model_version).distinct()
    )
    known = {*lately, *(Detector(*row) for row in named)}
    seen = {detector.name for detector in known}
    known |= {Detector(name, EVERY_VERSION) for name in {*RULE_CODES, *KINDS} - seen}
    views = (_view(session, each, lately.get(each, Pauses()), policy) for each in sorted(known))
    return tuple(sorted(views, key=lambda view: view.standing is DetectorStanding.ACTING))


def view_breaker(session: Session, now: datetime) -> BreakerView:
    """Say whether anything is held back just now."""
    held = select(func.count(CaseEvent.id)).where(
        CaseEvent.kind == CaseEventKind.PAUSE_WITHHELD,
        CaseEvent.at > now - JUST_NOW,
        CaseEvent.detail["refusal"].as_string() == Refusal.BREAKER.value,
    )
    return BreakerView(watching(session), session.scalar(held) or 0)


def _view(
    session: Session, detector: Detector, pauses: Pauses, policy: BreakerPolicy
) -> DetectorView:
    change = change_of(session, detector)
    decided = judged(session, detector, change.since if change else None, weighed(policy))
    return DetectorView(detector, change, pauses, Share(sum(decided), len(decided)))


def _pauses_lately(session: Session, start: datetime) -> dict[Detector, Pauses]:
    version = case((PauseCause.detector.in_(KINDS), PauseCause.model_version), else_=EVERY_VERSION)
    rows = session.execute(
        select(
            PauseCause.detector, version, func.count(PauseCause.id), func.max(PauseCause.taken_at)
        )
        .where(PauseCause.taken_at > start)
        .group_by(PauseCause.detector, version)
    )
    return {Detector(name, of): Pauses(count, last) for name, of, count, last in rows}
