"""Every error of the console as a page in words; who is not signed in is led to the door."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from access.database import DatabaseUnreachableError
from review_api.console.pages import page
from review_api.console.words import sentence
from review_api.errors import NotAuthenticatedError, ReviewError
from review_api.models import RATIONALE_LENGTH

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response


def install_problem_pages(console: FastAPI) -> None:
    """Make every error of `console` a page."""
    console.exception_handler(NotAuthenticatedError)(_to_the_door)
    console.exception_handler(ReviewError)(_review_error)
    console.exception_handler(HTTPException)(_http_error)
    console.exception_handler(RequestValidationError)(_invalid_request)
    for error in (DatabaseUnreachableError, OperationalError, PoolTimeoutError):
        console.exception_handler(error)(_no_database)
    console.exception_handler(Exception)(_our_fault)


def _page(request: Request, status: int, words: str) -> Response:
    answer = HTTPStatus(status)
    return page(request, "problem.html", answer, answer=answer, words=sentence(words))


def _to_the_door(request: Request, error: NotAuthenticatedError) -> Response:
    if request.method != "GET":
        return _page(request, error.status, str(error))
    home = request.scope["root_path"]
    wanted = request.scope["path"].removeprefix(f"{home}/")
    query = f"?{urlencode({'after': wanted})}" if wanted else ""
    return RedirectResponse(f"{home}/sign-in{query}", HTTPStatus.SEE_OTHER)


def too_large(request: Request) -> Response:
    """Say what to do about a text that is far too long."""
    words = (
        "this is longer than any form takes, and nothing was changed: go back, where your words "
        f"still are, and shorten it to at most {RATIONALE_LENGTH} characters"
    )
    return _page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)


def _review_error(request: Request, error: ReviewError) -> Response:
    return _page(request, error.status, str(error))


def _http_error(request: Request, error: HTTPException) -> Response:
    answer = _page(request, error.status_code, error.detail)
    answer.headers.update(error.headers or {})
    return answer


def _invalid_request(request: Request, _error: RequestValidationError) -> Response:
    return _page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid")


def _no_database(request: Request, _error: Exception) -> Response:
    words = "the database does not answer in time; nothing was changed"
    answer = _page(request, HTTPStatus.SERVICE_UNAVAILABLE, words)
    answer.headers["Retry-After"] = "5"
    return answer


def _our_fault(request: Request, _error: Exception) -> Response:
    words = "the fault is ours; nothing was changed"
    return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR, words)
