"""Renders a customer's page. Every value is escaped, and a missing one is an error."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from review_api import times
from review_api.console.words import sentence
from review_api.customer import words

TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= {
    "amount": words.amount,
    "media": words.media,
    "medium": words.medium,
    "moment": times.moment,
    "sentence": sentence,
    "several": words.several,
    "times": words.times,
    "wait": times.wait,
}


def page(template: str, answer: HTTPStatus = HTTPStatus.OK, /, **values: Any) -> HTMLResponse:
    """Render a page."""
    return HTMLResponse(TEMPLATES.get_template(template).render(values), answer)
