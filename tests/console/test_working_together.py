"""Two reviewers at once, in a real browser: who holds a case, and what changes meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from review_api import claims
from review_api.app import ApiSettings, create_app
from review_api.console import ConsoleSettings, mount
from review_api.policy import ReviewPolicy
from review_api.vocabulary import Role
from streams.clock import SystemClock
from tests.chromium import WAIT_SECONDS, served, violations
from tests.verdicts import payload

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

expect.set_options(timeout=WAIT_SECONDS * 1000)
# Short, so that a beat and a lost one can be waited for.
POLICY = replace(ReviewPolicy(), claim_for=timedelta(seconds=6))


@pytest.fixture
def app(database):
    app = create_app(database.engine, SystemClock(), ApiSettings(policy=POLICY))
    mount(app, ConsoleSettings(secret=b"a secret of the tests", origin_of=lambda _: "archive"))
    return app


@pytest.fixture
def at_work(app, chromium, token_of):
    """Give a page of a signed-in reviewer; it fails on any error of a script."""
    context, troubles = chromium.new_context(), []
    context.set_default_timeout(WAIT_SECONDS * 1000)
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    with served(app) as address:
        page.goto(f"{address}/console/sign-in?token={token_of(Role.REVIEWER, 'ana')}")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
        yield page
        context.close()
        app.state.parts.feed.close()
    assert troubles == []


@pytest.fixture
def case_id(house):
    return house.take(payload(), SystemClock().now()).case_id


def claimed_by(house, case_id, who):
    now = SystemClock().now()
    with house.database.writers.begin() as session:
        claims.claim(session, case_id, who, now, POLICY)


def test_the_queue_says_who_takes_a_case_and_that_new_ones_came(case_id, at_work, house):
    at_work.wait_for_timeout(1500)  # the first look tells nothing: let it pass
    claimed_by(house, case_id, "bo")
    expect(at_work.get_by_text("Held by bo")).to_be_visible()
    house.take(payload("acc_2", offset=2), SystemClock().now())
    expect(at_work.get_by_text("1 new case since this page was loaded.")).to_be_visible()
    assert violations(at_work) == []


def test_a_claim_lives_while_somebody_is_there_and_says_when_it_was_taken(case_id, at_work, house):
    at_work.get_by_role("link", name="acc_1").click()
    bar = at_work.get_by_role("region", name="Who works on this case")
    expect(bar).to_contain_text(re.compile(r"You hold this case for 0:0\d"))
    assert violations(at_work) == []
    at_work.get_by_label("Why, in words").fill("A family.")
    at_work.wait_for_timeout(8000)  # longer than a claim lasts without a beat
    expect(bar).to_contain_text(re.compile(r"You hold this case for 0:0[3-6]"))
    at_work.context.set_offline(True)
    expect(bar).to_contain_text("Your claim has ended: no heartbeat reached the server.")
    # A last beat may have arrived whose answer did not: the server then holds it a little longer.
    at_work.wait_for_timeout(6000)
    claimed_by(house, case_id, "bo")
    at_work.context.set_offline(False)
    expect(bar).to_contain_text("bo has taken this case")
    assert at_work.get_by_label("Why, in words").input_value() == "A family."
