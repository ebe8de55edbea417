from __future__ import annotations

import asyncio
import threading
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from access.accounts import lock_account
from access.admission import Ask
from access.costs import Job
from access.desk import Answer
from access.errors import UnknownPlanError
from access.subscribing import note_subscription
from access.subscriptions import SubscriptionRecord
from access.vocabulary import SubscriptionChange
from review_api import counter
from review_api.app import create_app
from review_api.tokens import issue_token, revoke_tokens
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.verdicts import DAY, MONDAY, payload

ASK = {"account_id": "acc_1", "job_id": "j1", "model": "reel-3", "seconds": 4}


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def client(database, clock):
    started = SubscriptionRecord("e1", SubscriptionChange.STARTED, "pro", MONDAY - 3 * DAY, None)
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
        lock_account(session, "acc_1", MONDAY)
        note_subscription(session, "acc_1", started, MONDAY)
    app = create_app(database.engine, clock)
    return TestClient(
        app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False
    )


def admit(client, **changes):
    answer = client.post("/v1/admissions", json=ASK | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def test_a_quota_job_is_told_its_queue_speed_turn_and_how_many_may_run(client):
    answer = admit(client)
    assert answer["admitted"]
    assert (answer["mode"], answer["queue"], answer["units"]) == ("quota", "basic", 1.0)
    assert answer["speed"] > 0
    assert answer["concurrency"] >= 1
    assert answer["turn"] == pytest.approx(MONDAY.timestamp())


def test_a_credit_job_goes_to_the_priority_queue_and_has_no_turn(client):
    answer = admit(client, mode="credits")
    assert (answer["mode"], answer["queue"], answer["turn"]) == ("credits", "priority", None)


def test_a_paused_customer_reads_why_and_what_works_and_a_credit_job_runs(client, house):
    house.take(payload())
    denied = admit(client)
    assert not denied["admitted"]
    assert denied["reason"] == "quota_paused"
    assert denied["still_works"] == ["credits"]
    assert "review by a person" in denied["sentence"]
    assert "credits work" in denied["sentence"]
    assert denied["retry_at"] == "2026-11-26T09:00:00Z"
    assert admit(client, job_id="j2", mode="credits")["queue"] == "priority"
    assert admit(client, job_id="j3", mode="either")["mode"] == "credits"


def test_a_restore_lets_the_same_job_run(client, house):
    case_id = house.take(payload()).case_id
    assert not admit(client)["admitted"]
    house.decide(case_id)
    assert admit(client)["admitted"]


def test_a_job_of_many_seconds_costs_what_it_has_started(client):
    assert admit(client, seconds=4.5)["units"] == 2


def test_the_platform_may_price_jobs_itself(client):
    assert admit(client, units=0.125)["units"] == 0.125


def test_the_same_job_asked_about_again_has_the_same_answer(client):
    first, second = admit(client), admit(client)
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first | {"repeated": True} == second


def test_settling_and_releasing_say_what_was_charged(client):
    first = admit(client, seconds=8)["admission_id"]
    settled = client.post(f"/v1/admissions/{first}/settle", json={"units": 0.5}).json()
    assert (settled["ended_as"], settled["reserved"], settled["charged"]) == ("settled", 2, 0.5)
    second = admit(client, job_id="j2")["admission_id"]
    released = client.post(f"/v1/admissions/{second}/release").json()
    assert (released["ended_as"], released["charged"]) == ("released", 0)
    third = admit(client, job_id="j3")["admission_id"]
    assert client.post(f"/v1/admissions/{third}/settle").json()["charged"] == 1


def test_an_end_that_cannot_be_is_a_problem_that_says_why(client):
    place = f"/v1/admissions/{admit(client)['admission_id']}"
    over = problem(client.post(f"{place}/settle", json={"units": 2}), 409)
    assert "reserved" in over["detail"]
    client.post(f"{place}/settle")
    assert "settled, 1.000 charged" in problem(client.post(f"{place}/release"), 409)["detail"]
    problem(client.post("/v1/admissions/none/settle"), 404)


WRONG = [
    ({"model": "none"}, None),
    ({"seconds": None}, None),
    ({"seconds": -1}, "body.seconds"),
    ({"units": -1}, "body.units"),
    ({"units": 1e12}, "body.units"),
    ({"units": "NaN"}, "body.units"),
    ({"count": 0}, "body.count"),
    ({"media": "image"}, None),
    ({"resolution": "none"}, None),
    ({"feature": "none"}, None),
    ({"mode": "free"}, "body.mode"),
    ({"account_id": ""}, "body.account_id"),
    ({"job_id": "a\x00b"}, "body.job_id"),
    ({"job_id": None}, "body.job_id"),
    ({"unknown": 1}, "body.unknown"),
]


@pytest.mark.parametrize(("changes", "field"), WRONG)
def test_a_wrong_ask_is_a_problem_that_names_the_field(client, changes, field):
    answer = problem(client.post("/v1/admissions", json=ASK | changes), 422)
    if field is not None:
        assert [fault["field"] for fault in answer["faults"]] == [field]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"a": 1e999}'])
def test_a_body_that_is_no_ask_is_a_problem(client, body):
    problem(client.post("/v1/admissions", content=body), 422)


def test_a_wrong_ask_reserves_nothing(client):
    client.post("/v1/admissions", json=ASK | {"model": "none"})
    assert not admit(client)["repeated"]


def test_a_revoked_token_is_refused_within_seconds(client, database, clock):
    admit(client)
    with database.writers.begin() as session:
        revoke_tokens(session, "platform", MONDAY)
    clock.advance(5.1)
    problem(client.post("/v1/admissions", json=ASK), 401)


def test_a_token_that_was_not_found_is_looked_up_again(client, database):
    wrong = {"Authorization": "Bearer fairuse_nobody"}
    problem(client.post("/v1/admissions", json=ASK, headers=wrong), 401)
    problem(client.post("/v1/admissions", json=ASK, headers=wrong), 401)


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_an_account_that_stays_held_is_a_problem_in_time(client, database, monkeypatch):
    with database.writers.begin() as session:
        lock_account(session, "acc_1", MONDAY)
        with monkeypatch.context() as hurried:
            hurried.setattr(counter, "PATIENCE_SECONDS", 0.2)
            problem(client.post("/v1/admissions", json=ASK), 503)
        free = client.post("/v1/admissions", json=ASK | {"account_id": "acc_2"})
    assert free.status_code == 200


def test_many_who_ask_at_once_never_get_more_than_there_is(client):
    answers = []

    def ask(number):
        answers.append(admit(client, job_id=f"j{number}", mode="credits", units=50))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 16
    # A Pro cycle has 300 credits.
    assert sum(answer["admitted"] for answer in answers) == 6
    assert {answer["reason"] for answer in answers if not answer["admitted"]} == {"credits_short"}


def test_what_was_answered_is_counted_with_how_long_it_took(client):
    admit(client)
    admit(client, job_id="j2", mode="credits", units=1000)
    client.post("/v1/admissions", json=ASK | {"job_id": "j3", "model": "none"})
    shown = client.get("/metrics").text
    for outcome in ("quota", "credits_short", "refused"):
        assert f'fairuse_admissions_total{{outcome="{outcome}"}} 1.0' in shown
    assert "fairuse_admission_seconds_count 3.0" in shown


def test_a_settled_job_is_refunded_once(client):
    place = f"/v1/admissions/{admit(client, mode='credits', seconds=8)['admission_id']}"
    problem(client.post(f"{place}/refund"), 409)
    client.post(f"{place}/settle", json={"units": 1.5})
    first, second = (client.post(f"{place}/refund").json() for _ in range(2))
    assert (first["refunded"], first["repeated"]) == (1.5, False)
    assert (second["refunded"], second["repeated"]) == (1.5, True)
    standing = client.get("/v1/accounts/acc_1/standing").json()
    assert standing["credits"]["total"] == 300


def test_a_released_job_has_nothing_to_refund(client):
    place = f"/v1/admissions/{admit(client)['admission_id']}"
    client.post(f"{place}/release")
    assert "charged nothing" in problem(client.post(f"{place}/refund"), 409)["detail"]
    problem(client.post("/v1/admissions/none/refund"), 404)


def test_a_plan_this_server_has_not_heard_of_is_no_wrong_call_and_stops_nobody_else(
    client, database
):
    newer = SubscriptionRecord("e2", SubscriptionChange.STARTED, "newer", MONDAY - DAY, None)
    with database.writers.begin() as session:
        lock_account(session, "acc_2", MONDAY)
        note_subscription(session, "acc_2", newer, MONDAY)
    asks = [Ask(f"acc_{each}", "j9", Job("reel-3", seconds=Decimal(4))) for each in (1, 2, 3)]
    desk = client.app.state.parts.counter

    async def ask_all():
        return await asyncio.gather(*map(desk.ask, asks), return_exceptions=True)

    first, second, third = asyncio.run(ask_all())
    assert isinstance(first, Answer)
    assert isinstance(second, UnknownPlanError)
    assert isinstance(third, Answer)
    # The client gives an answer by default to what is our fault, and only to that.
    problem(client.post("/v1/admissions", json=ASK | {"account_id": "acc_2"}), 503)
