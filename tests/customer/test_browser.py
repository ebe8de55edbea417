"""A customer's browser: without scripts, on a phone and on a desk, light and dark, by ear."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.chromium import WAIT_SECONDS, served

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

WIDER_THAN_WINDOW = """[...document.querySelectorAll("*")]
    .filter((each) => !each.closest(".scroll") && each.getBoundingClientRect().right > innerWidth)
    .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture
def visit(app, chromium):
    """Give a page; it fails on whatever the browser complains of, blocked styles included."""

    @contextmanager
    def visited(path, **options):
        context = chromium.new_context(**options)
        context.set_default_timeout(WAIT_SECONDS * 1000)
        page, troubles = context.new_page(), []
        page.on("console", lambda line: troubles.append(line.text))
        with served(app) as address:
            page.goto(f"{address}{path}")
            yield page
            context.close()
        assert troubles == []

    return visited


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_to_complain_of_on_the_page_of_plans(visit, scheme, width):
    viewport = {"width": width, "height": 900}
    with visit("/plans", color_scheme=scheme, viewport=viewport) as page:
        assert violations(page) == []


@pytest.mark.parametrize("width", [320, 800, 1280])
def test_the_page_of_plans_is_no_wider_than_its_window(visit, width):
    viewport = {"width": width, "height": 800}
    with visit("/plans", viewport=viewport) as page:
        wide = page.evaluate(WIDER_THAN_WINDOW)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, wide
