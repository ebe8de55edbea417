"""Links between the pages lead somewhere, and the commands they name exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, links

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_resolves(page: Path):
    for link in links(page):
        target, _, anchor = link.partition("#")
        place = (page.parent / target).resolve() if target else page
        assert place.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in anchors(place), f"{page.name} links to {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_a_page_names_exists(page: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= targets


def test_every_decision_is_listed():
    decisions = {page.name for page in (DOCS / "decisions").glob("[0-9]*.md")}
    assert set(links(DOCS / "decisions" / "README.md")) == decisions


def test_every_decision_names_what_was_turned_down():
    for page in (DOCS / "decisions").glob("[0-9]*.md"):
        assert "## What was turned down\n\n**" in page.read_text(), page.name


def test_the_index_leads_to_every_page():
    listed = set(links(DOCS / "index.md"))
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= listed
