from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from access.client import UNREACHABLE, AccessClient
from access.errors import AccessRefusedError, AccessUnreachableError, BadAmountError
from access.vocabulary import DenialReason, JobMode, Queue, Wish
from tests.servers import answer, closed_port, served

ADMITTED = {
    "admitted": True,
    "account_id": "acc_1",
    "job_id": "job_1",
    "reason": None,
    "sentence": None,
    "retry_at": None,
    "still_works": None,
    "admission_id": "a/1",
    "mode": "quota",
    "queue": "basic",
    "units": 4.125,
    "speed": 1.5,
    "concurrency": 3,
    "turn": 1795000000.5,
    "until": "2026-11-23T10:00:00Z",
    "repeated": False,
    "said_by_a_newer_server": [1],
}
DENIED = ADMITTED | {
    "admitted": False,
    "reason": "quota_used_up",
    "sentence": "It is refreshed on 1 December.",
    "retry_at": "2026-12-01T00:00:00Z",
    "still_works": ["credits"],
    "admission_id": None,
    "mode": None,
    "queue": None,
    "speed": None,
}
PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "the request is not valid",
    "faults": [{"field": "body.model", "problem": "there is no model 'x'"}],
}


def hang(connection, request):
    """Never answer."""


def drip(connection, request):
    """Send one byte of a good answer now and then, for longer than anybody waits."""
    for byte in answer(body=ADMITTED):
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def half(connection, request):
    """Go away in the middle of an answer."""
    whole = answer(body=ADMITTED)
    connection.sendall(whole[: len(whole) // 2])
    return "close"


FAILURES = {
    "it accepts and never answers": hang,
    "it answers a byte now and then": drip,
    "half an answer": half,
    "503": answer(503, PROBLEM | {"status": 503}),
    "500 of a proxy": answer(500, content=b"<html>"),
    "a redirect": answer(302, body=None),
    "a proxy that is busy": answer(429, content=b"slow down"),
    "garbage for HTTP": b"\x00\xff" * 500 + b"\r\n\r\n",
    "garbage for JSON": answer(content=b"{" + b"\xff" * 20),
    "no object": answer(body=[True]),
    "nothing": answer(content=b""),
    "no decision": answer(body={"admitted": None}),
    "admitted, but not how": answer(body={"admitted": True}),
    "admitted without an id": answer(body=ADMITTED | {"admission_id": None}),
    "a mode nobody knows": answer(body=ADMITTED | {"mode": "gift"}),
}


@pytest.fixture(params=[*FAILURES, "a closed port"])
def failing(request):
    if request.param == "a closed port":
        yield closed_port()
    else:
        with served(FAILURES[request.param]) as server:
            yield server.url


@pytest.fixture
def client_of():
    made = []

    def client(url, **more):
        made.append(AccessClient(url, "secret", **{"seconds": 5} | more))
        return made[-1]

    yield client
    for each in made:
        each.close()


def test_a_job_is_admitted_as_the_server_says(client_of):
    with served(answer(body=ADMITTED)) as server:
        decision = client_of(server.url + "/").admit("acc_1", "job_1", "kling-3.0", seconds=8)
        ((verb, path, headers, body),) = server.requests
    assert (verb, path) == ("POST", "/v1/admissions")
    assert headers["authorization"] == "Bearer secret"
    assert body["seconds"] == 8
    assert body["units"] is None
    assert (decision.admitted, decision.mode, decision.queue) == (True, "quota", "basic")
    assert (decision.speed, decision.concurrency, decision.turn) == (1.5, 3, 1795000000.5)
    assert decision.units == Decimal("4.125")
    assert decision.until == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert not decision.by_default


def test_a_denial_is_an_answer_and_no_error(client_of):
    with served(answer(body=DENIED)) as server:
        client = client_of(server.url)
        decision = client.admit("acc_1", "job_1", "kling-3.0")
    assert not decision.admitted
    assert decision.reason == DenialReason.QUOTA_USED_UP
    assert decision.sentence == "It is refreshed on 1 December."
    assert decision.still_works == ("credits",)
    assert client.defaults == 0


def test_a_reason_that_only_a_newer_server_knows_still_denies(client_of):
    with served(answer(body=DENIED | {"reason": "moon_phase"})) as server:
        decision = client_of(server.url).admit("acc_1", "job_1", "kling-3.0")
    assert (decision.admitted, decision.reason) == (False, "moon_phase")


def test_amounts_are_sent_exactly_and_nonsense_is_not_sent_at_all(client_of):
    with served(answer(body=ADMITTED)) as server:
        client = client_of(server.url)
        client.admit("acc_1", "job_1", "m", units=0.1 + 0.2, mode=Wish.EITHER)
        client.settle("a/1", Decimal("2.5"))
        client.release("a/1")
        with pytest.raises(BadAmountError):
            client.admit("acc_1", "job_1", "m", units=float("nan"))
        (_, _, _, asked), (_, settled, _, used), (_, released, _, _) = server.requests
    assert (asked["units"], asked["mode"]) == (0.3, "either")
    assert (settled, used) == ("/v1/admissions/a%2F1/settle", {"units": 2.5})
    assert released == "/v1/admissions/a%2F1/release"


def test_a_token_that_was_read_from_a_file_is_sent_without_its_end_of_line(client_of):
    with (
        served(answer(body=ADMITTED)) as server,
        closing(AccessClient(server.url, "secret\n", seconds=5)) as client,
    ):
        assert not client.admit("acc_1", "job_1", "m").by_default


@pytest.mark.parametrize(
    ("url", "seconds"), [("fairuse:8000", 1), ("", 1), ("http://x", 0), ("http://x", float("nan"))]
)
def test_a_client_that_could_never_get_an_answer_is_not_made(url, seconds):
    with pytest.raises(ValueError, match="nobody can be called"):
        AccessClient(url, "secret", seconds=seconds)


def test_threads_that_share_a_client_each_get_their_own_answer(client_of):
    def echo(connection, request):
        connection.sendall(answer(body=ADMITTED | {"admission_id": request[3]["job_id"]}))

    with served(echo) as server, ThreadPoolExecutor(8) as threads:
        client = client_of(server.url, seconds=20)
        jobs = [f"job_{number}" for number in range(200)]
        decisions = threads.map(lambda job: client.admit("acc_1", job, "m"), jobs)
        assert [decision.admission_id for decision in decisions] == jobs
        assert server.connections <= 8


def test_many_calls_share_one_connection(client_of):
    with served(answer(body=ADMITTED)) as server:
        client = client_of(server.url)
        for number in range(20):
            client.admit("acc_1", f"job_{number}", "kling-3.0")
        assert server.connections == 1


def test_a_kept_connection_that_breaks_is_no_default(client_of):
    def one_each(connection, request):
        # The first connection goes away just when it is asked.
        if server.connections < 2:
            return "close"
        return connection.sendall(answer(body=ADMITTED))

    with served(one_each) as server:
        client = client_of(server.url)
        assert client.admit("acc_1", "job_1", "kling-3.0").admission_id == "a/1"
        assert client.defaults == 0
        assert [body["job_id"] for *_, body in server.requests] == ["job_1", "job_1"]


def test_whatever_fails_the_job_is_admitted_by_default_and_in_time(failing, client_of):
    client = client_of(failing, seconds=0.25)
    # Whoever waits for the last byte of the slow answer reads a good one.
    decision = client.admit("acc_1", "job_1", "kling-3.0", units=4)
    assert (decision.admitted, decision.by_default) == (True, True)
    assert (decision.mode, decision.queue) == (JobMode.QUOTA, Queue.BASIC)
    assert (decision.speed, decision.concurrency, decision.admission_id) == (1.0, None, None)
    assert decision.units == 4
    assert client.defaults == 1


def test_whatever_fails_the_other_calls_say_so_in_time(failing, client_of):
    client = client_of(failing, seconds=0.25)
    with pytest.raises(AccessUnreachableError):
        client.access("acc_1")
    assert client.defaults == 0


def test_the_default_of_a_platform_that_wants_it_so_is_to_deny(failing, client_of):
    client = client_of(failing, seconds=0.25, when_unreachable="deny")
    decision = client.admit("acc_1", "job_1", "kling-3.0")
    assert (decision.admitted, decision.reason) == (False, UNREACHABLE)
    assert decision.sentence
    assert client.defaults == 1


DEFAULTS = [
    # wish, whether the quota is known to be paused, what follows
    (None, False, JobMode.QUOTA),
    (Wish.QUOTA, False, JobMode.QUOTA),
    (Wish.EITHER, False, JobMode.QUOTA),
    (Wish.CREDITS, False, JobMode.CREDITS),
    (None, True, DenialReason.QUOTA_PAUSED),
    (Wish.QUOTA, True, DenialReason.QUOTA_PAUSED),
    (Wish.EITHER, True, JobMode.CREDITS),
    (Wish.CREDITS, True, JobMode.CREDITS),
]


@pytest.mark.parametrize(("wish", "is_paused", "then"), DEFAULTS)
def test_by_default_a_pause_that_is_known_denies_the_quota_and_never_credits(
    wish, is_paused, then, client_of
):
    client = client_of(closed_port(), paused=lambda account: is_paused and account == "acc_1")
    decision = client.admit("acc_1", "job_1", "kling-3.0", mode=wish)
    assert decision.by_default
    if isinstance(then, JobMode):
        queue = Queue.BASIC if then is JobMode.QUOTA else Queue.PRIORITY
        assert (decision.admitted, decision.mode, decision.queue) == (True, then, queue)
    else:
        assert (decision.admitted, decision.reason) == (False, then)
        assert decision.still_works == ("credits",)
        assert "credits work" in decision.sentence


def test_a_wrong_call_is_refused_with_the_sentence_of_the_server_and_never_by_default(client_of):
    with served(answer(422, PROBLEM)) as server:
        client = client_of(server.url)
        with pytest.raises(AccessRefusedError, match="the request is not valid") as caught:
            client.admit("acc_1", "job_1", "x")
    assert caught.value.status == 422
    assert caught.value.faults == (("body.model", "there is no model 'x'"),)
    assert client.defaults == 0


def test_a_refusal_without_a_sentence_is_a_refusal_too(client_of):
    with served(answer(404, content=b"<html>")) as server, pytest.raises(AccessRefusedError):
        client_of(server.url).settle("a1")


def test_what_was_admitted_by_default_is_settled_without_a_call(client_of):
    client = client_of(closed_port())
    decision = client.admit("acc_1", "job_1", "kling-3.0")
    client.settle(decision.admission_id)
    client.release(decision.admission_id)
    assert client.defaults == 1


def test_an_address_of_a_name_that_does_not_answer_leaves_time_for_the_next(client_of, monkeypatch):
    with served(answer(body=ADMITTED)) as server:
        port = int(server.url.rpartition(":")[2])
        found = [(socket.AF_INET, 1, 6, "", (where, port)) for where in ("127.0.0.9", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        decision = client_of(f"http://two.example:{port}").admit("acc_1", "job_1", "m")
    assert decision.admission_id == "a/1"
