"""Pairs of answers on one case: a second look beside the decision that stands, or a golden answer.

Outcomes are compared as answers to one question, did the account break the rules: a pause that the
machine misread and one that was allowed are the same answer, and "nobody can tell" is a third.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from review_api.carried_out import counts
from review_api.models import Case, Decision
from review_api.quality.agreement import agreement_of
from review_api.quality.records import GoldenMark, Look
from review_api.quality.vocabulary import LookPurpose
from review_api.vocabulary import WRONGFUL, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.verdict import Kind
    from review_api.quality.agreement import Agreement


class Answer(StrEnum):
    """Did the account break the rules."""

    BROKE = "broke the rules"
    KEPT = "kept the rules"
    UNSURE = "cannot be told"


@dataclass(frozen=True, slots=True)
class Pair:
    """What two people answered about one case, neither knowing of the other's answer.

    `purpose` says why the second looked; `known` is the answer of a golden case, else None.
    """

    case_id: str
    kind: Kind
    decider: str
    decided: Answer
    looker: str
    looked: Answer
    at: datetime
    purpose: LookPurpose
    known: Answer | None = None

    @property
    def same(self) -> bool:
        """Whether the two agree."""
        return self.decided is self.looked


def answer_of(outcome: Outcome) -> Answer:
    """Read an outcome as an answer."""
    if outcome is Outcome.CONFIRMED:
        return Answer.BROKE
    return Answer.KEPT if outcome in WRONGFUL else Answer.UNSURE


def pairs_since(
    session: Session, since: datetime | None = None, until: datetime | None = None
) -> list[Pair]:
    """Give every second look since then beside the decision of its case, oldest first.

    A case that was opened again has no standing decision, and is left out until it has one. With
    `until`, everything is as it was known then.
    """
    wanted = (
        select(Look, Decision.reviewer, Decision.outcome, Case.kind)
        .join(Case, Case.id == Look.case_id)
        .join(Decision, Decision.case_id == Look.case_id)
        .where(counts(until), Decision.reviewer != Look.reviewer)
        .order_by(Look.id)
    )
    if since is not None:
        wanted = wanted.where(Look.at > since)
    if until is not None:
        wanted = wanted.where(Look.at <= until)
    golden = golden_answers(session, until)
    return [
        Pair(
            case_id=look.case_id,
            kind=kind,
            decider=decider,
            decided=answer_of(outcome),
            looker=look.reviewer,
            looked=answer_of(look.outcome),
            at=look.at,
            purpose=look.purpose,
            known=golden.get(look.case_id),
        )
        for look, decider, outcome, kind in session.execute(wanted)
    ]


def golden_answers(session: Session, until: datetime | None = None) -> dict[str, Answer]:
    """Give the known answer of each golden case, as it was known at `until`; None means now."""
    newest = select(func.max(GoldenMark.id)).group_by(GoldenMark.case_id)
    if until is not None:
        newest = newest.where(GoldenMark.at <= until)
    marks = session.scalars(select(GoldenMark).where(GoldenMark.id.in_(newest)))
    return {mark.case_id: answer_of(mark.outcome) for mark in marks if mark.outcome}


def agreement_by_kind(pairs: Iterable[Pair]) -> dict[Kind, Agreement]:
    """Give how far the double reviews of each kind agree; golden cases are chosen, and left out."""
    double = [pair for pair in pairs if pair.purpose is LookPurpose.DOUBLE]
    return {
        kind: agreement_of([(p.decided.value, p.looked.value) for p in double if p.kind is kind])
        for kind in sorted({pair.kind for pair in double})
    }


def overall(pairs: Iterable[Pair]) -> Agreement:
    """Give how far all double reviews agree."""
    return agreement_of(
        [(p.decided.value, p.looked.value) for p in pairs if p.purpose is LookPurpose.DOUBLE]
    )
