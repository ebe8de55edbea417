"""Ground truth, derived from what people decided and never stored: what the night learns.

A label says what was so when the judged evidence was seen (valid time), and since when that is
known (transaction time). Only decisions that were carried out and still stood at the asked moment
count; what nobody could tell teaches nothing. Everything is read as it was known then, also how far
a reviewer's word goes, so that the same moment gives the same labels for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from detectors.association import VERSION as LINKS
from detectors.disputes import disputes
from detectors.labels import Label, LabelSet, Provenance
from review_api.appeal_records import AppealEnd
from review_api.carried_out import counts
from review_api.models import Case, Decision, DecisionEnd, Evidence
from review_api.quality.answers import Answer, golden_answers, pairs_since
from review_api.quality.records import Inclusion
from review_api.quality.reliability import Reliability, reliabilities
from review_api.quality.vocabulary import Way
from review_api.vocabulary import Outcome
from streams.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select
    from sqlalchemy.orm import Session

PINNED: Final = 2_000
"""How many of the newest labels come with the pinned numbers: skew is measured by them."""

_AT_ONCE: Final = 5_000
_PROVENANCE: Final[Mapping[Way, Provenance]] = {
    Way.VERDICT: Provenance.DECISION,
    Way.AUDIT: Provenance.AUDIT,
    Way.FLIP: Provenance.FLIP,
    Way.CALIBRATION: Provenance.CALIBRATION,
}


class _Pinned(msgspec.Struct):
    """What of a pinned verdict a label needs."""

    index: int = 0
    features: dict[str, float | None] = {}


class _Index(msgspec.Struct):
    """Where in its record an event stands."""

    index: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What was known beside the decisions: by case, by decision and by reviewer."""

    ways: Mapping[str, Mapping[Way, float]]
    appeals: frozenset[int]
    reliable: Mapping[str, Reliability]
    golden: Mapping[str, Answer]


def label_set(
    session: Session,
    *,
    known_by: datetime,
    observed_by: datetime | None = None,
    pinned: int = PINNED,
) -> LabelSet:
    """Give every label that was known at `known_by`, of evidence seen up to `observed_by`.

    The newest `pinned` come with their vectors. A corrected decision replaces the earlier; one that
    was taken back or reopened teaches nothing; of a golden case its known answer is the label.
    """
    observed_by, known = observed_by or known_by, _known(session, known_by)
    rows = session.execute(_decided(known_by)).all()
    seen = _pinned(session, [row.evidence_id for row in rows], rows[-pinned:] if pinned else [])
    found = [_label(row, known, seen.get(row.evidence_id, _Pinned())) for row in rows]
    labels = tuple(one for one in found if one is not None and one.observed_at <= observed_by)
    return LabelSet(labels, known_by, observed_by, disputes(labels).contradicted)


def _decided(known_by: datetime) -> Select[*tuple[Any, ...]]:
    judged, newest = aliased(Evidence), aliased(Evidence)
    # What a finding about linked accounts pins is no vector, and its place none of a reading.
    last = (
        select(func.max(newest.id))
        .where(
            newest.case_id == Case.id,
            newest.received_at <= Decision.at,
            newest.model_version != LINKS,
        )
        .correlate(Case, Decision)
        .scalar_subquery()
    )
    return (
        select(
            Case.account_id, Case.kind, Case.opened_at, Decision.id, Decision.case_id,
            Decision.outcome, Decision.kind.label("confirmed"), Decision.reviewer,
            DecisionEnd.at.label("known_at"), judged.id.label("evidence_id"), judged.occurred_at,
            judged.log_topic, judged.log_partition, judged.log_offset, judged.model_version,
            judged.view_fingerprint,
        )
        .join(Decision, Decision.case_id == Case.id)
        .join(DecisionEnd, DecisionEnd.decision_id == Decision.id)
        .outerjoin(judged, judged.id == last)
        .where(counts(known_by), Decision.outcome != Outcome.INCONCLUSIVE)
        .order_by(Decision.id)
    )  # fmt: skip


def _label(row: Row[Any], known: _Known, pinned: _Pinned) -> Label | None:
    truth = known.golden.get(row.case_id)
    if truth is Answer.UNSURE:
        return None
    reliable = known.reliable.get(row.reviewer, Reliability(row.reviewer)).mean
    ways = known.ways.get(row.case_id, {})
    place = None
    if row.evidence_id is not None:
        place = Place(row.log_topic, row.log_partition, row.log_offset, pinned.index)
    return Label(
        account_id=row.account_id,
        kind=row.confirmed or row.kind,
        abusive=truth is Answer.BROKE if truth else row.outcome is Outcome.CONFIRMED,
        outcome=str(row.outcome),
        case_id=row.case_id,
        decision_id=row.id,
        observed_at=row.occurred_at or row.opened_at,
        known_at=row.known_at,
        reviewer=row.reviewer,
        provenance=_provenance(row.id, ways, known),
        # One that came both ways was certain to be looked at.
        probability=max(ways.values(), default=1.0),
        reliability=1.0 if truth else reliable,
        place=place,
        features=pinned.features,
        view_fingerprint=row.view_fingerprint or "",
        model_version=row.model_version or "",
    )


def _provenance(decision: int, ways: Mapping[Way, float], known: _Known) -> Provenance:
    if decision in known.appeals:
        return Provenance.APPEAL
    likeliest = max(ways, key=lambda way: ways[way], default=Way.VERDICT)
    return _PROVENANCE[likeliest]


def _known(session: Session, known_by: datetime) -> _Known:
    ways: dict[str, dict[Way, float]] = {}
    for one in session.scalars(select(Inclusion).where(Inclusion.at <= known_by)):
        ways.setdefault(one.case_id, {})[one.purpose] = one.probability
    appeals = select(AppealEnd.decision_id).where(AppealEnd.at <= known_by)
    pairs = pairs_since(session, until=known_by)
    return _Known(
        ways=ways,
        appeals=frozenset(session.scalars(appeals)),
        reliable={one.reviewer: one for one in reliabilities(pairs)},
        golden=golden_answers(session, until=known_by),
    )


def _pinned(
    session: Session, every: Sequence[int | None], newest: Sequence[Row[Any]]
) -> dict[int, _Pinned]:
    """Read of each piece of evidence its place in its record, and of the newest their vectors."""
    wanted = {row.evidence_id for row in newest}
    numbers = sorted(number for number in every if number is not None)
    found = {}
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        rows = session.execute(select(Evidence.id, Evidence.payload).where(Evidence.id.in_(some)))
        for number, payload in rows:
            if number in wanted:
                found[number] = msgspec.json.decode(payload, type=_Pinned)
            else:
                found[number] = _Pinned(msgspec.json.decode(payload, type=_Index).index)
    return found
