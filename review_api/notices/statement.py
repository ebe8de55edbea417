"""The statement of reasons: why the monthly quota is paused, from what is pinned to the case.

It has what Article 17(3) of the Digital Services Act (Regulation (EU) 2022/2065) asks for, in the
field names of the Commission's DSA Transparency Database where it has one, the ways of redress of
Articles 20 and 21, and the rights of Article 22(3) GDPR. Values in, values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from detectors.verdict import Kind
from review_api.notices.observations import more_than, observed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.verdict import Verdict

STATEMENT_SCHEMA: Final = 1

# What the customer reads first. It names the behaviour, never a detector or a threshold.
LOOKED_AS: Final[Mapping[Kind, str]] = {
    Kind.AUTOMATION: "Jobs on your monthly quota looked as if a program started them.",
    Kind.SCRIPTING: "Jobs on your monthly quota looked as if a script drove your session.",
    Kind.CREDENTIAL_SHARING: "Your monthly quota looked as if several people used one login.",
    Kind.RESELLING: "Your monthly quota looked as if it served other people's customers.",
}

GROUND: Final = "Fair use: the monthly quota is for personal, human use only."
RULES: Final[Mapping[Kind, str]] = {
    Kind.AUTOMATION: "Jobs on it are started by a person, not by a program.",
    Kind.SCRIPTING: "A person works in the session, not a script in their place.",
    Kind.CREDENTIAL_SHARING: "A login is for one person and is not shared.",
    Kind.RESELLING: "Access to it is not sold on, nor used for other people's customers.",
}

STILL_WORKS: Final = (
    "Your credits: they are paid for and are never paused.",
    "Jobs on credits run in the priority queue at full speed, as always.",
    "Credit packs can be bought at any time and work at once.",
)

Means = Literal[
    "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED"
]


class Period(msgspec.Struct, frozen=True):
    """Between these two times lies what was looked at."""

    since: datetime
    until: datetime


class Redress(msgspec.Struct, frozen=True):
    """How to contest: each way in a sentence."""

    internal_complaint: str = (
        "Contest it on your status page or by writing to us, free of charge, for at least six "
        "months: another person than the one who decided looks at it and answers in words "
        "(Article 20 of the Digital Services Act)."
    )
    out_of_court: str = (
        "In the European Union you may also turn to a certified out-of-court dispute settlement "
        "body (Article 21 of the Digital Services Act)."
    )
    court: str = "You may go to court at any time; no other way has to be tried first."


class Rights(msgspec.Struct, frozen=True):
    """What Article 22(3) GDPR gives to whom a machine decided about."""

    human_intervention: str = "You can have a person look at it."
    express_view: str = "You can tell your side, and it is read before anything is decided."
    contest: str = "You can contest the decision."


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of reasons; all of it may be read by the customer.

    The first half has the database's fields, dates as it writes them (YYYY-MM-DD); the second is
    ours. `actions_over` is a number that the acts looked at exceed, None when too few are known.
    """

    puid: str
    decision_visibility: list[str] | None = None
    decision_monetary: str | None = None
    decision_provision: str = "DECISION_PROVISION_PARTIAL_SUSPENSION"
    decision_account: str | None = None
    decision_ground: str = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    decision_ground_reference_url: str | None = None
    incompatible_content_ground: str
    incompatible_content_explanation: str
    incompatible_content_illegal: str = "No"
    category: str = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    content_type: tuple[str, ...] = ("CONTENT_TYPE_OTHER",)
    content_type_other: str = "Use of the account"
    application_date: str
    end_date_service_restriction: str
    decision_facts: str
    source_type: str = "SOURCE_VOLUNTARY"
    automated_detection: str = "Yes"
    automated_decision: Means

    reference: str
    headline: str
    observations: tuple[str, ...]
    period: Period
    actions_over: int | None
    rule: str
    restricted: str = "Jobs on your monthly quota, and nothing else"
    still_works: tuple[str, ...] = STILL_WORKS
    since: datetime
    until: datetime
    lifts_itself: bool
    decided_by: str
    redress: Redress = Redress()
    rights: Rights = Rights()
    free_of_charge: bool = True
    schema: int = STATEMENT_SCHEMA


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a statement is written from: the verdict that the pause rests on, and the pause.

    `happened` is when the verdict arose, `looked_back` how far before that it may have looked, and
    `confirmed` whether a person has upheld the pause.
    """

    verdict: Verdict
    happened: datetime
    looked_back: timedelta
    since: datetime
    until: datetime
    reference: str
    puid: str
    confirmed: bool


def state_reasons(pinned: Pinned) -> Statement:
    """Write the statement of reasons."""
    verdict, kind = pinned.verdict, pinned.verdict.kind
    seen = [LOOKED_AS[kind], *observed(verdict.reasons)]
    means: Means = "AUTOMATED_DECISION_FULLY"
    who = "Our system paused it by itself; a person reviews it, and the pause ends if nobody does."
    if pinned.confirmed:
        means = "AUTOMATED_DECISION_PARTIALLY"
        who = "Our system noticed it; a person has looked at it and decided."
    return Statement(
        puid=pinned.puid,
        incompatible_content_ground=GROUND,
        incompatible_content_explanation=f"{GROUND} {RULES[kind]}",
        application_date=_date(pinned.since),
        end_date_service_restriction=_date(pinned.until),
        decision_facts=" ".join(seen),
        automated_decision=means,
        reference=pinned.reference,
        headline=LOOKED_AS[kind],
        observations=tuple(seen[1:]),
        period=Period(pinned.happened - pinned.looked_back, pinned.happened),
        actions_over=more_than(verdict.events),
        rule=RULES[kind],
        since=pinned.since,
        until=pinned.until,
        lifts_itself=not pinned.confirmed,
        decided_by=who,
    )


def write_statement(statement: Statement) -> dict[str, Any]:
    """Give the statement as it is stored and sent."""
    written: dict[str, Any] = msgspec.to_builtins(statement)
    return written


def read_statement(written: Mapping[str, Any]) -> Statement:
    """Read a stored statement; fields a later release adds to it are left out."""
    return msgspec.convert(written, Statement)


def _date(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
