from __future__ import annotations

import json
import socket
import threading
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest

from review_api import claims, feed
from review_api.app import create_app
from review_api.tokens import issue_token, revoke_tokens
from review_api.vocabulary import Role
from review_api.watch import Watch
from streams.clock import ManualClock
from tests.chromium import served
from tests.house import POLICY
from tests.verdicts import MONDAY, payload


@pytest.fixture
def app(database):
    return create_app(database.engine, ManualClock(MONDAY))


@pytest.fixture
def token(database):
    with database.writers.begin() as session:
        return issue_token(session, "ana", Role.VIEWER, MONDAY)


@contextmanager
def listening(address, token):
    """Give a function that reads the next event: its name and its content."""
    place = urlsplit(address)
    with closing(socket.create_connection((place.hostname, place.port), timeout=20)) as line:
        head = f"GET /v1/cases/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
        line.sendall(head.encode())
        lines = line.makefile("r", newline="")

        def following():
            fields = {}
            for each in lines:
                name, _, value = each.strip().partition(": ")
                if name in {"event", "data"}:
                    fields[name] = value
                if "data" in fields:
                    return fields["event"], json.loads(fields["data"])
            return None

        yield following


def look(database, watch, now=MONDAY):
    with database.readers.begin() as session:
        return [(change.what, change.who, change.version) for change in watch.look(session, now)]


def hold(database, case_id, who="ana"):
    with database.writers.begin() as session:
        return claims.claim(session, case_id, who, MONDAY, POLICY).token


def test_a_look_tells_what_is_new_once_and_the_first_tells_nothing(house, database):
    case_id = house.take(payload()).case_id
    watch = Watch()
    assert look(database, watch) == []
    house.take(payload("acc_2", offset=2))
    token = hold(database, case_id)
    assert look(database, watch) == [
        ("opened", "intake", 1),
        ("paused", "intake", 2),
        ("claimed", "ana", None),
    ]
    assert look(database, watch) == []
    with database.writers.begin() as session:
        claims.release(session, claims.Hold(case_id, "ana", token), MONDAY)
    assert look(database, watch) == [("claim_ended", "ana", None)]


def test_who_listens_hears_of_a_new_case_and_of_who_holds_it(app, token, house, database):
    with served(app) as address, listening(address, token) as following:
        assert following() == ("ready", {})
        threading.Event().wait(0.5)  # the first look tells nothing: let it pass
        case_id = house.take(payload()).case_id
        hold(database, case_id)
        heard = [following() for _ in range(3)]
        assert {name for name, _ in heard} == {"case"}
        assert [content["what"] for _, content in heard] == ["opened", "paused", "claimed"]
        assert heard[2][1] == {
            "case_id": case_id,
            "what": "claimed",
            "who": "ana",
            "at": "2026-11-23T09:00:00Z",
            "version": None,
        }
        app.state.parts.feed.close()
        assert following() == ("bye", {})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_token_that_is_revoked_hears_no_more(app, token, database, monkeypatch):
    monkeypatch.setattr(feed, "BEAT_SECONDS", 0.1)
    with served(app) as address, listening(address, token) as following:
        assert following() == ("ready", {})
        with database.writers.begin() as session:
            revoke_tokens(session, "ana", MONDAY)
        assert following() == ("bye", {})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_listens_too_slowly_is_let_go_and_holds_up_nobody(app, token, house, monkeypatch):
    monkeypatch.setattr(feed, "MOST_WAITING", 1)
    with served(app) as address, listening(address, token) as following:
        assert following() == ("ready", {})
        threading.Event().wait(0.5)
        for each in range(3):
            house.take(payload(f"acc_{each}", offset=each))
        heard = []
        while (event := following()) is not None and event[0] != "bye":
            heard.append(event)
        assert event == ("bye", {})
