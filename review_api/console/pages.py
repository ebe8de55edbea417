"""Renders a template into an answer. Every value is escaped, and a missing one is an error."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from review_api.console import bars, words
from review_api.references import reference_of
from review_api.sweeps.exemptions import stands

if TYPE_CHECKING:
    from fastapi import Request

TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["bars"] = bars
TEMPLATES.filters |= {
    "asked": words.asked,
    "cause": words.cause,
    "figure": words.figure,
    "listed": words.listed,
    "one_in": words.one_in,
    "peers": words.peers,
    "percent": words.percent,
    "plain": words.plain,
    "reference": reference_of,
    "sentence": words.sentence,
    "span": words.span,
    "standing": words.standing,
    "stands": stands,
    "when": words.when,
    "whole": words.whole,
}


def page(
    request: Request, template: str, answer: HTTPStatus = HTTPStatus.OK, /, **values: Any
) -> HTMLResponse:
    """Render a page. `home` is where the console is mounted; `visitor` is None at the door."""
    values = {"visitor": None, "home": request.scope["root_path"]} | values
    return HTMLResponse(TEMPLATES.get_template(template).render(values), answer)
