"""Serves the access API, the review API and the console over one socket."""

from __future__ import annotations

import gc
import socket
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import uvicorn

import fairuse
from fairuse.errors import ProgramError
from fairuse.people import provider_of
from fairuse.progress import say
from fairuse.wiring import open_database, read_offers, refuse_lost_plans, review_policy
from review_api.app import ApiSettings, Bounds, create_app
from review_api.console.app import PATH, ConsoleSettings, mount
from review_api.console.origins import origins_in
from review_api.duties import keeper_of
from review_api.monitors.shelf import Shelf
from review_api.pace import Rate
from review_api.status_links import CustomerDoor
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from access.plans import Catalogue
    from fairuse.settings import Settings
    from review_api.feed import Feed

GOODBYE_SECONDS: Final = 10
# Allocations before the young are looked through, and how often the older are after that.
SELDOM: Final = (20_000, 20, 100)
# How long a thread keeps the interpreter while another waits for it. The usual five milliseconds
# would stand before each of the dozen statements of an answer: measured, they double its wait.
TURN_SECONDS: Final = 0.001


def run_server(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    greet: Callable[[str], None] | None = None,
) -> None:
    """Serve until stopped; `greet` is told the address once it can be reached."""
    catalogue = read_offers(settings)
    engine = open_database(settings)
    try:
        refuse_lost_plans(engine, settings, catalogue)
        listener = _listen(host or settings.http_host, settings.http_port if port is None else port)
        app = create_app(engine, SystemClock(), _api(settings, catalogue))
        mount(app, _console(settings))
        with listener, _made_for_answering(), keeper_of(app.state.parts).at_work():
            (greet or _greet)(_address(listener))
            config = uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=GOODBYE_SECONDS,
            )
            _Server(config, app.state.parts.feed).run(sockets=[listener])
    finally:
        engine.dispose()


class _Server(uvicorn.Server):
    """Lets go of whoever listens when told to stop: those answers would go on otherwise."""

    def __init__(self, config: uvicorn.Config, feed: Feed) -> None:
        super().__init__(config)
        self._feed = feed

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._feed.close()
        super().handle_exit(sig, frame)


def _api(settings: Settings, catalogue: Catalogue) -> ApiSettings:
    return ApiSettings(
        policy=review_policy(settings),
        version=fairuse.__version__,
        catalogue=catalogue,
        customer=_customer_door(settings),
        shelf=Shelf(settings.registry_dir, timedelta(days=settings.shadow_days)),
        bounds=Bounds(
            body_bytes=settings.body_bytes,
            calls=Rate(settings.calls_per_minute, timedelta(minutes=1)),
            sign_ins=Rate(settings.sign_ins_per_ten_minutes, timedelta(minutes=10)),
        ),
    )


@contextmanager
def _made_for_answering() -> Iterator[None]:
    """Set the interpreter for short waits while it serves.

    Looking through all the program is made of for garbage stops every answer for a fifth of a
    second, and finds nothing: what is loaded at the start stays. Measured without it, the longest
    wait falls to a third.
    """
    usual, turn = gc.get_threshold(), sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
        sys.setswitchinterval(turn)


def _console(settings: Settings) -> ConsoleSettings:
    console = ConsoleSettings(
        origin_of=origins_in(settings.registry_dir), provider=provider_of(settings)
    )
    key = settings.session_key.get_secret_value()
    return replace(console, secret=key.encode()) if key else console


def _customer_door(settings: Settings) -> CustomerDoor:
    door = CustomerDoor(contact=settings.support_contact, public_url=settings.public_url)
    key = settings.session_key.get_secret_value()
    return replace(door, secret=key.encode()) if key else door


def sign_in_link(address: str, token: str) -> str:
    """Give the link that opens the console's door with a token already in the form."""
    return f"{address}{PATH}/sign-in?{urlencode({'token': token})}"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise ProgramError(f"cannot listen on {host}:{port}: {error}") from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(address: str) -> None:
    say(f"serving on {address}; Ctrl-C stops")
