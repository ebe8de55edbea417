"""Every error as problem+json (RFC 9457), and how the OpenAPI document says so.

A sentence of ours is shown; a stack, a statement or a value of the caller's never is.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from access.database import DatabaseUnreachableError
from access.errors import (
    AccessError,
    AlreadyEndedError,
    BadAmountError,
    BadJobError,
    NothingChargedError,
    OverReservedError,
    UnknownAdmissionError,
    UnknownOfferError,
    UnknownPlanError,
)
from review_api.errors import (
    CaseChangedError,
    ClaimEndedError,
    ClaimHeldError,
    NotAuthenticatedError,
    ReviewError,
    TooOftenError,
)
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

MEDIA_TYPE: Final = "application/problem+json"


class FieldFault(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    problem: str


class MissedOut(BaseModel):
    """One thing that happened to the case after the caller read it."""

    kind: CaseEventKind
    actor: str
    at: datetime


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it.

    `held_by` and `until` say who holds the case, `current_version` and `missed` what the caller of
    an older version has not read.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    current_version: int | None = None
    missed: list[MissedOut] = []
    held_by: str | None = None
    until: datetime | None = None
    faults: list[FieldFault] = []


_DESCRIPTIONS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "The body is not text in UTF-8.",
    HTTPStatus.UNAUTHORIZED: "No token, or one that is unknown or revoked.",
    HTTPStatus.FORBIDDEN: "The token's role may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such thing.",
    HTTPStatus.CONFLICT: "The case changed, somebody else holds it, or it stands elsewhere.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is longer than anything that is taken here.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request is malformed or contradicts itself.",
    HTTPStatus.TOO_MANY_REQUESTS: "The caller asks too often; `Retry-After` says when again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database does not answer, or not in time.",
}


# What a caller may get wrong about access; anything else of it is our fault.
_STATUS_OF: Final[Mapping[type[AccessError], HTTPStatus]] = {
    UnknownAdmissionError: HTTPStatus.NOT_FOUND,
    AlreadyEndedError: HTTPStatus.CONFLICT,
    NothingChargedError: HTTPStatus.CONFLICT,
    OverReservedError: HTTPStatus.CONFLICT,
    BadAmountError: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadJobError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownOfferError: HTTPStatus.UNPROCESSABLE_ENTITY,
    # Of an account, not of the call: a server with a newer catalogue booked it.
    UnknownPlanError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Give the OpenAPI responses of these errors."""
    schema = Problem.model_json_schema(ref_template="{model}")
    parts = schema.pop("$defs")
    parts["MissedOut"]["properties"]["kind"] = parts["CaseEventKind"]
    for name in ("faults", "missed"):
        listed = schema["properties"][name]
        listed["items"] = parts[listed["items"]["$ref"]]
    return {
        int(status): {
            "description": _DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def install_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem+json answer."""
    app.exception_handler(ReviewError)(_review_error)
    app.exception_handler(TooOftenError)(_too_often)
    for kind, status in _STATUS_OF.items():
        app.exception_handler(kind)(partial(_access_error, status))
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(RequestValidationError)(_invalid_request)
    for error in (DatabaseUnreachableError, OperationalError, PoolTimeoutError):
        app.exception_handler(error)(_no_database)
    app.exception_handler(Exception)(_our_fault)


def _answer(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, **more)
    content = problem.model_dump(mode="json", exclude_defaults=True) | {"type": problem.type}
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def _review_error(_request: Request, error: ReviewError) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotAuthenticatedError) else None
    return _answer(error.status, str(error), headers, **_more(error))


def _more(error: ReviewError) -> dict[str, Any]:
    match error:
        case CaseChangedError():
            missed = [MissedOut.model_validate(each, from_attributes=True) for each in error.missed]
            return {"current_version": error.current_version, "missed": missed}
        case ClaimHeldError() | ClaimEndedError():
            return {"held_by": error.held_by, "until": error.until}
        case _:
            return {}


def _access_error(status: HTTPStatus, _request: Request, error: AccessError) -> JSONResponse:
    return _answer(status, str(error))


def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_methods_at(request))}
    return _answer(error.status_code, error.detail, headers)


def _methods_at(request: Request) -> list[str]:
    # Left alone, the answer would name the methods of the first route of the path only.
    here = [
        route
        for route in iter_route_contexts(request.app.routes)
        if route.path and compile_path(route.path)[0].match(request.scope["path"])
    ]
    return sorted({method for route in here for method in route.methods or ()})


def _invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
    faults = [
        FieldFault(field=".".join(map(str, fault["loc"])), problem=fault["msg"])
        for fault in error.errors()
    ]
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid", faults=faults)


def too_large(_request: Request) -> JSONResponse:
    """Say that nothing of ours is so long."""
    detail = "the body is longer than anything that is taken here; nothing was changed"
    return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _too_often(_request: Request, error: TooOftenError) -> JSONResponse:
    wait = {"Retry-After": str(ceil(error.wait.total_seconds()))}
    return _answer(error.status, str(error), wait)


def _no_database(_request: Request, _error: Exception) -> JSONResponse:
    detail = "the database does not answer in time; nothing was changed"
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "5"})


def _our_fault(_request: Request, _error: Exception) -> JSONResponse:
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "the fault is ours; nothing was changed")
