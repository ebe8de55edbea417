"""Whether a detector's verdicts may pause: derived from the changes written down, newest first.

A detector is a hard rule, named by its code, or the score of one kind by one model version. Every
detector begins by acting. Changes are made under the breaker's lock (`take_turn`), so that two
decisions at once never both miss what the other saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import exists, func, select

from access.locks import AdvisoryLock
from detectors.rules import RULES
from detectors.verdict import Kind
from review_api.detector_records import PauseCause, StandingChange
from review_api.errors import BadRequestError, DetectorNotFoundError, StandingUnchangedError
from review_api.models import Evidence
from review_api.vocabulary import DetectorStanding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict

KINDS: Final = frozenset(kind.value for kind in Kind)
RULE_CODES: Final = tuple(rule.code for rule in RULES)
EVERY_VERSION: Final = ""


@dataclass(frozen=True, slots=True, order=True)
class Detector:
    """A hard rule, or the score of a kind by `model_version`; empty, by every version."""

    name: str
    model_version: str = EVERY_VERSION

    def __str__(self) -> str:
        return f"{self.name} of model {self.model_version}" if self.model_version else self.name


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of a detector, by whom and why."""

    standing: DetectorStanding
    actor: str
    why: str


def detector_of(named: Verdict | PauseCause) -> Detector:
    """Say which detector asked for, or took, a pause.

    A rule is the same in every model version. A verdict of schema 1 names no detector; what it
    asked for is put down to the score of its kind.
    """
    name = named.detector
    if not name and not isinstance(named, PauseCause):
        name = named.kind.value
    return Detector(name, named.model_version if name in KINDS else EVERY_VERSION)


def take_turn(session: Session) -> None:
    """Let one transaction at a time count pauses and change standings; always taken last.

    On SQLite the whole database is already ours to write.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(AdvisoryLock.BREAKER.value)))


def change_of(session: Session, detector: Detector) -> StandingChange | None:
    """Give the change that counts for this detector now; None if it always acted."""
    return _newest(_changes(session, detector.name), detector)


def watches(session: Session, detector: Detector) -> bool:
    """Tell whether the detector only watches."""
    return _standing(change_of(session, detector)) is DetectorStanding.DETECT_ONLY


def watching(session: Session) -> tuple[StandingChange, ...]:
    """Give the changes by which detectors only watch now, the newest first."""
    changes = _changes(session)
    return tuple(
        change
        for change in reversed(changes)
        if change is _newest(changes, Detector(change.detector, change.model_version))
        and change.standing is DetectorStanding.DETECT_ONLY
    )


def set_standing(session: Session, detector: Detector, word: Word, now: datetime) -> StandingChange:
    """Write down a person's word; raise if there is no such detector or nothing would change."""
    if not word.why.strip():
        raise BadRequestError("a change of standing needs its reason in words")
    _check_known(session, detector)
    take_turn(session)
    if _stands_so(session, detector, word.standing):
        raise StandingUnchangedError(f"{detector} is already {word.standing.value}")
    return write_change(session, detector, word, now)


def write_change(session: Session, detector: Detector, word: Word, now: datetime) -> StandingChange:
    """Write down a change of standing."""
    change = StandingChange(
        detector=detector.name,
        model_version=detector.model_version,
        standing=word.standing,
        since=now,
        actor=word.actor,
        why=word.why.strip(),
    )
    session.add(change)
    session.flush()
    return change


def _check_known(session: Session, detector: Detector) -> None:
    name, version = detector.name, detector.model_version
    took = exists().where(PauseCause.detector == name)
    if name not in {*KINDS, *RULE_CODES} and not session.scalar(select(took)):
        raise DetectorNotFoundError(f"there is no detector {name}")
    if version and name not in KINDS:
        raise DetectorNotFoundError(f"{name} is no score: it has no model versions")
    seen = exists().where(Evidence.model_version == version)
    if version and not session.scalar(select(seen)):
        raise DetectorNotFoundError(f"no verdict of a model {version} was ever taken in")


def _stands_so(session: Session, detector: Detector, standing: DetectorStanding) -> bool:
    changes = _changes(session, detector.name)
    versions = {detector.model_version}
    if detector.model_version == EVERY_VERSION:
        versions |= {change.model_version for change in changes}
    each = (Detector(detector.name, version) for version in versions)
    return all(_standing(_newest(changes, one)) is standing for one in each)


def _changes(session: Session, name: str | None = None) -> Sequence[StandingChange]:
    wanted = select(StandingChange).order_by(StandingChange.id)
    if name is not None:
        wanted = wanted.where(StandingChange.detector == name)
    return session.scalars(wanted).all()


def _newest(changes: Sequence[StandingChange], detector: Detector) -> StandingChange | None:
    covers = {EVERY_VERSION, detector.model_version}
    for change in reversed(changes):
        if change.detector == detector.name and change.model_version in covers:
            return change
    return None


def _standing(change: StandingChange | None) -> DetectorStanding:
    return change.standing if change else DetectorStanding.ACTING
