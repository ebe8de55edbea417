from __future__ import annotations

import logging
import re
from urllib.request import urlopen

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from review_api.app import create_app
from review_api.console import companypages, mount
from review_api.console.doors import OPEN_PATHS
from review_api.tokens import revoke_tokens
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.chromium import served
from tests.console.conftest import form_word
from tests.verdicts import HOUR, MONDAY

READERS = [Role.VIEWER, Role.REVIEWER, Role.LEAD, Role.ADMIN]


def sign_in(client, token, **more):
    word = form_word(client.get("/console/sign-in"))
    return client.post("/console/sign-in", data={"token": token, "form_word": word} | more)


@pytest.mark.parametrize("role", READERS)
def test_a_token_becomes_a_session_that_no_script_and_no_other_site_can_use(
    browser, token_of, role
):
    token, client = token_of(role), browser()
    answer = sign_in(client, token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/console"))
    assert "secure" not in cookie
    assert token.lower() not in cookie
    assert f"<strong>{role.value}</strong>" in client.get("/console/").text


def test_over_https_the_session_is_never_sent_in_the_clear(app, token_of):
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    assert "Secure" in sign_in(client, token_of(Role.VIEWER)).headers["set-cookie"]


def test_an_unknown_token_signs_nobody_in(browser):
    client = browser()
    answer = sign_in(client, "fairuse_nonsense")
    assert answer.status_code == 401
    assert "This token is unknown, was revoked" in answer.text
    assert client.get("/console/").status_code == 303


def test_the_platforms_own_token_reads_no_cases(browser, token_of):
    client = browser()
    assert sign_in(client, token_of(Role.SERVICE)).status_code == 403
    assert client.get("/console/").status_code == 303


def test_a_revoked_token_ends_its_sessions_at_once(reviewer, database):
    assert reviewer.get("/console/").status_code == 200
    with database.writers.begin() as session:
        revoke_tokens(session, "reviewer", MONDAY)
    assert reviewer.get("/console/").headers["location"] == "/console/sign-in"


def test_a_session_ends_after_twelve_hours(reviewer, clock):
    clock.advance(12 * HOUR.total_seconds() - 1)
    assert reviewer.get("/console/").status_code == 200
    clock.advance(1)
    assert reviewer.get("/console/").status_code == 303


@pytest.mark.parametrize("place", [0, 20, -70, -1])
def test_a_session_altered_anywhere_is_none(reviewer, place):
    good = reviewer.cookies["fairuse_session"]
    letters = list(good)
    letters[place] = "A" if letters[place] != "A" else "B"
    reviewer.cookies.clear()
    for value in ("".join(letters), good[:place], "", ".", "x.y"):
        answer = reviewer.get("/console/", headers={"Cookie": f"fairuse_session={value}"})
        assert answer.status_code == 303


def test_a_session_of_another_secret_is_none(reviewer, database):
    other = create_app(database.engine, ManualClock(MONDAY))
    mount(other)
    cookie = f"fairuse_session={reviewer.cookies['fairuse_session']}"
    client = TestClient(other, follow_redirects=False)
    assert client.get("/console/", headers={"Cookie": cookie}).status_code == 303


def test_the_cookie_of_the_door_opens_nothing(browser):
    client = browser()
    client.get("/console/sign-in")
    door = client.cookies["fairuse_door"]
    answer = client.get("/console/", headers={"Cookie": f"fairuse_session={door}"})
    assert answer.status_code == 303


def test_a_link_fills_the_form_and_signs_nobody_in(browser, token_of):
    token, client = token_of(Role.REVIEWER), browser()
    page = client.get("/console/sign-in", params={"token": token})
    assert f'value="{token}"' in page.text
    assert client.get("/console/").status_code == 303


def test_a_link_to_the_door_leaves_a_session_as_it_is(reviewer):
    reviewer.get("/console/sign-in")
    assert reviewer.get("/console/").status_code == 200


def test_the_token_of_a_link_is_in_no_log(app, token_of, caplog):
    token = token_of(Role.REVIEWER)
    with caplog.at_level(logging.DEBUG), served(app) as address:
        link = f"{address}/console/sign-in?token={token}"
        with urlopen(link, timeout=20) as answer:  # noqa: S310 - our own server
            assert token in answer.read().decode()
    logged = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert any("/console/sign-in" in line for line in logged)
    assert token not in caplog.text


def test_a_form_from_elsewhere_signs_nobody_in(browser, token_of):
    token, client = token_of(Role.REVIEWER), browser()
    assert client.post("/console/sign-in", data={"token": token}).status_code == 403
    client.get("/console/sign-in")
    word = form_word(browser().get("/console/sign-in"))
    answer = client.post("/console/sign-in", data={"token": token, "form_word": word})
    assert answer.status_code == 403
    assert client.get("/console/").status_code == 303


def test_a_form_without_its_sessions_word_does_nothing(reviewer, visit, case_id, house):
    form = {"choice": "restore", "reason_code": "goodwill", "rationale": "x", "version": 2}
    stranger = form_word(visit(Role.LEAD).get("/console/"))
    for word in ({}, {"form_word": ""}, {"form_word": stranger}, {"form_word": "\udcff\u0416"}):
        sent = {name: str(value).encode(errors="replace") for name, value in (form | word).items()}
        assert reviewer.post(f"/console/cases/{case_id}", data=sent).status_code == 403
        assert reviewer.post("/console/sign-out", data=word and sent).status_code == 403
    assert house.access().paused
    assert reviewer.get("/console/").status_code == 200


def test_signing_out_ends_the_session(reviewer):
    word = form_word(reviewer.get("/console/"))
    answer = reviewer.post("/console/sign-out", data={"form_word": word})
    assert answer.headers["location"] == "/console/sign-in"
    assert reviewer.get("/console/").status_code == 303


def test_who_came_for_a_case_is_led_there_after_signing_in(browser, token_of, case_id):
    client = browser()
    door = client.get(f"/console/cases/{case_id}").headers["location"]
    assert door == f"/console/sign-in?after=cases%2F{case_id}"
    page = client.get(door)
    assert f'name="after" value="cases/{case_id}"' in page.text
    answer = sign_in(client, token_of(Role.VIEWER), after=f"cases/{case_id}")
    assert answer.headers["location"] == f"/console/cases/{case_id}"


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "../v1", "cases/../x"])
def test_nobody_is_led_to_another_site(browser, token_of, after):
    answer = sign_in(browser(), token_of(Role.VIEWER), after=after)
    assert answer.headers["location"] == "/console/"


def paths_of(app):
    """Give every verb and path of the console, parameters filled in."""
    (console,) = (route.app for route in app.routes if getattr(route, "path", "") == "/console")
    walked = [
        (verb, re.sub(r"{[^}]*}", "none", route.path))
        for route in iter_route_contexts(console.routes)
        for verb in getattr(route, "methods", None) or ()
    ]
    assert len(walked) > 10
    return walked


def test_every_path_is_closed_without_a_session(app, browser):
    for verb, path in paths_of(app):
        answer = browser().request(verb, f"/console{path}")
        if path in OPEN_PATHS:
            assert answer.status_code == {"GET": 200, "POST": 403}[verb]
        elif path in companypages.OPEN_PATHS:
            assert answer.status_code == 401
        elif verb == "GET":
            assert answer.headers["location"].startswith("/console/sign-in")
        else:
            assert answer.status_code == 401


def test_a_token_in_a_header_is_no_session(browser, token_of):
    header = {"Authorization": f"Bearer {token_of(Role.ADMIN)}"}
    assert browser().get("/console/", headers=header).status_code == 303


def test_a_session_opens_no_api(reviewer):
    assert reviewer.get("/v1/cases").status_code == 401


def test_the_root_leads_to_the_console(browser):
    assert browser().get("/").headers["location"] == "/console/"
