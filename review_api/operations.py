"""What the people who run the program ask it: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from access.models import Account
from review_api.dependencies import AnyCaller, AppParts, MetricsReader, Now, ReadSession
from review_api.metrics import read_metrics, show_metrics
from review_api.monitors.figures import monitor_samples, show_samples
from review_api.problems import documented
from review_api.schemas import Out

router = APIRouter(tags=["operations"])

# The only paths that answer without a token: they say nothing about anybody.
OPEN_PATHS = frozenset({"/healthz", "/readyz"})


class HealthOut(Out):
    """It works."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
def get_health() -> HealthOut:
    """Say that the process is alive."""
    return HealthOut()


@router.get("/readyz", responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
def get_readiness(session: ReadSession) -> HealthOut:
    """Say that the database answers and has our tables."""
    try:
        session.execute(select(Account.id).limit(1))
    except ProgrammingError:
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE, "the database has no tables yet: fairuse migrate"
        ) from None
    return HealthOut()


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE),
    },
)
def get_metrics(
    _caller: MetricsReader, session: ReadSession, now: Now, parts: AppParts
) -> Response:
    """Show the figures in Prometheus's text format: the database's, then this process's."""
    monitors = monitor_samples(session, parts.shelf, parts.policy, now)
    shown = show_metrics(read_metrics(session, now)) + show_samples(monitors) + parts.served.show()
    return Response(shown, media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json", include_in_schema=False)
def get_openapi(_caller: AnyCaller, request: Request) -> dict[str, Any]:
    """Show the API's own description."""
    return request.app.openapi()  # type: ignore[no-any-return]  # the request does not know its app
