"""Puts the console together and hangs it into the application that serves the API.

It is an application of its own: its errors are pages, its callers carry a session and not a
token, and the API's description knows nothing of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from review_api.addresses import AddressSeal
from review_api.body_limit import BodyLimit
from review_api.console import (
    casepages,
    claiming,
    companypages,
    deciding,
    detectorpages,
    doors,
    livepages,
    modelpages,
    noticing,
    qualitypages,
    queuepages,
    stepping,
    suppressing,
    sweeppages,
    unmasking,
)
from review_api.console.headers import SafeHeaders
from review_api.console.origins import unknown_origin
from review_api.console.problems import install_problem_pages, too_large
from review_api.console.sessions import Seal
from review_api.console.visitors import Console
from review_api.provider import Provider, ProviderSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.model import Origin
    from streams.clock import Clock

PATH: Final = "/console"
STATIC: Final = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the console needs to be told.

    `secret` signs the sessions; without one of the operator's own they end with the program.
    `provider` signs people in; without one only tokens do.
    `origin_of` says what traffic a model version was calibrated on (`origins.origins_in`).
    """

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    provider: ProviderSettings | None = None
    origin_of: Callable[[str], Origin | None] = unknown_origin


def mount(app: FastAPI, settings: ConsoleSettings | None = None) -> FastAPI:
    """Serve the console under `PATH` of an application made by `create_app`; give the console."""
    settings = settings or ConsoleSettings()
    console = FastAPI(title="fairuse console", openapi_url=None, docs_url=None, redoc_url=None)
    console.state.parts = app.state.parts
    console.state.console = Console(
        Seal(settings.secret),
        _provider(settings, app.state.parts.clock),
        settings.origin_of,
        AddressSeal(settings.secret),
    )
    install_problem_pages(console)
    console.include_router(doors.router)
    console.include_router(companypages.router)
    console.include_router(queuepages.router)
    console.include_router(casepages.router)
    console.include_router(deciding.router)
    console.include_router(stepping.router)
    console.include_router(claiming.router)
    console.include_router(livepages.router)
    console.include_router(noticing.router)
    console.include_router(suppressing.router)
    console.include_router(unmasking.router)
    console.include_router(detectorpages.router)
    console.include_router(qualitypages.router)
    console.include_router(modelpages.router)
    console.include_router(sweeppages.router)
    console.mount("/static", StaticFiles(directory=STATIC), name="static")
    largest = app.state.parts.body_bytes
    console.add_middleware(BodyLimit, refuse=too_large, largest=largest)
    console.add_middleware(SafeHeaders)
    app.mount(PATH, console)
    app.add_api_route("/", _to_console, methods=["GET"], include_in_schema=False)
    return console


def _provider(settings: ConsoleSettings, clock: Clock) -> Provider | None:
    return Provider(settings.provider, clock) if settings.provider else None


def _to_console() -> RedirectResponse:
    return RedirectResponse(f"{PATH}/")
