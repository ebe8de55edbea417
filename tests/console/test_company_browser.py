"""A person signs in with a company account in a real browser, at a kept library's provider."""

from __future__ import annotations

import logging
import warnings

import pytest
from playwright.sync_api import expect

from review_api.app import create_app
from review_api.console import ConsoleSettings, mount
from review_api.identity import RoleRules
from review_api.people import disable_person
from review_api.provider import ProviderSettings
from review_api.vocabulary import Role
from streams.clock import SystemClock
from tests.chromium import WAIT_SECONDS, served, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    # Of the library that plays the provider, and of those it is made from.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
ANA = "ana@example.com"

expect.set_options(timeout=WAIT_SECONDS * 1000)


@pytest.fixture(scope="module")
def provider():
    """Run an identity provider that knows one reviewer and one person without a role."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import oidc_provider_mock as mock  # noqa: PLC0415 - it warns of its own parts at import
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    users = [
        mock.User(sub="u-1", claims={"email": ANA, "groups": ["desk"]}),
        mock.User(sub="u-2", claims={"email": "bo@example.com", "groups": ["canteen"]}),
    ]
    with mock.run_server_in_thread(user_claims=users, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def app(database, provider):
    app = create_app(database.engine, SystemClock())
    rules = RoleRules("groups", {"desk": Role.REVIEWER})
    settings = ProviderSettings(provider, "fairuse-console", "secret", rules=rules)
    mount(app, ConsoleSettings(secret=b"a secret of the tests", provider=settings))
    return app


@pytest.fixture
def door(app, chromium):
    """Give a page at the console's door."""
    context = chromium.new_context()
    context.set_default_timeout(WAIT_SECONDS * 1000)
    page = context.new_page()
    with served(app) as address:
        page.goto(f"{address}/console/")
        yield page
        context.close()


def sign_in(page, subject):
    page.get_by_role("link", name="Sign in with your company account").press("Enter")
    page.get_by_role("button", name=subject, exact=True).first.click()


def test_a_person_signs_in_works_and_signs_out(door, database):
    sign_in(door, "u-1")
    expect(door.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    expect(door.get_by_text(f"{ANA} · reviewer")).to_be_visible()
    door.get_by_role("button", name="Sign out").click()
    expect(door.get_by_role("heading", name="Review console")).to_be_visible()
    sign_in(door, "u-1")
    expect(door.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    with database.writers.begin() as session:
        disable_person(session, ANA, SystemClock().now())
    door.reload()
    expect(door.get_by_role("heading", name="Review console")).to_be_visible()


def test_a_person_without_a_role_is_told_so(door):
    sign_in(door, "u-2")
    expect(door.get_by_role("alert")).to_contain_text("has no role here")


def test_who_says_no_at_the_company_is_not_signed_in(door):
    door.get_by_role("link", name="Sign in with your company account").click()
    door.get_by_role("button", name="Deny").click()
    expect(door.get_by_role("alert")).to_contain_text("let nobody in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_of_at_the_door(door, scheme):
    door.emulate_media(color_scheme=scheme)
    expect(door.get_by_role("link", name="Sign in with your company account")).to_be_focused()
    assert violations(door) == []
