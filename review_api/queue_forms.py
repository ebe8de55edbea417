"""What the queue's API takes, in pydantic: filters, views, routing rules."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from access.models import NAME_LENGTH
from detectors.verdict import Kind
from review_api.forms import NO_CONTROL, WORD
from review_api.history import HistoryQuery
from review_api.queue import QueueQuery
from review_api.queue_filters import Holder, QueueFilters
from review_api.queue_records import VIEW_NAME_LENGTH
from review_api.routing import RULES_AT_MOST, RoutingRule
from review_api.vocabulary import UNDECIDED, CaseStatus

Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, pattern=NO_CONTROL)]
QueueName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9 _-]*$")]


class Filters(BaseModel):
    """Which cases to list; without a `status`, those that wait for a reviewer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: CaseStatus | Literal["all"] | None = None
    kind: Kind | None = None
    queue: QueueName | None = None
    paused: bool | None = None
    appealed: bool | None = None
    claim: Annotated[Holder | None, Field(description="Who holds the case.")] = None
    overdue: bool | None = None
    waits_for_customer: bool | None = None
    country: Name | None = None
    detector: Name | None = None
    second: Annotated[
        bool | None, Field(description="Decided already, and a second person is waited for.")
    ] = None

    @model_validator(mode="after")
    def _only_what_waits(self) -> Self:
        more = self.asked().keys() - {"status", "kind"}
        if self.of_history and more:
            raise ValueError(f"with this status, cases are not listed by {', '.join(sorted(more))}")
        return self

    @property
    def of_history(self) -> bool:
        """Whether cases are asked for that need not wait for a reviewer."""
        return self.status is not None and self.status not in UNDECIDED

    def asked(self) -> dict[str, Any]:
        """Give what was asked for, as it stands in an address."""
        given = self.model_dump(mode="json", exclude_none=True)
        return {name: given[name] for name in Filters.model_fields if name in given}


class CasesQuery(Filters):
    """Which cases to list, and which page of them."""

    limit: Annotated[int, Field(ge=1, le=100, description="Most cases on a page.")] = 50
    cursor: Annotated[
        str | None,
        Field(max_length=400, pattern=WORD, description="`next_cursor` of the page before."),
    ] = None

    def of_queue(self, reviewer: str) -> QueueQuery:
        """Give the question to the queue."""
        given = {name: getattr(self, name) for name in Filters.model_fields}
        filters = QueueFilters(**given | {"second": bool(self.second)})
        return QueueQuery(filters, self.limit, self.cursor, reviewer)

    def to_history(self) -> HistoryQuery:
        """Give the question to the history."""
        status = None if self.status == "all" else self.status
        return HistoryQuery(status, self.kind, self.limit, self.cursor)


class SearchQuery(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[
        str,
        Field(
            max_length=NAME_LENGTH,
            pattern=NO_CONTROL,
            description="An account or case id, a short reference, or words of reasons and notes.",
        ),
    ] = ""


class KeptFilters(Filters):
    """Filters in a body, where `true` is no word."""

    paused: StrictBool | None = None
    appealed: StrictBool | None = None
    overdue: StrictBool | None = None
    waits_for_customer: StrictBool | None = None
    second: StrictBool | None = None


class ViewIn(BaseModel):
    """A view to keep; only who names the queues may share one with everybody."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=VIEW_NAME_LENGTH,
            pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        ),
    ]
    filters: KeptFilters = KeptFilters()
    shared: StrictBool = False


class RuleIn(BaseModel):
    """Cases that fit everything a rule says wait in its queue; null says nothing of it."""

    model_config = ConfigDict(extra="forbid")

    queue: QueueName
    kind: Kind | None = None
    country: Name | None = None
    plan: Name | None = None
    detector: Name | None = None
    paused: StrictBool | None = None
    appealed: StrictBool | None = None
    escalated: StrictBool | None = None

    def to_rule(self) -> RoutingRule:
        """Give the rule as the rest of the program knows it."""
        return RoutingRule(**self.model_dump())


class RoutingIn(BaseModel):
    """Every rule, in order: the first that fits a case counts."""

    model_config = ConfigDict(extra="forbid")

    rules: Annotated[list[RuleIn], Field(max_length=RULES_AT_MOST)]
