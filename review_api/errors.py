"""The errors of review, each with the HTTP status it becomes.

ReviewError
├── NotAuthenticatedError 401   no token, or one we do not know
├── NotAllowedError 403         the token's role may not do this
├── CaseNotFoundError 404       there is no such case
├── SuppressionNotFoundError 404  the account has no such suppression
├── ChallengeNotFoundError 404  the account was never asked this
├── NoticeNotFoundError 404      there is no such notice
├── ViewNotFoundError 404       there is no such saved view
├── SweepNotFoundError 404      there is no such sweep
├── ExemptionNotFoundError 404  there is no such exemption
├── DetectorNotFoundError 404   there is no such detector, or no such model version
├── ModelNotFoundError 404      there is no such model here, or no such file beside it
├── AppealNotFoundError 404     the account has no such pause, or there is no such appeal
├── LinkUnknownError 404        the link to a status page is not complete, or not ours
├── LinkExpiredError 410        it was ours, and its time is over
├── LookNotFoundError 404       the caller was given no such second look
├── ClaimNotFoundError 404      the case has no such claim
├── ClaimHeldError 409          somebody else holds the case
├── ClaimEndedError 409         the claim was the caller's, and is over
├── CaseChangedError 409        someone acted on the case after the caller read it
├── MoveRefusedError 409        the case is where this decision cannot be taken
├── AppealRefusedError 409      the pause cannot be contested now; the sentence says why
├── ErasureRefusedError 409     a case of the account waits for a person
├── StandingUnchangedError 409  the detector already stands as it was told to
├── PromiseUnchangedError 409   the promise is not in doubt, so nobody can end the doubt
├── AskedAtOnceError 409        the same Idempotency-Key is being answered at this moment
├── KeyReusedError 422          an Idempotency-Key came with another request before
├── BadRequestError 422         the request contradicts itself, or its cursor is not ours
├── TooOftenError 429           the same came too many times in a short while
├── ProviderSilentError 503     the company's identity provider does not answer, or not sensibly
└── CounterBusyError 503        an answer about a job took longer than anybody should wait
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from review_api.vocabulary import CaseEventKind


class ReviewError(Exception):
    """Any error of this package; its sentence is safe to show to the caller."""

    status: ClassVar[HTTPStatus]


class NotAuthenticatedError(ReviewError):
    status = HTTPStatus.UNAUTHORIZED


class NotAllowedError(ReviewError):
    status = HTTPStatus.FORBIDDEN


class CaseNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class SuppressionNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class ChallengeNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class NoticeNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class ViewNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class SweepNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class ExemptionNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class DetectorNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class ModelNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class AppealNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class LinkUnknownError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class LinkExpiredError(ReviewError):
    status = HTTPStatus.GONE


class LookNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class ClaimNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class ClaimHeldError(ReviewError):
    """Somebody else holds the case until `until`, unless they renew it."""

    status = HTTPStatus.CONFLICT

    def __init__(self, held_by: str, until: datetime) -> None:
        super().__init__(f"{held_by} holds this case until {until:%H:%M:%S} UTC")
        self.held_by = held_by
        self.until = until


class ClaimEndedError(ReviewError):
    """The claim is over; `held_by` and `until` are of whoever holds the case now, if anybody."""

    status = HTTPStatus.CONFLICT

    def __init__(self, held_by: str | None = None, until: datetime | None = None) -> None:
        now = f"{held_by} holds the case now" if held_by else "the case is free"
        super().__init__(f"this claim is over: {now}")
        self.held_by = held_by
        self.until = until


@dataclass(frozen=True, slots=True)
class Missed:
    """One thing that happened to a case after somebody read it."""

    kind: CaseEventKind
    actor: str
    at: datetime


class CaseChangedError(ReviewError):
    """`missed` are the events of the case that the caller has not read, oldest first."""

    status = HTTPStatus.CONFLICT

    def __init__(self, current_version: int, missed: Sequence[Missed] = ()) -> None:
        super().__init__(f"the case has changed since you read it: it is at {current_version} now")
        self.current_version = current_version
        self.missed = tuple(missed)


class MoveRefusedError(ReviewError):
    status = HTTPStatus.CONFLICT


class AppealRefusedError(ReviewError):
    status = HTTPStatus.CONFLICT


class ErasureRefusedError(ReviewError):
    status = HTTPStatus.CONFLICT


class StandingUnchangedError(ReviewError):
    status = HTTPStatus.CONFLICT


class PromiseUnchangedError(ReviewError):
    status = HTTPStatus.CONFLICT


class AskedAtOnceError(ReviewError):
    status = HTTPStatus.CONFLICT


class KeyReusedError(ReviewError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class BadRequestError(ReviewError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooOftenError(ReviewError):
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, wait: timedelta) -> None:
        super().__init__("that came too often; try again in a while")
        self.wait = wait


class ProviderSilentError(ReviewError):
    status = HTTPStatus.SERVICE_UNAVAILABLE


class CounterBusyError(ReviewError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
