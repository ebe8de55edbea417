"""What the API gives about an account: what it may use, what is asked of it, its suppressions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from access.measures import stands
from access.vocabulary import Entitlement, MeasureEndKind
from detectors.verdict import Kind
from review_api.schemas import Out
from review_api.suppressions import suppresses

if TYPE_CHECKING:
    from access.models import Measure
    from access.reading import Access, Asked
    from review_api.models import Suppression


class PauseOut(Out):
    """A pause in force."""

    entitlement: Entitlement
    since: datetime
    until: datetime
    case_id: str
    reason: str


class AskedOut(Out):
    """A speed hold or a challenge in force; an answer to a challenge names its `measure_id`."""

    measure_id: str
    since: datetime
    until: datetime
    case_id: str
    reason: str


class AccessOut(Out):
    """What the account may use now, and what is asked of the platform meanwhile."""

    account_id: str
    paused: bool
    pause: PauseOut | None
    still_works: list[Entitlement]
    speed_hold: AskedOut | None
    challenge: AskedOut | None

    @classmethod
    def of(cls, access: Access) -> Self:
        pause = access.pause
        return cls(
            account_id=access.account_id,
            paused=access.paused,
            pause=PauseOut.model_validate(pause, from_attributes=True) if pause else None,
            still_works=list(access.still_works),
            speed_hold=_asked(access.speed_hold),
            challenge=_asked(access.challenge),
        )


class ChallengeOut(Out):
    """A challenge. `ended_as` is how it ended before its time, None while it is open or lapsed."""

    challenge_id: str
    account_id: str
    since: datetime
    until: datetime
    open: bool
    ended_as: MeasureEndKind | None

    @classmethod
    def of(cls, challenge: Measure, now: datetime) -> Self:
        return cls(
            challenge_id=challenge.id,
            account_id=challenge.account_id,
            since=challenge.since,
            until=challenge.until,
            open=stands(challenge, now),
            ended_as=challenge.end.kind if challenge.end else None,
        )


class StatusLinkOut(Out):
    """A link to the customer's own status page. Whoever has it can read it until it ends."""

    url: str
    until: datetime


class SuppressionOut(Out):
    """A suppression; `kind` None is every abuse kind, `ended_at` is set if it was ended early."""

    suppression_id: str
    account_id: str
    kind: Kind | None
    reason: str
    since: datetime
    until: datetime
    actor: str
    in_force: bool
    ended_at: datetime | None
    ended_by: str | None

    @classmethod
    def of(cls, suppression: Suppression, now: datetime) -> Self:
        end = suppression.end
        return cls(
            suppression_id=suppression.id,
            account_id=suppression.account_id,
            kind=suppression.kind,
            reason=suppression.reason,
            since=suppression.since,
            until=suppression.until,
            actor=suppression.actor,
            in_force=suppresses(suppression, now),
            ended_at=end.at if end else None,
            ended_by=end.actor if end else None,
        )


class SuppressionListOut(Out):
    """The newest suppressions of an account, at most a hundred."""

    items: list[SuppressionOut]


def _asked(asked: Asked | None) -> AskedOut | None:
    return AskedOut.model_validate(asked, from_attributes=True) if asked else None
