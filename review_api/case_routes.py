"""One case over the API. Reads wait at a counter, so that many are one transaction.

Asynchronous, as the routes asked before every job are, and for the same reason: a thread for each
reader who waits would cost more than the answer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from pydantic.json_schema import SkipJsonSchema

from review_api.case_reads import CaseAsk
from review_api.dependencies import NO_TOKEN, Credentials, parts_of
from review_api.errors import CounterBusyError, NotAuthenticatedError
from review_api.etags import is_known
from review_api.problems import documented
from review_api.routes import ALWAYS, CaseId
from review_api.schemas import CaseOut

_OK: Final[dict[int | str, dict[str, Any]]] = {
    200: {"headers": {"ETag": {"description": "Its version.", "schema": {"type": "string"}}}},
    304: {"description": "The reader has this version already."},
}

router = APIRouter(prefix="/v1", tags=["cases"], responses=ALWAYS)


@router.get(
    "/cases/{case_id}",
    response_model=CaseOut,
    responses=_OK | documented(HTTPStatus.NOT_FOUND),
)
async def get_case(
    case_id: CaseId,
    request: Request,
    _credentials: Credentials,
    if_none_match: Annotated[str | SkipJsonSchema[None], Header()] = None,
) -> Response:
    """Show one case with its evidence, thread and decisions."""
    del if_none_match  # `answer_case` reads it; here it is told to the document
    return await answer_case(case_id, request)


async def answer_case(case_id: str, request: Request) -> Response:
    """Answer a read, whichever way it came."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticatedError(NO_TOKEN)
    try:
        answer = await parts_of(request).case_counter.ask(CaseAsk(case_id, token.strip()))
    except TimeoutError:
        raise CounterBusyError("no answer in time: ask again") from None
    headers = {"ETag": answer.etag}
    if is_known(answer.etag, request.headers.get("if-none-match")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(answer.content, headers=headers, media_type="application/json")
