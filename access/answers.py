"""What the server answers, as the platform's client reads it; more fields may come later."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from access.vocabulary import JobMode, Queue


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a job may run, and how.

    `reason` is a word of `access.vocabulary.DenialReason` or `unreachable`, and a newer server may
    know more; `sentence` is for the customer, `still_works` is what a denial leaves them. `speed`
    multiplies the usual speed, `concurrency` is how many such jobs of the account may run at once
    (None: as the plan says), and the basic queue serves the smallest `turn` first. `by_default`
    tells that nobody answered in time; then there is no `admission_id`.
    """

    admitted: bool
    mode: JobMode | None = None
    queue: Queue | None = None
    speed: float | None = None
    concurrency: int | None = None
    turn: float | None = None
    units: Decimal | None = None
    admission_id: str | None = None
    until: datetime | None = None
    reason: str | None = None
    sentence: str | None = None
    retry_at: datetime | None = None
    still_works: tuple[str, ...] | None = None
    by_default: bool = False

    def __post_init__(self) -> None:
        if self.admitted and (self.mode is None or self.queue is None or self.speed is None):
            raise ValueError("a job is admitted, and nothing says how")
        if self.admitted and self.admission_id is None and not self.by_default:
            raise ValueError("a job is admitted without an admission_id")


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """A pause, a speed hold or a challenge in force; a pause has no `measure_id`."""

    since: datetime
    until: datetime
    reason: str
    case_id: str
    measure_id: str | None = None


class AccountAccess(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may use now, and what is asked of the platform meanwhile."""

    account_id: str
    paused: bool
    still_works: tuple[str, ...]
    pause: InForce | None = None
    speed_hold: InForce | None = None
    challenge: InForce | None = None


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one field of a call."""

    field: str
    problem: str


class Problem(msgspec.Struct, frozen=True):
    """Why a call was refused, as RFC 9457 has it."""

    detail: str
    faults: tuple[Fault, ...] = ()
