"""Writes a card down: as Markdown for people with a terminal, and as a page that needs nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

if TYPE_CHECKING:
    from detectors.card.parts import Card


def html_of(card: Card) -> str:
    """Give one HTML page with its styles and drawings inside, without a script."""
    return _templates().get_template("card.html").render(card=card)


def markdown_of(card: Card) -> str:
    """Give Markdown; of a drawing what it says, in a sentence and a line of characters."""
    return _templates().get_template("card.txt").render(card=card)


def cell(words: str) -> str:
    """Make words fit for a cell of a Markdown table."""
    return words.replace("|", "\\|").replace("\n", " ")


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(["html"]), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    templates.filters["cell"] = cell
    return templates
