"""Which decisions count: those that were carried out, the last of their case, and not reopened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, true
from sqlalchemy.orm import aliased

from review_api.models import CaseEvent, Decision, DecisionEnd
from review_api.vocabulary import CaseEventKind, Fate

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement


def counts(known_by: datetime | None = None) -> ColumnElement[bool]:
    """Give the condition on `Decision`, as things were known at `known_by`; None means now."""
    end, later, later_end = aliased(DecisionEnd), aliased(Decision), aliased(DecisionEnd)
    carried_out = exists().where(
        end.decision_id == Decision.id,
        *_carried_out(end, known_by),
    )
    reopened = exists().where(
        end.decision_id == Decision.id,
        CaseEvent.case_id == Decision.case_id,
        CaseEvent.kind == CaseEventKind.REOPENED,
        CaseEvent.at >= end.at,
        CaseEvent.at <= known_by if known_by else true(),
    )
    corrected = exists().where(
        later.case_id == Decision.case_id,
        later.id > Decision.id,
        later_end.decision_id == later.id,
        *_carried_out(later_end, known_by),
    )
    return and_(
        carried_out.correlate(Decision),
        ~reopened.correlate(Decision),
        ~corrected.correlate(Decision),
    )


def _carried_out(
    end: type[DecisionEnd], known_by: datetime | None
) -> tuple[ColumnElement[bool], ...]:
    return (end.fate == Fate.TOOK_EFFECT, end.at <= known_by if known_by else true())
