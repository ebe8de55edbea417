"""A customer's browser: without scripts, on a phone and on a desk, light and dark, by ear."""

from __future__ import annotations

import re
from contextlib import contextmanager
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from review_api.appeals import file_appeal, find_pause
from review_api.steps import Step, ask_customer
from tests.chromium import WAIT_SECONDS, served, violations
from tests.house import POLICY
from tests.verdicts import DAY, MONDAY, payload

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


@pytest.fixture
def shown(house, platform, link):
    """Give the paths of every kind of page that a customer may see."""
    for account in ("acc_1", "acc_2"):
        platform.say("started", "pro", at=MONDAY - 100 * DAY, account=account)
        platform.ask("j1", account, seconds=480)
    house.take(payload())
    contested(house, house.take(payload("acc_3", offset=8)).case_id)
    return ["/plans", link("acc_1"), link("acc_2"), link("acc_3"), link("nobody")]


def contested(house, case_id):
    with house.database.writers.begin() as session:
        case = find_pause(session, "acc_3", case_id)
        file_appeal(session, case, "On a train.", by="shop", now=MONDAY, policy=POLICY)
    with house.database.writers.begin() as session:
        step = Step(case_id, house.view(case_id).version, "Which one?", "ben")
        ask_customer(session, step, MONDAY)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_to_complain_of(visit, shown, scheme, width):
    viewport = {"width": width, "height": 900}
    with visit(shown[0], color_scheme=scheme, viewport=viewport) as page:
        seen = [violations(page)]
        for path in shown[1:]:
            page.goto(urljoin(page.url, path))
            seen.append(violations(page))
    assert seen == [[]] * len(shown)


@pytest.mark.parametrize("width", [320, 800, 1280])
def test_no_page_is_wider_than_its_window(visit, shown, width):
    with visit(shown[0], viewport={"width": width, "height": 800}) as page:
        for path in shown:
            page.goto(urljoin(page.url, path))
            wide = page.evaluate(WIDER_THAN_WINDOW)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, wide


def test_a_customer_without_scripts_reads_it_all_and_writes_with_one_click(visit, shown):
    with visit(shown[1], java_script_enabled=False) as page:
        expect(page.get_by_role("heading", name="Your monthly quota is paused")).to_be_visible()
        expect(page.get_by_text("3 days")).to_be_visible()
        letter = page.get_by_role("link", name="help@studio.example")
        assert re.fullmatch(
            r"mailto:help@studio\.example\?subject=Review%20[0-9A-F]{4}-[0-9A-F]{4}",
            letter.get_attribute("href"),
        )


def test_a_customer_without_scripts_contests_a_pause_by_keyboard(visit, shown):
    with visit(shown[1], java_script_enabled=False) as page:
        page.get_by_label("What should they know?").focus()
        page.keyboard.type("It was me, on two machines.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="A person looks at it again")).to_be_visible()
        expect(page.get_by_text("We have received it")).to_be_visible()
        page.reload()  # sends nothing twice
        expect(page.get_by_label("What should they know?")).to_be_hidden()
