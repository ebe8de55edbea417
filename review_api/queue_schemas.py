"""What the queue's API gives, in pydantic."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from detectors.verdict import Kind
from review_api.schemas import Out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review_api.queue_figures import QueueFigures
    from review_api.queue_records import SavedView
    from review_api.routing import RoutingRule


class QueueFiguresOut(Out):
    """What waits in one named queue; `oldest` is when its oldest case was opened."""

    name: str
    cases: int
    paused: int
    overdue: int
    oldest: datetime | None


class RuleOut(Out):
    """Cases that fit everything the rule says wait in its queue; null says nothing of it."""

    queue: str
    kind: Kind | None
    country: str | None
    plan: str | None
    detector: str | None
    paused: bool | None
    appealed: bool | None
    escalated: bool | None


class QueuesOut(Out):
    """The named queues in order, and the rules that fill them: the first that fits counts."""

    queues: list[QueueFiguresOut]
    rules: list[RuleOut]

    @classmethod
    def of(cls, figures: Sequence[QueueFigures], rules: Sequence[RoutingRule]) -> Self:
        return cls(
            queues=[QueueFiguresOut.model_validate(each, from_attributes=True) for each in figures],
            rules=[RuleOut.model_validate(each, from_attributes=True) for each in rules],
        )


class ViewOut(Out):
    """A saved view; `filters` are the parameters of `GET /v1/cases`."""

    id: str
    owner: str
    name: str
    filters: dict[str, Any]
    shared: bool
    created_at: datetime

    @classmethod
    def of(cls, view: SavedView) -> Self:
        return cls.model_validate(view, from_attributes=True)


class ViewsOut(Out):
    """The caller's own views and those that are everybody's, by name."""

    views: list[ViewOut]
