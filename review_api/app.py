"""Puts the review API together from its parts; nothing is opened or contacted here.

Every path needs a token but those in `operations.OPEN_PATHS` and `customer.OPEN_PATHS`; a test
walks them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from fastapi import Depends, FastAPI

from access.catalogue import Catalogue, load_catalogue
from access.database import readers, writers
from access.desk import Terms
from review_api import (
    account_routes,
    admission_routes,
    appeal_routes,
    audit_routes,
    billing_routes,
    case_routes,
    claim_routes,
    decision_routes,
    detector_routes,
    enforcement_routes,
    live_routes,
    load_routes,
    model_routes,
    notice_routes,
    operations,
    plan_routes,
    quality_routes,
    queue_routes,
    routes,
    standing_routes,
    step_routes,
    sweep_routes,
)
from review_api.admissions import Admissions
from review_api.body_limit import BodyLimit
from review_api.case_reads import CaseReads
from review_api.counter import Counter
from review_api.customer import customer_routes
from review_api.dependencies import Parts, once_each
from review_api.fast_lane import fast_lane
from review_api.feed import Feed
from review_api.monitors.shelf import Shelf
from review_api.pace import Pace, Rate
from review_api.policy import ReviewPolicy
from review_api.problems import install_problems, too_large
from review_api.recent_callers import RecentCallers
from review_api.served import Served
from review_api.status_links import CustomerDoor

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from streams.clock import Clock


CALLS: Final = Rate(60_000, timedelta(minutes=1))
SIGN_INS: Final = Rate(60, timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is taken of one request, and how many of one caller or one address.

    They are far above what people and programs do: what they bound is a fault.
    """

    body_bytes: int = 1_000_000
    calls: Rate = CALLS
    sign_ins: Rate = SIGN_INS


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What the API needs to be told; `shelf` is where it sees the models, if anywhere."""

    policy: ReviewPolicy = field(default_factory=ReviewPolicy)
    version: str = "0.1.0"
    catalogue: Catalogue = field(default_factory=load_catalogue)
    customer: CustomerDoor = field(default_factory=CustomerDoor)
    bounds: Bounds = field(default_factory=Bounds)
    shelf: Shelf = field(default_factory=Shelf)


def create_app(engine: Engine, clock: Clock, settings: ApiSettings | None = None) -> FastAPI:
    """Build the application over an opened, migrated database."""
    settings = settings or ApiSettings()
    app = FastAPI(
        title="fairuse",
        summary="What an account may use, and the cases that reviewers decide.",
        version=settings.version,
        # The document is served by `operations`, behind a token; no page loads foreign scripts.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # We count for ourselves (`/metrics`): nothing here is to send figures anywhere.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        dependencies=[Depends(once_each)],
    )
    app.state.parts = _parts(engine, clock, settings)
    install_problems(app)
    app.include_router(live_routes.router)  # before a case that might be called `events`
    app.router.routes += fast_lane()
    app.include_router(admission_routes.router)
    app.include_router(case_routes.router)
    app.include_router(routes.router)
    app.include_router(queue_routes.router)
    app.include_router(decision_routes.router)
    app.include_router(step_routes.router)
    app.include_router(claim_routes.reading)
    app.include_router(claim_routes.router)
    app.include_router(sweep_routes.router)
    app.include_router(appeal_routes.router)
    app.include_router(account_routes.router)
    app.include_router(standing_routes.router)
    app.include_router(detector_routes.router)
    app.include_router(model_routes.router)
    app.include_router(plan_routes.router)
    app.include_router(load_routes.router)
    app.include_router(quality_routes.router)
    app.include_router(billing_routes.router)
    app.include_router(enforcement_routes.router)
    app.include_router(notice_routes.router)
    app.include_router(audit_routes.router)
    app.include_router(operations.router)
    app.add_middleware(
        BodyLimit, refuse=too_large, largest=settings.bounds.body_bytes, under="/v1/"
    )
    app.router.routes += customer_routes(app.state.parts)
    return app


def _parts(engine: Engine, clock: Clock, settings: ApiSettings) -> Parts:
    reading, writing = readers(engine), writers(engine)
    terms = Terms(settings.catalogue)
    calls = Pace(settings.bounds.calls)
    return Parts(
        readers=reading,
        writers=writing,
        clock=clock,
        policy=replace(settings.policy, zone=settings.catalogue.zone, catalogue=settings.catalogue),
        catalogue=settings.catalogue,
        customer=settings.customer,
        counter=Counter(Admissions(writing, clock, terms)),
        case_counter=Counter(CaseReads(writing, clock, calls)),
        feed=Feed(reading, clock),
        recent_callers=RecentCallers(reading, writing, clock),
        served=Served(),
        calls=calls,
        sign_ins=Pace(settings.bounds.sign_ins),
        body_bytes=settings.bounds.body_bytes,
        shelf=settings.shelf,
    )
