"""Puts the customers' pages together: an application of its own, whose errors are pages too.

It stands behind the application of the API under the same paths, and that one's description knows
nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.routing import Route

from review_api.body_limit import BodyLimit
from review_api.console.headers import SafeHeaders
from review_api.customer import contestpages, offerpages, statuspages
from review_api.customer.problems import install_problem_pages, too_large
from review_api.customer.tries import Tries

if TYPE_CHECKING:
    from review_api.dependencies import Parts

OPEN_PATHS: Final = frozenset({"/plans", "/pages/{file}"})
"""Paths that anybody may open: they say nothing about anybody."""

FORM_PATHS: Final = frozenset({"/status/{word}/appeals", "/status/{word}/answers"})
"""Where the forms of a status page go."""

LINK_PATHS: Final = frozenset({"/status/{word}"}) | FORM_PATHS
"""Paths whose own word is the key: a word that was not sealed by us leads to nothing."""


def customer_routes(parts: Parts) -> list[Route]:
    """Give the routes that lead to the customers' pages."""
    pages = FastAPI(title="fairuse", openapi_url=None, docs_url=None, redoc_url=None)
    pages.state.parts = parts
    pages.state.tries = Tries()
    install_problem_pages(pages)
    pages.include_router(offerpages.router)
    pages.include_router(statuspages.router)
    pages.include_router(contestpages.router)
    pages.add_middleware(BodyLimit, refuse=too_large)
    pages.add_middleware(SafeHeaders)
    return [
        Route(path, pages, methods=["POST"] if path in FORM_PATHS else ["GET"])
        for path in sorted(OPEN_PATHS | LINK_PATHS)
    ]
