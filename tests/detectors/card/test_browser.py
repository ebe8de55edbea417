"""The card in a browser: readable by everybody, in light and dark, on a narrow screen."""

from __future__ import annotations

import pytest

from detectors.card.writing import html_of
from tests.chromium import chromium, violations

pytestmark = pytest.mark.browser

__all__ = ["chromium"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(chromium, refused, tmp_path, scheme):
    path = tmp_path / "card.html"
    path.write_text(html_of(refused))
    page = chromium.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})
    page.goto(path.as_uri())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
