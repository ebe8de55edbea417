"""The way to the routes called most that does not lead through FastAPI's handling.

What they do, their errors and the document are the same; only finding the route and calling it is
shorter, which saves a third of a request's time. Whatever is not found here goes the usual way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.routing import Route

from access.errors import UnknownAdmissionError
from access.models import ID_LENGTH
from review_api.admission_routes import post_admission, post_settle
from review_api.case_routes import answer_case
from review_api.forms import WORD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

_NAME: Final = re.compile(WORD)


class _Direct:
    """A route's function as an application of its own."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)


async def _settle(request: Request) -> Response:
    name = request.path_params["admission_id"]
    if len(name) > ID_LENGTH or not _NAME.fullmatch(name):
        raise UnknownAdmissionError("there is no admission of such a name")
    return await post_settle(name, request)


async def _case(request: Request) -> Response:
    name = request.path_params["case_id"]
    if len(name) > ID_LENGTH or not _NAME.fullmatch(name):
        raise RequestValidationError([{"loc": ("path", "case_id"), "msg": "no case is named so"}])
    return await answer_case(name, request)


def fast_lane() -> list[Route]:
    """Give the routes; they stand before all others."""
    case = Route("/v1/cases/{case_id}", _Direct(_case), methods=["GET"])
    case.methods = {"GET"}  # not HEAD, which Starlette adds
    return [
        case,
        Route("/v1/admissions", _Direct(post_admission), methods=["POST"]),
        Route("/v1/admissions/{admission_id}/settle", _Direct(_settle), methods=["POST"]),
    ]
