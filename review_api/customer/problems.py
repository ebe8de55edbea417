"""Every error of the customers' pages as a page in calm words; none says anything of anybody."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from access.database import DatabaseUnreachableError
from review_api.customer.pages import page
from review_api.errors import (
    AppealNotFoundError,
    LinkExpiredError,
    LinkUnknownError,
    TooOftenError,
)
from review_api.models import RATIONALE_LENGTH

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

_AGAIN = "Open your account at the service again: it gives you a new link."


def install_problem_pages(pages: FastAPI) -> None:
    """Make every error of `pages` a page."""
    pages.exception_handler(LinkExpiredError)(_expired)
    pages.exception_handler(LinkUnknownError)(_unknown)
    pages.exception_handler(AppealNotFoundError)(_no_pause)
    pages.exception_handler(TooOftenError)(_too_often)
    pages.exception_handler(HTTPException)(_unknown)
    pages.exception_handler(RequestValidationError)(_unknown)
    for error in (DatabaseUnreachableError, OperationalError, PoolTimeoutError):
        pages.exception_handler(error)(_no_database)
    pages.exception_handler(Exception)(_our_fault)


def _expired(_request: Request, _error: Exception) -> Response:
    words = f"Links to a status page last for a week. {_AGAIN}"
    return page("problem.html", HTTPStatus.GONE, title="This link is over", words=words)


def _unknown(_request: Request, _error: Exception) -> Response:
    words = f"There is nothing at this address; a part of the link may be missing. {_AGAIN}"
    return page("problem.html", HTTPStatus.NOT_FOUND, title="Not found", words=words)


def _no_pause(_request: Request, _error: Exception) -> Response:
    words = "This pause is not one of yours, so nothing was sent. Open your status page again."
    return page("problem.html", HTTPStatus.NOT_FOUND, title="No such pause", words=words)


def _too_often(_request: Request, error: TooOftenError) -> Response:
    minutes = ceil(error.wait.total_seconds() / 60)
    words = (
        "Many messages came from this page in a short time, so this one was not sent. Go back: "
        f"what you wrote is still there. Send it again in {minutes} minutes."
    )
    status = HTTPStatus.TOO_MANY_REQUESTS
    answer = page("problem.html", status, title="One moment, please", words=words)
    answer.headers["Retry-After"] = str(ceil(error.wait.total_seconds()))
    return answer


def too_large(_request: Request) -> Response:
    """Say what to do about a text that is far too long."""
    words = (
        f"This is more than a form takes, so nothing was sent. Go back, say it in at most "
        f"{RATIONALE_LENGTH} characters, and send it again."
    )
    return page("problem.html", title="That is too long", words=words)


def _no_database(_request: Request, _error: Exception) -> Response:
    words = "We cannot look just now. Nothing has changed for you; try again in a moment."
    answer = page("problem.html", HTTPStatus.SERVICE_UNAVAILABLE, title="One moment", words=words)
    answer.headers["Retry-After"] = "5"
    return answer


def _our_fault(_request: Request, _error: Exception) -> Response:
    words = "The fault is ours, and nothing has changed for you. Try again in a while."
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return page("problem.html", status, title="That did not work", words=words)
