"""Named queues: ordered rules say which queue a case waits in, and the first that fits counts.

A case's queue is never stored. It follows from the newest rules and the case as it is now, so a
change of the rules, and a pause that lapses, move every case at once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, case, literal, select, true

from review_api.errors import BadRequestError
from review_api.queue_records import QueueEntry, RoutingChange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from detectors.verdict import Kind

GENERAL: Final = "general"
RULES_AT_MOST: Final = 30


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """Cases that fit everything a rule says wait in its queue; None says nothing of it."""

    queue: str
    kind: Kind | None = None
    country: str | None = None
    plan: str | None = None
    detector: str | None = None
    paused: bool | None = None
    appealed: bool | None = None
    escalated: bool | None = None


# Until a lead says otherwise.
FIRST_RULES: Final = (
    RoutingRule("appeals", appealed=True),
    RoutingRule("escalated", escalated=True),
)


def rules_now(session: Session) -> tuple[RoutingRule, ...]:
    """Give the rules that count."""
    newest = session.scalars(
        select(RoutingChange).order_by(RoutingChange.id.desc()).limit(1)
    ).one_or_none()
    if newest is None:
        return FIRST_RULES
    return tuple(RoutingRule(**each) for each in newest.rules)


def set_rules(
    session: Session, rules: Sequence[RoutingRule], *, actor: str, now: datetime
) -> RoutingChange:
    """Put these rules in place of those before, or raise `BadRequestError`."""
    if len(rules) > RULES_AT_MOST:
        raise BadRequestError(f"rules: at most {RULES_AT_MOST}")
    for place, rule in enumerate(rules, start=1):
        _check(rule, place)
    said = [_said(rule) for rule in rules]
    change = RoutingChange(rules=said, at=now, actor=actor)
    session.add(change)
    session.flush()
    return change


def queue_names(rules: Sequence[RoutingRule]) -> tuple[str, ...]:
    """Name the queues in the order of their rules; what no rule fits waits in the general one."""
    return tuple(dict.fromkeys([*(rule.queue for rule in rules), GENERAL]))


def queue_column(rules: Sequence[RoutingRule], moment: ColumnElement[Any]) -> ColumnElement[str]:
    """Give the name of an entry's queue at a moment, for a statement over `QueueEntry`."""
    arms = [(_fits(rule, moment), literal(rule.queue)) for rule in rules]
    return case(*arms, else_=literal(GENERAL)) if arms else literal(GENERAL)


def is_paused(moment: ColumnElement[Any]) -> ColumnElement[bool]:
    """Say, in SQL, whether an entry's case pauses its account at a moment."""
    return and_(QueueEntry.paused_until.is_not(None), QueueEntry.paused_until > moment)


def _fits(rule: RoutingRule, moment: ColumnElement[Any]) -> ColumnElement[bool]:
    asked: dict[str, ColumnElement[bool]] = {
        "paused": is_paused(moment),
        "appealed": QueueEntry.appealed_at.is_not(None),
        "escalated": QueueEntry.escalated.is_(True),
    }
    terms = []
    for name, wanted in _said(rule).items():
        if name in asked:
            terms.append(asked[name] if wanted else ~asked[name])
        elif name != "queue":
            terms.append(getattr(QueueEntry, name) == wanted)
    return and_(true(), *terms)


def _said(rule: RoutingRule) -> dict[str, Any]:
    return {name: value for name, value in asdict(rule).items() if value is not None}


def _check(rule: RoutingRule, place: int) -> None:
    if rule.queue == GENERAL:
        raise BadRequestError(f"rule {place}: {GENERAL} is the queue of what no rule fits")
    if all(getattr(rule, each.name) is None for each in fields(rule)[1:]):
        raise BadRequestError(f"rule {place}: it says nothing, so no rule after it would count")
