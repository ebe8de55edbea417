"""What the tests of the console share: the console over one database, and who may visit it."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from review_api.app import create_app
from review_api.console import ConsoleSettings, mount
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.house import House
from tests.verdicts import MONDAY, payload


def form_word(page):
    """Give the word that the forms of a page send back."""
    return re.search(r'name="form_word" value="([0-9a-f]+)"', page.text)[1]


@pytest.fixture
def house(database):
    return House(database)


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def app(database, clock):
    app = create_app(database.engine, clock)
    mount(app, ConsoleSettings(secret=b"a secret of the tests", origin_of=lambda _: "archive"))
    return app


@pytest.fixture
def token_of(database):
    def make(role, name=None):
        with database.writers.begin() as session:
            return issue_token(session, name or role.value, role, MONDAY)

    return make


@pytest.fixture
def browser(app):
    """Give a client that keeps cookies and follows no redirect."""

    def fresh():
        return TestClient(app, follow_redirects=False, raise_server_exceptions=False)

    return fresh


@pytest.fixture
def visit(browser, token_of):
    """Give a client that signed in as a role."""

    def as_role(role, name=None):
        client = browser()
        word = form_word(client.get("/console/sign-in"))
        form = {"token": token_of(role, name), "form_word": word}
        assert client.post("/console/sign-in", data=form).status_code == 303
        return client

    return as_role


@pytest.fixture
def reviewer(visit):
    return visit(Role.REVIEWER)


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id
