from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from review_api.app import ApiSettings, Bounds, create_app
from review_api.console import mount
from review_api.errors import TooOftenError
from review_api.pace import Pace, Rate
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.verdicts import MONDAY, payload

MINUTE = timedelta(minutes=1)
# The bounds are counted in the server; which database is behind it changes nothing.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def many(pace, who, now, tries=1000):
    """Ask until refused; give how often it was let through, and how long to wait."""
    for number in range(tries):
        try:
            pace.check(who, now)
        except TooOftenError as refusal:
            return number, refusal.wait
    return tries, None


def test_so_many_in_a_row_and_then_at_the_pace():
    pace = Pace(Rate(10, MINUTE))
    assert many(pace, "a", MONDAY) == (10, timedelta(seconds=6))
    assert many(pace, "a", MONDAY + timedelta(seconds=5.9))[0] == 0
    assert many(pace, "a", MONDAY + timedelta(seconds=6))[0] == 1
    assert many(pace, "a", MONDAY + 2 * MINUTE)[0] == 10


def test_each_has_a_pace_of_their_own():
    pace = Pace(Rate(3, MINUTE))
    assert [many(pace, who, MONDAY)[0] for who in "aba"] == [3, 3, 0]


def test_no_bound_is_no_bound():
    assert many(Pace(Rate(0, MINUTE)), "a", MONDAY) == (1000, None)


def test_a_clock_that_goes_back_shuts_nobody_out_for_long():
    pace = Pace(Rate(10, MINUTE))
    many(pace, "a", MONDAY, 5)
    assert many(pace, "a", MONDAY - timedelta(seconds=20))[0] == 1


def test_whoever_asked_longest_ago_is_forgotten_first():
    pace = Pace(Rate(1, MINUTE))
    for number in range(10_001):
        pace.check(str(number), MONDAY)
    assert many(pace, "0", MONDAY)[0] == 1
    assert many(pace, "10000", MONDAY)[0] == 0


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def client(database, clock):
    """Give a client of a server with narrow bounds."""

    def build(role=Role.ADMIN, **bounds):
        app = create_app(database.engine, clock, ApiSettings(bounds=Bounds(**bounds)))
        mount(app)
        with database.writers.begin() as session:
            token = issue_token(session, "ana", role, MONDAY)
        bearer = {"Authorization": f"Bearer {token}"}
        return TestClient(
            app, headers=bearer, follow_redirects=False, raise_server_exceptions=False
        )

    return build


@ON_SQLITE
def test_a_caller_who_asks_too_often_is_told_when_to_ask_again(client, clock):
    caller = client(calls=Rate(3, MINUTE))
    assert [caller.get("/v1/cases").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = caller.get("/v1/plans")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "20")
    clock.advance(20)
    assert caller.get("/v1/plans").status_code == 200
    clock.advance(60)
    assert 'fairuse_requests_slowed_total{by="caller"} 2.0' in caller.get("/metrics").text


@ON_SQLITE
def test_no_job_waits_for_the_pace_of_its_caller(client):
    platform = client(calls=Rate(1, MINUTE))
    assert platform.get("/v1/plans").status_code == 200
    assert platform.get("/v1/plans").status_code == 429
    job = {"account_id": "acc_1", "model": "reel-3", "seconds": 4}
    for number in range(5):
        answer = platform.post("/v1/admissions", json=job | {"job_id": f"j{number}"})
        assert answer.status_code == 200, answer.text
        assert platform.post("/v1/admissions/none/release").status_code == 404


@ON_SQLITE
def test_an_address_tries_to_sign_in_only_so_often(client, clock):
    door = client(sign_ins=Rate(5, 10 * MINUTE))
    tries = [door.post("/console/sign-in", data={"token": "x"}).status_code for _ in range(6)]
    assert tries == [403, 403, 403, 403, 403, 429]
    answer = door.post("/console/sign-in", data={"token": "x"})
    assert answer.headers["retry-after"] == "120"
    assert "too often" in answer.text
    assert door.get("/console/company/back").status_code == 429
    clock.advance(120)
    assert door.post("/console/sign-in", data={"token": "x"}).status_code == 403
    shown = door.get("/metrics").text
    assert 'fairuse_sign_ins_refused_total{way="token"} 8.0' in shown
    assert 'fairuse_requests_slowed_total{by="address"} 3.0' in shown


BIG = "x" * 5_000_000


@ON_SQLITE
def test_a_note_of_five_million_letters_is_refused_and_changes_nothing(client, house):
    case_id = house.take(payload()).case_id
    caller = client()
    before = house.view(case_id).version
    for body in ({"json": {"text": BIG}}, {"content": (BIG.encode() for _ in range(2))}):
        answer = caller.post(f"/v1/cases/{case_id}/notes", **body)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 1000
    assert house.view(case_id).version == before


@ON_SQLITE
def test_a_form_that_is_far_too_long_is_a_page_in_words(client, house):
    case_id = house.take(payload()).case_id
    answer = client().post(f"/console/cases/{case_id}", data={"rationale": BIG})
    assert answer.status_code == 413
    assert "shorten it" in answer.text


@ON_SQLITE
def test_a_length_that_lies_helps_nobody(client):
    parts = (b'{"account_id": "', b"x" * 40_000, b'"}')
    answer = client(body_bytes=20_000).post(
        "/v1/billing-events", content=iter(parts), headers={"Content-Length": "2"}
    )
    assert answer.status_code == 413


@ON_SQLITE
def test_over_https_pages_ask_to_be_visited_so_for_a_year(client):
    door = client()
    assert "strict-transport-security" not in door.get("/console/sign-in").headers
    door.base_url = "https://testserver"
    said = door.get("/console/sign-in").headers["strict-transport-security"]
    assert said == "max-age=31536000"
