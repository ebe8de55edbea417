"""What the review API answers, as its client reads it; more fields may come later.

Words of closed vocabularies are plain strings: a newer server may know more of them.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class QueuedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case in the queue."""

    case_id: str
    account_id: str
    kind: str
    status: str
    version: int
    opened_at: datetime
    paused: bool
    paused_since: datetime | None = None
    paused_until: datetime | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some cases, and where the next ones begin."""

    items: tuple[QueuedCase, ...]
    next_cursor: str | None = None


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """The pause the case took."""

    since: datetime
    until: datetime
    in_force: bool
    restored: bool
    lapsed: bool


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One observed fact, in words."""

    code: str
    sentence: str
    observed: float
    percentile: float | None = None
    hard: bool = False


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict, as it was pinned to the case."""

    verdict_id: str
    action: str
    abuse: float
    reasons: tuple[Reason, ...]
    features: dict[str, float | None]
    occurred_at: datetime
    received_at: datetime
    model_version: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to the case."""

    sequence: int
    kind: str
    at: datetime
    actor: str
    detail: dict[str, object] = {}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decided; it is carried out from `effective_from` on."""

    choice: str
    outcome: str
    reason_code: str
    rationale: str
    reviewer: str
    at: datetime
    effective_from: datetime
    needs_second: bool = False


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case, complete. A decision names its `version`."""

    case_id: str
    account_id: str
    kind: str
    status: str
    version: int
    opened_at: datetime
    closed_at: datetime | None = None
    pause: Pause | None = None
    evidence: tuple[Evidence, ...] = ()
    events: tuple[Event, ...] = ()
    decisions: tuple[Decision, ...] = ()


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a case until when; `token` only if it is the caller."""

    case_id: str
    holder: str
    since: datetime
    until: datetime
    token: str | None = None


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal, and how far it is."""

    id: str
    case_id: str
    reference: str
    filed_at: datetime
    stage: str
    result: str | None = None


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to the case after it was read."""

    kind: str
    actor: str
    at: datetime


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field of the request."""

    field: str
    problem: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a call was refused, as RFC 9457 has it."""

    detail: str
    faults: tuple[Fault, ...] = ()
    current_version: int | None = None
    missed: tuple[Missed, ...] = ()
    held_by: str | None = None
    until: datetime | None = None
