"""A reviewer at the console, in a real browser: by keyboard, by mouse without scripts, by ear."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from detectors.verdict import Action, Reason
from review_api.console.looking import Part
from review_api.links import note_sightings
from review_api.standing import Detector, Word, set_standing
from review_api.vocabulary import DetectorStanding, Role
from streams.vocabulary import NETWORKS
from tests import doings
from tests.chromium import WAIT_SECONDS, served, violations
from tests.sightings import together
from tests.verdicts import HOUR, MONDAY, payload

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

FIGURE = Reason(
    code="even_gaps",
    sentence="the pauses between requests vary little (entropy 0.10 nats)",
    kind="automation",
    group="timing",
    feature="gap_entropy",
    observed=0.1,
    percentile=0.9987,
)


expect.set_options(timeout=WAIT_SECONDS * 1000)


@pytest.fixture
def case_id(house):
    with house.database.writers.begin() as session:
        at_work = together(["acc_1", "acc_2"], key=8, networks=1 << NETWORKS["business"])
        note_sightings(session, [*together(["acc_1", "acc_2", "acc_3"]), *at_work], MONDAY)
    twice = doings.every(700, 9, device_id="d_2", session_id="s_8")
    doings.note(house.database, *doings.every(60, 40), *twice)
    house.take(payload("acc_2", action=Action.REVIEW, reasons=[FIGURE], offset=1))
    return house.take(payload(), MONDAY - 5 * HOUR).case_id


@pytest.fixture
def open_door(app, chromium, token_of):
    """Give a page that shows the door with the token in it; it fails on any error of a script."""

    @contextmanager
    def opened(role=Role.REVIEWER, **options):
        context = chromium.new_context(**options)
        context.set_default_timeout(WAIT_SECONDS * 1000)
        page, troubles = context.new_page(), []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: note(line, troubles))
        with served(app) as address:
            page.goto(f"{address}/console/sign-in?token={token_of(role, 'ana')}")
            # The focus comes a moment after the page; a key before it would go nowhere.
            expect(page.get_by_role("button", name="Sign in")).to_be_focused()
            yield page
            context.close()
        assert troubles == []

    return opened


def note(line, troubles):
    # A form that comes back with a fault is a 422, and Chromium calls every 4xx an error.
    if line.type == "error" and "422" not in line.text:
        troubles.append(line.text)


def arrive(page, heading):
    """Wait until a page is there and its script listens to keys."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Turn shortcuts")).to_be_visible()


def test_a_reviewer_restores_access_by_keyboard_alone(open_door, case_id, house):
    assert house.access().paused
    with open_door() as page:
        page.keyboard.press("Enter")  # the button of a filled-in form has the focus
        arrive(page, "Queue")
        page.keyboard.press("j")
        expect(page.get_by_role("link", name="acc_1")).to_be_focused()
        page.keyboard.press("Enter")
        arrive(page, "acc_1")
        expect(page.get_by_role("cell", name="stands on its own")).to_be_visible()
        expect(page.get_by_text("Lifts itself in 2 d 19 h")).to_be_visible()
        page.keyboard.press("r")
        expect(page.get_by_role("radio", name=re.compile("Restore access"))).to_be_checked()
        page.keyboard.press("2")
        expect(page.get_by_role("radio", name=re.compile("one address"))).to_be_checked()
        page.keyboard.press("Tab")
        # Inside a field a key is a letter: neither "r" nor "u" nor "/" leads away.
        page.keyboard.type("four our/ queries")
        expect(page.get_by_label("Why, in words")).to_have_value("four our/ queries")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_role("status")).to_contain_text("Restored.")
        assert not house.access().paused
        arrive(page, "acc_1")
        page.keyboard.press("n")
        arrive(page, "acc_2")
    (decision,) = house.view(case_id).decisions
    assert (decision.reviewer, decision.reason_code) == ("ana", "shared_network")


def test_keys_move_search_and_can_be_turned_off(open_door, case_id):
    with open_door() as page:
        page.keyboard.press("Enter")
        arrive(page, "Queue")
        first, second = (page.get_by_role("link", name=name) for name in ("acc_1", "acc_2"))
        for key, focused in (("j", first), ("j", second), ("j", second), ("k", first)):
            page.keyboard.press(key)
            expect(focused).to_be_focused()
        page.keyboard.press("/")
        page.keyboard.type("acc_2")
        page.keyboard.press("Enter")
        arrive(page, "Cases of acc_2")
        page.keyboard.press("q")
        arrive(page, "Queue")
        page.get_by_role("button", name="Turn shortcuts off").click()
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).not_to_be_focused()
        page.get_by_role("button", name="Turn shortcuts on").click()
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()


def test_everything_works_without_scripts(open_door, case_id, house):
    with open_door(java_script_enabled=False) as page:
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="acc_1").click()
        page.get_by_role("radio", name=re.compile("Uphold")).check()
        expect(page.get_by_role("radio", name=re.compile("Goodwill"))).to_be_hidden()
        page.get_by_role("radio", name=re.compile("Restore access")).check()
        page.get_by_role("radio", name=re.compile("Goodwill")).check()
        page.get_by_label("Why, in words").fill("Nobody can tell.")
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("status")).to_contain_text("Restored.")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Review console")).to_be_visible()
    assert not house.access().paused


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(open_door, case_id, scheme):
    with open_door(color_scheme=scheme) as page:
        seen = [violations(page)]
        page.keyboard.press("Enter")
        arrive(page, "Queue")
        seen.append(violations(page))
        page.goto(re.sub(r"/console/.*", f"/console/cases/{case_id}", page.url))
        arrive(page, "acc_1")
        opened = "&".join(f"opened={part}" for part in Part)
        page.goto(re.sub(r"/console/.*", f"/console/cases/{case_id}?{opened}", page.url))
        arrive(page, "acc_1")
        page.keyboard.press("r")
        for summary in page.locator("summary").all():
            summary.click()
        seen.append(violations(page))
        page.get_by_label("Why, in words").fill("x")
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose the reason.")
        seen.append(violations(page))
        page.keyboard.press("1")
        page.get_by_role("radio", name=re.compile("misread")).check()
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("status")).to_be_visible()
        seen.append(violations(page))
        page.goto(re.sub(r"/console/.*", "/console/search?name=nobody", page.url))
        seen.append(violations(page))
        page.goto(re.sub(r"/console/.*", "/console/quality", page.url))
        arrive(page, "Quality of review")
        seen.append(violations(page))
    assert seen == [[]] * 7


WIDER_THAN_WINDOW = """[...document.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth)
    .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("width", [320, 800, 1280])
def test_no_page_is_wider_than_its_window(open_door, case_id, width):
    with open_door(viewport={"width": width, "height": 800}) as page:
        page.keyboard.press("Enter")
        arrive(page, "Queue")
        for path in ("/console/", f"/console/cases/{case_id}", "/console/detectors"):
            page.goto(re.sub(r"/console/.*", path, page.url))
            wide = page.evaluate(WIDER_THAN_WINDOW)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_notice_of_the_breaker_leads_to_the_detectors(open_door, house, scheme):
    for number in range(9):
        house.take(payload(f"acc_{number}", offset=number))
    with house.database.writers.begin() as session:
        word = Word(DetectorStanding.DETECT_ONLY, "lea", "Night shifts look like it.")
        set_standing(session, Detector("no_rest"), word, MONDAY)
    with open_door(color_scheme=scheme) as page:
        page.keyboard.press("Enter")
        arrive(page, "Queue")
        expect(page.get_by_role("status").filter(has_text="The breaker")).to_contain_text(
            "held back 5 pauses"
        )
        seen = [violations(page)]
        page.get_by_role("link", name="See the detectors").click()
        arrive(page, "Detectors")
        expect(page.get_by_role("row", name=re.compile("no_rest"))).to_contain_text("Only watches")
        seen.append(violations(page))
    assert seen == [[]] * 2
