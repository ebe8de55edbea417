"""The blast-radius breaker: how many pauses the machine may take in a minute.

A pause that is one too many within a minute is withheld: the case stays open for a person, and
nothing is paused later by itself. Pauses are counted from the facts in the database, inside
intake's transaction, one transaction at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from access.vocabulary import Refusal
from review_api.detector_records import PauseCause
from review_api.standing import detector_of, take_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Verdict
    from review_api.models import Case
    from review_api.policy import BreakerPolicy, ReviewPolicy

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Segments:
    """Among whose pauses one pause counts. What is not known is a segment like any other."""

    model_version: str
    stratum: str
    country: str


def too_many_pauses(
    session: Session, verdict: Verdict, now: datetime, policy: ReviewPolicy
) -> Refusal | None:
    """Withhold a pause that would be one too many within a minute."""
    take_turn(session)
    one = Segments(verdict.model_version, verdict.stratum, verdict.country)
    recent = pauses_since(session, now - MINUTE)
    return None if has_room(recent, one, policy.breaker) else Refusal.BREAKER


def pauses_since(session: Session, start: datetime) -> list[Segments]:
    """Give the pauses taken after `start`, wherever and by whatever; a later restore is no excuse.

    Pauses that another machine's clock puts into the future are counted too: doubt withholds.
    """
    rows = session.execute(
        select(PauseCause.model_version, PauseCause.stratum, PauseCause.country).where(
            PauseCause.taken_at > start
        )
    )
    return [Segments(*row) for row in rows]


def has_room(recent: Sequence[Segments], one: Segments, policy: BreakerPolicy) -> bool:
    """Tell whether `one` more pause after the `recent` ones keeps within every cap."""
    in_model = sum(pause.model_version == one.model_version for pause in recent)
    in_stratum = sum(pause.stratum == one.stratum for pause in recent)
    in_country = sum(pause.country == one.country for pause in recent)
    return (
        len(recent) < policy.pauses_per_minute
        and in_model < policy.model_pauses_per_minute
        and max(in_stratum, in_country) < policy.segment_pauses_per_minute
    )


def write_cause(session: Session, case: Case, verdict: Verdict, now: datetime) -> PauseCause:
    """Write down, in the transaction that took the pause, what took it."""
    cause = PauseCause(
        case_id=case.id,
        verdict_id=verdict.verdict_id,
        detector=detector_of(verdict).name,
        model_version=verdict.model_version,
        stratum=verdict.stratum,
        country=verdict.country,
        taken_at=now,
    )
    session.add(cause)
    session.flush()
    return cause
