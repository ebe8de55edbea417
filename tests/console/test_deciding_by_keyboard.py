"""Deciding by keyboard in a real browser, counted stroke by stroke; and without scripts, by ear."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from review_api.app import ApiSettings, create_app
from review_api.appeals import file_appeal, find_pause
from review_api.console import ConsoleSettings, mount
from review_api.vocabulary import Choice, Role
from tests.chromium import WAIT_SECONDS, violations
from tests.console.test_browser import arrive, case_id, open_door
from tests.house import POLICY
from tests.verdicts import MONDAY

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

expect.set_options(timeout=WAIT_SECONDS * 1000)
__all__ = ["case_id", "open_door"]

GRACE = timedelta(seconds=20)
MOST_STROKES = 8


@pytest.fixture
def app(database, clock):
    """Serve the console as operators do: with a grace after each decision."""
    app = create_app(database.engine, clock, ApiSettings(policy=replace(POLICY, grace=GRACE)))
    mount(app, ConsoleSettings(secret=b"a secret of the tests", origin_of=lambda _: "archive"))
    return app


def strike(page, *keys):
    """Press keys, at most as many as a decision may cost."""
    assert len(keys) <= MOST_STROKES
    for key in keys:
        page.keyboard.press(key)


def open_case(page, case_id):
    page.keyboard.press("Enter")
    arrive(page, "Queue")
    page.goto(re.sub(r"/console/.*", f"/console/cases/{case_id}", page.url))
    arrive(page, "acc_1")


def appeal(house, case_id):
    with house.database.writers.begin() as session:
        case = find_pause(session, "acc_1", case_id)
        words = "I was on a train, with two machines."
        file_appeal(session, case, words, by="shop", now=MONDAY, policy=POLICY)


def test_a_restore_costs_four_strokes_and_is_taken_back_with_a_fifth(open_door, case_id, house):
    with open_door() as page:
        open_case(page, case_id)
        strike(page, "r", "1", "t", "Control+Enter")
        expect(page.get_by_role("heading", name="Restore: recorded")).to_be_visible()
        expect(page.get_by_role("timer")).to_contain_text(re.compile(r"1?\d\ss"))
        (decision,) = house.view(case_id).decisions
        assert decision.rationale.startswith("The signals were misread. That, and not abuse,")
        arrive(page, "acc_1")
        strike(page, "z")
        expect(page.get_by_role("status").first).to_contain_text("Taken back.")
        expect(page.get_by_role("radio", name=re.compile("Restore access"))).to_be_checked()
    assert house.access().paused
    assert house.view(case_id).decisions[0].end.actor == "ana"


def test_an_uphold_with_its_checklist_costs_seven_strokes(open_door, case_id, house):
    with open_door() as page:
        open_case(page, case_id)
        strike(page, "u", "1", "x", "x", "x", "t", "Control+Enter")
        expect(page.get_by_role("heading", name="Uphold: recorded")).to_be_visible()
    (decision,) = house.view(case_id).decisions
    assert set(decision.checklist.values()) == {"ruled_out"}
    assert decision.rationale.startswith("A program made the requests.")


def test_an_offer_of_another_plan_costs_four(open_door, case_id, house):
    with open_door() as page:
        open_case(page, case_id)
        strike(page, "c", "2", "t", "Control+Enter")
        expect(page.get_by_role("heading", name="Convert: recorded")).to_be_visible()
    assert house.view(case_id).decisions[0].reason_code == "offer_api_plan"


def test_a_question_a_note_and_a_longer_wait_are_a_key_away(open_door, case_id, house):
    with open_door() as page:
        open_case(page, case_id)
        for key, told in (
            ("a", "The question is on its way"),
            ("o", "The note is in the thread."),
            ("w", "The pause may wait longer now."),
            ("e", "The leads see the case now."),
        ):
            strike(page, key)
            page.keyboard.type("out of office?")
            strike(page, "Control+Enter")
            expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()
            arrive(page, "acc_1")


def test_everything_works_without_scripts(open_door, case_id, house):
    with open_door(java_script_enabled=False) as page:
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="acc_1").click()
        page.get_by_role("radio", name=re.compile("Uphold")).check()
        page.get_by_role("radio", name=re.compile("A program made")).check()
        for answer in page.get_by_role("radio", name="Ruled out").all():
            answer.check()
        page.get_by_role("button", name="Suggest words").click()
        expect(page.get_by_label("Why, in words")).to_have_value(re.compile("A program made"))
        expect(page.get_by_role("radio", name="Ruled out").last).to_be_checked()
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("heading", name="Uphold: recorded")).to_be_visible()
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_role("status").first).to_contain_text("Taken back.")
        page.get_by_text("Write a note", exact=False).first.click()
        page.get_by_label("The note").fill("Seen.")
        page.get_by_role("button", name="Write a note").click()
        expect(page.get_by_text("The note is in the thread.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of(open_door, case_id, house, scheme):
    house.decide(case_id, Choice.UPHOLD, reviewer="ben")
    appeal(house, case_id)
    with open_door(Role.LEAD, color_scheme=scheme) as page:
        open_case(page, case_id)
        page.keyboard.press("u")
        for summary in page.locator("summary").all():
            summary.click()
        seen = [violations(page)]
        page.get_by_label("Why, in words").fill("x")
        page.get_by_label("Answer to the customer").fill("We looked again.")
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("alert")).to_contain_text("3 left")
        seen.append(violations(page))
        strike(page, "r", "1")
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_role("heading", name="Restore: recorded")).to_be_visible()
        seen.append(violations(page))
    assert seen == [[]] * 3
