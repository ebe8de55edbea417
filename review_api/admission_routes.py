"""The admission API: may this job run, and how did it end. Asked in front of every job.

The only routes that are asynchronous: thousands of them wait at the counter at once, and a thread
for each would cost more than the answer. They read their own body for the same reason (a third
of a request's time); pydantic checks it all the same, and the document says what it takes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from access.ending import Ending
from access.errors import AccessError
from access.models import ID_LENGTH
from access.refunds import refund_settled
from access.vocabulary import AdmissionEndKind
from review_api.admission_forms import AdmissionIn, AdmissionOut, EndOut, RefundOut, SettleIn
from review_api.dependencies import Admitter, AppParts, Now, WriteSession, parts_of
from review_api.errors import CounterBusyError
from review_api.forms import WORD
from review_api.problems import documented
from review_api.served import REFUSED, UNANSWERED, outcome_of
from review_api.vocabulary import Permission

if TYPE_CHECKING:
    from review_api.admissions import Item
    from review_api.tokens import Caller

Form = TypeVar("Form", bound=BaseModel)

ALWAYS: Final = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.CONFLICT,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
NOT_FOUND: Final = documented(HTTPStatus.NOT_FOUND)

router = APIRouter(prefix="/v1/admissions", tags=["admissions"], responses=ALWAYS)

AdmissionId = Annotated[
    str, Path(min_length=1, max_length=ID_LENGTH, pattern=WORD, examples=["9f3c"])
]


def _takes(form: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that the route reads itself."""
    schema = _inlined(form.model_json_schema())
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _inlined(schema: Any, parts: dict[str, Any] | None = None) -> Any:
    """Write each definition out where it is used: a document has one place for them, not many."""
    if isinstance(schema, list):
        return [_inlined(each, parts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    parts = schema.pop("$defs", {}) if parts is None else parts
    if "$ref" in schema:
        return parts[schema["$ref"].rsplit("/", 1)[-1]]
    return {name: _inlined(each, parts) for name, each in schema.items()}


@router.post("", response_model=AdmissionOut, openapi_extra=_takes(AdmissionIn))
async def post_admission(request: Request) -> Response:
    """Ask whether a job may run. A denial is an answer too, with its reason and a sentence."""
    await _caller(request)
    form = await _read(request, AdmissionIn)
    return _show(AdmissionOut.of(await _ask(request, form.ask())))


@router.post(
    "/{admission_id}/settle",
    response_model=EndOut,
    openapi_extra=_takes(SettleIn),
    responses=NOT_FOUND,
)
async def post_settle(admission_id: AdmissionId, request: Request) -> Response:
    """Say that the job ran and what it used. The rest of what was reserved is returned."""
    caller = await _caller(request)
    form = await _read(request, SettleIn)
    kind = AdmissionEndKind.SETTLED
    return _show(
        EndOut.of(await _ask(request, Ending(admission_id, kind, form.units, caller.name)))
    )


@router.post("/{admission_id}/release", response_model=EndOut, responses=NOT_FOUND)
async def post_release(admission_id: AdmissionId, request: Request) -> Response:
    """Say that the job did not run, or failed. All that was reserved is returned."""
    caller = await _caller(request)
    kind = AdmissionEndKind.RELEASED
    return _show(EndOut.of(await _ask(request, Ending(admission_id, kind, None, caller.name))))


@router.post("/{admission_id}/refund", responses=NOT_FOUND)
def post_refund(
    admission_id: AdmissionId, _caller: Admitter, session: WriteSession, parts: AppParts, now: Now
) -> RefundOut:
    """Give back what a settled job was charged: it failed after all, or was no good."""
    return RefundOut.of(refund_settled(session, admission_id, parts.catalogue, now))


async def _caller(request: Request) -> Caller:
    caller = await parts_of(request).recent_callers.find(request.headers.get("authorization"))
    caller.require(Permission.ADMIT)
    return caller


async def _read(request: Request, form: type[Form]) -> Form:
    try:
        return form.model_validate_json(await request.body() or b"{}")
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from None


async def _ask(request: Request, item: Item) -> Any:
    parts = parts_of(request)
    began, outcome = parts.clock.monotonic(), UNANSWERED
    try:
        reply = await parts.counter.ask(item)
        outcome = outcome_of(reply)
    except TimeoutError:
        raise CounterBusyError("no answer in time: ask again under the same job_id") from None
    except AccessError:
        outcome = REFUSED
        raise
    finally:
        parts.served.count(outcome, parts.clock.monotonic() - began)
    return reply


def _show(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")
