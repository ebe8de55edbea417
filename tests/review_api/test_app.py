from __future__ import annotations

import logging
import socket
import threading
from typing import get_args

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from access.database import open_engine
from detectors.verdict import Kind
from review_api import customer
from review_api.app import create_app
from review_api.forms import FORMS
from review_api.operations import OPEN_PATHS
from review_api.records import AuditEntry
from review_api.tokens import issue_token, revoke_tokens
from review_api.vocabulary import GOES_WITH, OUTCOME_OF, AuditAction, Role, choice_of
from streams.clock import ManualClock
from tests.house import ruled_out
from tests.verdicts import DAY, MONDAY, payload

RESTORE = {
    "choice": "restore",
    "outcome": "false_positive",
    "reason_code": "shared_network",
    "rationale": "A family of four behind one address.",
    "version": 2,
}

STEP = {"words": "Look at the weekend.", "version": 2}


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def app(database, clock):
    app = create_app(database.engine, clock)
    app.state.parts.feed.close()  # whoever listens is let go at once
    return app


@pytest.fixture
def call(app, database):
    """Give a client that speaks for a role."""

    def as_role(role):
        if role is None:
            return TestClient(app, raise_server_exceptions=False)
        with database.writers.begin() as session:
            token = issue_token(session, role.value, role, MONDAY)
        return TestClient(
            app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False
        )

    return as_role


@pytest.fixture
def reviewer(call):
    return call(Role.REVIEWER)


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id


def problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body


def test_a_paused_account_is_told_what_is_paused_until_when_and_what_still_works(call, case_id):
    answer = call(Role.SERVICE).get("/v1/access/acc_1")
    assert answer.status_code == 200
    assert answer.json() == {
        "account_id": "acc_1",
        "paused": True,
        "pause": {
            "entitlement": "monthly_quota",
            "since": "2026-11-23T09:00:00Z",
            "until": "2026-11-26T09:00:00Z",
            "case_id": case_id,
            "reason": "Jobs on your monthly quota looked as if a program started them.",
        },
        "still_works": ["credits"],
        "speed_hold": None,
        "challenge": None,
    }


def test_an_account_never_heard_of_may_use_everything(call):
    service = call(Role.SERVICE)
    for account in ("nobody", "ключ", "a%20b", "a'; DROP TABLE cases; --"):
        answer = service.get(f"/v1/access/{account}")
        assert answer.json()["still_works"] == ["monthly_quota", "credits"]


def test_the_pause_ends_by_the_clock_alone(call, case_id, clock):
    service = call(Role.SERVICE)
    clock.advance(3 * DAY.total_seconds())
    assert service.get("/v1/access/acc_1").json()["paused"] is False


def test_a_reviewer_finds_the_case_reads_it_and_gives_access_back(reviewer, case_id):
    (item,) = reviewer.get("/v1/cases").json()["items"]
    assert (item["case_id"], item["paused"]) == (case_id, True)
    shown = reviewer.get(f"/v1/cases/{case_id}")
    assert shown.headers["etag"] == '"2"'
    body = shown.json()
    assert body["evidence"][0]["reasons"][0]["code"] == "fixed_interval"
    assert body["evidence"][0]["features"] == {"gap_cv": 0.004, "night_share": None}
    assert body["evidence"][0]["view_fingerprint"] == "f00d"
    assert (body["evidence"][0]["benign"], body["evidence"][0]["clearing"]) == ([], None)
    assert body["pause"]["in_force"] is True
    answer = reviewer.post(f"/v1/cases/{case_id}/decisions", json=RESTORE)
    assert answer.status_code == 201
    assert answer.json()["reviewer"] == "reviewer"
    assert reviewer.get("/v1/access/acc_1").json()["paused"] is False
    assert reviewer.get(f"/v1/cases/{case_id}").json()["status"] == "restored"
    assert reviewer.get("/v1/cases").json()["items"] == []


def test_an_uphold_shows_in_the_case_and_in_access(reviewer, case_id):
    uphold = RESTORE | {
        "choice": "uphold",
        "outcome": "confirmed",
        "reason_code": "automation_confirmed",
        "checklist": ruled_out(Kind.AUTOMATION),
    }
    assert reviewer.post(f"/v1/cases/{case_id}/decisions", json=uphold).status_code == 201
    assert reviewer.get("/v1/access/acc_1").json()["pause"]["until"] == "2026-12-23T09:00:00Z"


def test_a_decision_on_an_older_version_is_a_conflict_that_names_the_newer(reviewer, case_id):
    answer = reviewer.post(f"/v1/cases/{case_id}/decisions", json=RESTORE | {"version": 1})
    assert problem(answer, 409)["current_version"] == 2


def test_a_decision_on_a_decided_case_is_a_conflict(reviewer, case_id):
    reviewer.post(f"/v1/cases/{case_id}/decisions", json=RESTORE)
    again = reviewer.post(f"/v1/cases/{case_id}/decisions", json=RESTORE | {"version": 3})
    assert "restored" in problem(again, 409)["detail"]


def test_two_reviewers_at_once_never_both_decide(call, case_id):
    gate, answers = threading.Barrier(4), []

    def decide(client):
        gate.wait(20)
        answers.append(client.post(f"/v1/cases/{case_id}/decisions", json=RESTORE).status_code)

    clients = [call(role) for role in (Role.REVIEWER, Role.LEAD, Role.ADMIN, Role.REVIEWER)]
    threads = [threading.Thread(target=decide, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [201, 409, 409, 409]


MALFORMED = [
    ({"rationale": ""}, "rationale"),
    ({"rationale": "  \n"}, "rationale"),
    ({"rationale": "a\x00b"}, "rationale"),
    ({"rationale": "x" * 4001}, "rationale"),
    ({"reason_code": "because"}, "reason_code"),
    ({"reason_code": "goodwill"}, "reason_code"),
    ({"choice": "ban"}, "choice"),
    ({"choice": "uphold"}, "choice"),
    ({"version": 0}, "version"),
    ({"version": "two"}, "version"),
    ({"version": 2**31}, "version"),
    ({"surprise": 1}, "surprise"),
]


def test_a_malformed_decision_names_its_field_and_decides_nothing(reviewer, case_id, house):
    for change, field in MALFORMED:
        answer = reviewer.post(f"/v1/cases/{case_id}/decisions", json=RESTORE | change)
        assert problem(answer, 422)["faults"][0]["field"].split(".")[-1] == field
    assert house.access().paused


def test_the_api_offers_for_each_choice_and_outcome_what_the_tables_say():
    offered = {
        (*get_args(form.model_fields["choice"].annotation),
         *get_args(form.model_fields["outcome"].annotation)):
        set(get_args(form.model_fields["reason_code"].annotation))
        for form in FORMS
    }  # fmt: skip
    assert offered.keys() == GOES_WITH
    for (choice, outcome), reasons in offered.items():
        assert reasons == {
            code for code, of in OUTCOME_OF.items() if of is outcome and choice_of(code) is choice
        }


def test_a_body_that_is_no_decision_is_refused(reviewer, case_id):
    kind = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b"null", b'"\xff"', rb'{"outcome":"\ud800"}'):
        answer = reviewer.post(f"/v1/cases/{case_id}/decisions", content=body, headers=kind)
        problem(answer, 400 if b"\xff" in body else 422)


MALFORMED_PATHS = [
    "/v1/access/a%00b",
    "/v1/access/" + "a" * 129,
    "/v1/cases/%00",
    "/v1/cases?limit=0",
    "/v1/cases?limit=101",
    "/v1/cases?status=banned",
    "/v1/cases?kind=x",
    "/v1/cases?cursor=%00",
    "/v1/cases?cursor=abc",
    "/v1/cases?surprise=1",
]


def test_a_malformed_question_is_refused(reviewer):
    for path in MALFORMED_PATHS:
        problem(reviewer.get(path), 422)


def test_a_case_that_is_not_there_is_not_found(reviewer):
    problem(reviewer.get("/v1/cases/none"), 404)
    problem(reviewer.post("/v1/cases/none/decisions", json=RESTORE), 404)


def test_a_path_that_is_not_there_is_a_problem_too(reviewer):
    problem(reviewer.get("/v2"), 404)
    wrong_verb = reviewer.delete("/v1/cases")
    problem(wrong_verb, 405)
    assert wrong_verb.headers["allow"] == "GET"


NAMES = {
    "view_id": "none",
    "account_id": "acc_1",
    "admission_id": "none",
    "appeal_id": "none",
    "case_id": "none",
    "challenge_id": "none",
    "suppression_id": "none",
    "sweep_id": "none",
    "exemption_id": "none",
    "name": "none",
    "file": "customer.css",
    "word": "none",
    "notice_id": "none",
    "look": "999",
}


def paths_of(app):
    """Give every verb and path of the application, as written and with parameters filled in."""
    return {
        (verb, route.path, route.path.format_map(NAMES))
        for route in iter_route_contexts(app.routes)
        for verb in route.methods
    }


def test_every_path_is_closed_without_a_token(app, call):
    nobody = call(None)
    walked = paths_of(app)
    assert len(walked) == len(MAY)
    for verb, path, url in walked:
        answer = nobody.request(verb, url, json=RESTORE if verb == "POST" else None)
        if path in OPEN_PATHS | customer.OPEN_PATHS:
            assert answer.status_code == 200
        elif path in customer.LINK_PATHS:
            assert answer.status_code == 404
        else:
            problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"


WRONG = [b"Bearer nonsense", b"Bearer ", b"Basic YTpi", b"bearer\tx", b"x", b"Bearer \xe4\xff"]


def test_a_wrong_token_is_refused(app):
    client = TestClient(app)
    for header in WRONG:
        for path in ("/v1/cases", "/v1/access/acc_1", "/metrics"):
            problem(client.get(path, headers={"Authorization": header}), 401)


def test_a_revoked_token_is_refused_at_once(reviewer, database):
    assert reviewer.get("/v1/cases").status_code == 200
    with database.writers.begin() as session:
        revoke_tokens(session, "reviewer", MONDAY)
    problem(reviewer.get("/v1/cases"), 401)


MAY = {
    ("GET", "/v1/access/acc_1"): set(Role),
    ("GET", "/v1/cases"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/cases/none"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/cases/events"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/search"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/queues"): set(Role) - {Role.SERVICE},
    ("PUT", "/v1/queues/rules"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/views"): set(Role) - {Role.SERVICE},
    ("POST", "/v1/views"): set(Role) - {Role.SERVICE},
    ("DELETE", "/v1/views/none"): set(Role) - {Role.SERVICE},
    ("POST", "/v1/cases/none/decisions"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/decisions/undo"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/decisions/second"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/notes"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/questions"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/extensions"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/escalations"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/reopenings"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/cases/none/claim"): set(Role) - {Role.SERVICE},
    ("POST", "/v1/cases/none/claim"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/claim/heartbeat"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/claim/extend"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/claim/hand-over"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/claim/release"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/claim/force-release"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/cases/none/audit"): {Role.LEAD, Role.ADMIN},
    ("POST", "/v1/accounts/acc_1/erasure"): {Role.ADMIN},
    ("GET", "/v1/sweeps"): {Role.LEAD, Role.ADMIN},
    ("POST", "/v1/sweeps"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/sweeps/none"): {Role.LEAD, Role.ADMIN},
    ("POST", "/v1/sweeps/none/stages"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/exemptions"): {Role.LEAD, Role.ADMIN},
    ("DELETE", "/v1/exemptions/none"): {Role.LEAD, Role.ADMIN},
    ("POST", "/v1/accounts/acc_1/challenges/none/answer"): {Role.ADMIN, Role.SERVICE},
    ("POST", "/v1/appeals"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/v1/appeals"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/appeals/none"): set(Role),
    ("POST", "/v1/appeals/none/answers"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/v1/accounts/acc_1/suppressions"): set(Role) - {Role.SERVICE},
    ("POST", "/v1/accounts/acc_1/suppressions"): {Role.LEAD, Role.ADMIN},
    ("DELETE", "/v1/accounts/acc_1/suppressions/none"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/accounts/acc_1/standing"): set(Role),
    ("GET", "/v1/accounts/acc_1/quota-mode"): set(Role),
    ("PUT", "/v1/accounts/acc_1/quota-mode"): {Role.ADMIN, Role.SERVICE},
    ("POST", "/v1/admissions"): {Role.ADMIN, Role.SERVICE},
    ("POST", "/v1/admissions/none/settle"): {Role.ADMIN, Role.SERVICE},
    ("POST", "/v1/admissions/none/refund"): {Role.ADMIN, Role.SERVICE},
    ("POST", "/v1/admissions/none/release"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/v1/notices"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/notices/none"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/notices/none/attempts"): set(Role) - {Role.SERVICE},
    ("POST", "/v1/notices/none/retry"): {Role.LEAD, Role.ADMIN},
    ("PUT", "/v1/accounts/acc_1/contact"): {Role.ADMIN, Role.SERVICE},
    ("DELETE", "/v1/accounts/acc_1/contact"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/v1/work/next"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("GET", "/v1/looks/999"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/looks/999"): {Role.REVIEWER, Role.LEAD, Role.ADMIN},
    ("POST", "/v1/cases/none/golden"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/quality"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/detectors"): set(Role) - {Role.SERVICE},
    ("POST", "/v1/detectors/none/standing"): {Role.LEAD, Role.ADMIN},
    ("GET", "/v1/models"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/promise"): set(Role) - {Role.SERVICE},
    ("GET", "/v1/plans"): set(Role),
    ("GET", "/plans"): set(Role),
    ("HEAD", "/plans"): set(Role),
    ("GET", "/pages/customer.css"): set(Role),
    ("HEAD", "/pages/customer.css"): set(Role),
    ("POST", "/v1/enforcement"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/v1/load"): {Role.ADMIN, Role.SERVICE},
    ("POST", "/v1/load"): {Role.ADMIN, Role.SERVICE},
    ("POST", "/v1/billing-events"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/status/none"): set(Role),
    ("HEAD", "/status/none"): set(Role),
    ("POST", "/status/none/appeals"): set(Role),
    ("POST", "/status/none/answers"): set(Role),
    ("POST", "/v1/accounts/acc_1/status-link"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/metrics"): {Role.ADMIN, Role.SERVICE},
    ("GET", "/openapi.json"): set(Role),
    ("GET", "/healthz"): set(Role),
    ("GET", "/readyz"): set(Role),
}


BODY = {
    "/v1/queues/rules": {"rules": [{"queue": "resale", "kind": "reselling"}]},
    "/v1/views": {"name": "Mine", "filters": {"claim": "me"}},
    "/v1/accounts/acc_1/challenges/none/answer": {"result": "passed"},
    "/v1/accounts/acc_1/suppressions": {"days": 1, "reason": "A contest."},
    "/v1/accounts/acc_1/quota-mode": {"on": False},
    "/v1/admissions": {"account_id": "acc_1", "job_id": "j1", "model": "reel-3", "seconds": 4},
    "/v1/admissions/none/settle": {},
    "/v1/cases/none/decisions": RESTORE,
    "/v1/cases/none/decisions/second": {"agrees": True, "rationale": "I see the same."},
    "/v1/cases/none/notes": STEP,
    "/v1/cases/none/questions": STEP,
    "/v1/cases/none/extensions": STEP,
    "/v1/cases/none/escalations": STEP,
    "/v1/cases/none/reopenings": STEP,
    "/v1/cases/none/claim/heartbeat": {"token": "none"},
    "/v1/cases/none/claim/extend": {"token": "none"},
    "/v1/cases/none/claim/hand-over": {"token": "none", "to": "bo"},
    "/v1/cases/none/claim/release": {"token": "none"},
    "/v1/accounts/acc_1/contact": {"email": "ana@example.org"},
    "/v1/sweeps": {
        "from_case_id": "none",
        "reason_code": "shared_network",
        "rationale": "One carrier moved.",
    },
    "/v1/sweeps/none/stages": {"stage": "tenth"},
    "/v1/appeals": {"account_id": "acc_1", "pause": "9F3C-21AB", "words": "It was me."},
    "/v1/appeals/none/answers": {"words": "A deadline."},
    "/v1/enforcement": {"accounts": [{"account_id": "acc_1", "paused": True}]},
    "/v1/load": {
        "queue": "basic",
        "waiting": 9,
        "running": 4,
        "workers": 4,
        "longest_wait_seconds": 2.5,
    },
    "/v1/billing-events": {
        "event_id": "e1",
        "type": "credits.purchased",
        "occurred_at": "2026-11-23T09:00:00Z",
        "account_id": "acc_1",
        "units": 60,
    },
    "/v1/looks/999": {"reason_code": "goodwill", "rationale": "Nobody can tell."},
    "/v1/cases/none/golden": {"outcome": "benign", "why": "The customer showed us."},
    "/v1/detectors/none/standing": {"standing": "detect_only", "why": "It misreads travel."},
}


def test_each_role_gets_what_it_may_and_403_for_the_rest(app, call):
    assert {(verb, url) for verb, _, url in paths_of(app)} == set(MAY)
    for role in Role:
        client = call(role)
        for (verb, url), roles in MAY.items():
            answer = client.request(
                verb, url, json=BODY.get(url) if verb in {"POST", "PUT"} else None
            )
            if role in roles:
                assert answer.status_code in {200, 201, 204, 404}, (url, answer.text)
            else:
                problem(answer, 403)


def test_a_viewer_who_tries_to_decide_changes_nothing(call, case_id, house):
    problem(call(Role.VIEWER).post(f"/v1/cases/{case_id}/decisions", json=RESTORE), 403)
    assert house.access().paused


def test_a_commit_that_fails_is_an_error_and_not_a_success(call, case_id, database, house, caplog):
    client = call(Role.REVIEWER)

    @event.listens_for(database.engine, "commit")
    def fail(connection):
        # Only the decision's own transaction: the caller's look-up commits before it.
        if not connection.get_execution_options().get("postgresql_readonly"):
            raise RuntimeError("the disk is full")

    with caplog.at_level(logging.CRITICAL):
        answer = client.post(f"/v1/cases/{case_id}/decisions", json=RESTORE)
    event.remove(database.engine, "commit", fail)
    problem(answer, 500)
    assert "disk" not in answer.text
    assert house.access().paused


def test_whoever_reads_or_decides_is_in_the_audit_log(reviewer, case_id, database):
    reviewer.get("/v1/cases")
    reviewer.get(f"/v1/cases/{case_id}")
    reviewer.post(f"/v1/cases/{case_id}/decisions", json=RESTORE)
    with database.readers.begin() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.case_id) for entry in entries] == [
        (AuditAction.CASES_LISTED, None),
        (AuditAction.CASE_READ, case_id),
        (AuditAction.CASE_DECIDED, case_id),
    ]
    assert {(entry.actor, entry.role, entry.at) for entry in entries} == {
        ("reviewer", Role.REVIEWER, MONDAY)
    }


def test_a_refused_decision_is_not_in_the_audit_log(reviewer, case_id, database):
    reviewer.post(f"/v1/cases/{case_id}/decisions", json=RESTORE | {"version": 1})
    with database.readers.begin() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_pages_follow_each_other(reviewer, house):
    for number in range(5):
        house.take(payload(f"acc_{number}"))
    seen, cursor = [], ""
    while cursor is not None:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        body = reviewer.get("/v1/cases", params=query).json()
        seen += [item["account_id"] for item in body["items"]]
        cursor = body["next_cursor"]
    assert sorted(seen) == [f"acc_{number}" for number in range(5)]


def test_metrics_tell_what_waits(call, house, case_id, clock):
    house.take(payload("acc_2", kind="reselling", action="review"))
    clock.advance(60)
    text = call(Role.SERVICE).get("/metrics").text
    for line in (
        "fairuse_open_cases 2.0",
        "fairuse_paused_accounts 1.0",
        "fairuse_longest_open_seconds 60.0",
        "fairuse_outbox_unsent_messages 1.0",
        "fairuse_outbox_oldest_seconds 60.0",
        "fairuse_detectors_watching 0.0",
    ):
        assert line in text.splitlines()


def test_a_lapsed_pause_is_not_counted_as_paused(call, case_id, clock):
    clock.advance(4 * DAY.total_seconds())
    assert "fairuse_paused_accounts 0.0" in call(Role.SERVICE).get("/metrics").text


def test_without_its_database_the_program_is_alive_but_not_ready():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        engine = open_engine(f"postgresql://ana:hunter2@127.0.0.1:{held.getsockname()[1]}/x")
        client = TestClient(create_app(engine, ManualClock(MONDAY)))
        assert client.get("/healthz").json() == {"status": "ok"}
        answer = client.get("/readyz")
    assert answer.headers["retry-after"] == "5"
    assert "hunter2" not in str(problem(answer, 503))


def test_a_database_that_was_never_migrated_is_not_ready(empty_database_url):
    engine = open_engine(empty_database_url)
    client = TestClient(create_app(engine, ManualClock(MONDAY)), raise_server_exceptions=False)
    problem(client.get("/readyz"), 503)
    engine.dispose()


def test_every_route_that_takes_a_body_says_what_a_body_that_is_no_text_gets(app):
    silent = [
        (verb, path)
        for path, operations in app.openapi()["paths"].items()
        for verb, told in operations.items()
        if "requestBody" in told and "400" not in told["responses"]
    ]
    assert silent == []


def test_a_parameter_given_twice_is_refused(reviewer):
    answer = reviewer.get("/v1/cases?kind=automation&kind=reselling")
    assert "kind stands more than once" in problem(answer, 422)["detail"]
