"""Reads the Markdown pages: their tables, links and commands."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def rows(page: Path, first_header: str) -> list[list[str]]:
    """Give the cells of every table whose first header cell is `first_header`."""
    found: list[list[str]] = []
    inside = False
    for line in page.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == first_header:
            inside = True
        elif inside and not set(cells[0]) <= {"-", ":", " "}:
            found.append(cells)
    return found


def names(page: Path, first_header: str) -> list[str]:
    """Give the first column, without its back-ticks."""
    return [cells[0].strip("`") for cells in rows(page, first_header)]


def links(page: Path) -> list[str]:
    """Give every link to a place in this repository."""
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
