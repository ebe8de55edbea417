"""What a card is made of: sections of words, tables and drawings, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words and figures under their heads; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing, one sentence that says what it shows, and the same in a line of characters."""

    title: str
    svg: Markup
    summary: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the card; empty parts are left out."""

    title: str
    words: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A whole card. `tone` is `passed`, `refused` or `waits`."""

    version: str
    made: str
    tone: str
    answer: str
    sections: tuple[Section, ...]
