"""The errors of review, each with the HTTP status it becomes.

ReviewError
├── NotAuthenticatedError 401   no token, or one we do not know
├── NotAllowedError 403         the token's role may not do this
├── CaseNotFoundError 404       there is no such case
├── SuppressionNotFoundError 404  the account has no such suppression
├── ChallengeNotFoundError 404  the account was never asked this
├── DetectorNotFoundError 404   there is no such detector, or no such model version
├── LinkUnknownError 404        the link to a status page is not complete, or not ours
├── LinkExpiredError 410        it was ours, and its time is over
├── CaseChangedError 409        someone acted on the case after the caller read it
├── MoveRefusedError 409        the case is where this decision cannot be taken
├── StandingUnchangedError 409  the detector already stands as it was told to
├── BadRequestError 422         the request contradicts itself, or its cursor is not ours
└── CounterBusyError 503        an answer about a job took longer than anybody should wait
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


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


class DetectorNotFoundError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class LinkUnknownError(ReviewError):
    status = HTTPStatus.NOT_FOUND


class LinkExpiredError(ReviewError):
    status = HTTPStatus.GONE


class CaseChangedError(ReviewError):
    status = HTTPStatus.CONFLICT

    def __init__(self, current_version: int) -> None:
        super().__init__(f"the case has changed since you read it: it is at {current_version} now")
        self.current_version = current_version


class MoveRefusedError(ReviewError):
    status = HTTPStatus.CONFLICT


class StandingUnchangedError(ReviewError):
    status = HTTPStatus.CONFLICT


class BadRequestError(ReviewError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class CounterBusyError(ReviewError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
