from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from review_api.app import create_app
from review_api.errors import AskedAtOnceError
from review_api.kept_answers import KeptAnswer, answer_before, forget_old_answers
from review_api.models import CaseEvent, Decision
from review_api.tokens import issue_token
from review_api.vocabulary import CaseEventKind, Role
from streams.clock import ManualClock
from tests.locks import at_once
from tests.verdicts import DAY, MONDAY, payload

RESTORE = {
    "choice": "restore",
    "outcome": "false_positive",
    "reason_code": "shared_network",
    "rationale": "A family of four behind one address.",
    "version": 2,
}
KEY = {"Idempotency-Key": "7f3e-1"}


@pytest.fixture
def clock():
    return ManualClock(MONDAY)


@pytest.fixture
def speak(database, clock):
    app = create_app(database.engine, clock)

    def speak_as(name, role=Role.REVIEWER):
        with database.writers.begin() as session:
            token = issue_token(session, name, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return speak_as


@pytest.fixture
def url(house):
    return f"/v1/cases/{house.take(payload()).case_id}"


def notes(house):
    with house.database.readers.begin() as session:
        noted = select(func.count(CaseEvent.id)).where(CaseEvent.kind == CaseEventKind.NOTED)
        return session.scalar(noted)


def test_a_decision_sent_twice_with_one_key_is_done_once_and_answered_alike(speak, url, house):
    ana = speak("ana")
    first, second = (ana.post(f"{url}/decisions", json=RESTORE, headers=KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert house.count(Decision) == 1


def test_without_a_key_the_second_is_told_that_the_case_has_changed(speak, url, house):
    ana = speak("ana")
    answers = [ana.post(f"{url}/decisions", json=RESTORE) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert house.count(KeptAnswer) == 0


def test_a_key_sent_with_another_request_is_refused(speak, url, house):
    ana, body = speak("ana"), {"words": "Called them.", "version": 2}
    assert ana.post(f"{url}/notes", json=body, headers=KEY).status_code == 201
    other = ana.post(f"{url}/notes", json=body | {"words": "Wrote."}, headers=KEY)
    elsewhere = ana.post(f"{url}/escalations", json=body, headers=KEY)
    assert (other.status_code, elsewhere.status_code) == (422, 422)
    assert notes(house) == 1


def test_a_key_is_its_callers_own(speak, url, house):
    body = {"words": "Called them.", "version": 2}
    assert speak("ana").post(f"{url}/notes", json=body, headers=KEY).status_code == 201
    assert speak("bo").post(f"{url}/notes", json=body, headers=KEY).status_code == 409
    assert notes(house) == 1


def test_a_refusal_is_not_kept_for_it_changed_nothing(speak, url, house):
    ana, bo = speak("ana"), speak("bo")
    token = bo.post(f"{url}/claim").json()["token"]
    assert ana.post(f"{url}/decisions", json=RESTORE, headers=KEY).status_code == 409
    bo.post(f"{url}/claim/release", json={"token": token})
    assert ana.post(f"{url}/decisions", json=RESTORE, headers=KEY).status_code == 201
    assert house.count(Decision) == 1


def test_an_answer_without_content_is_given_again_without_any(speak, url):
    bo = speak("bo")
    token = bo.post(f"{url}/claim").json()["token"]
    body = {"token": token}
    answers = [bo.post(f"{url}/claim/release", json=body, headers=KEY) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


def test_of_the_same_request_many_times_at_once_one_is_done(speak, url, house):
    ana, body = speak("ana"), {"words": "Called them.", "version": 2}
    answers = at_once(
        *[lambda: ana.post(f"{url}/notes", json=body, headers=KEY)] * 5, caught=ValueError
    )
    statuses = {answer.status_code for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert notes(house) == 1


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_who_asks_again_while_it_is_being_answered_is_told_so(database):
    with database.writers.begin() as session:
        assert answer_before(session, "ana", "k", "hash", MONDAY) is None
        with database.writers.begin() as other, pytest.raises(AskedAtOnceError):
            answer_before(other, "ana", "k", "hash", MONDAY)
        with database.writers.begin() as other:
            assert answer_before(other, "bo", "k", "hash", MONDAY) is None


def test_a_key_is_forgotten_after_a_day(speak, url, clock, house, database):
    ana, body = speak("ana"), {"words": "Called them.", "version": 2}
    ana.post(f"{url}/notes", json=body, headers=KEY)
    clock.advance((DAY - timedelta(seconds=1)).total_seconds())
    assert forget_old_answers(database.writers, clock) == 0
    clock.advance(1)
    late = ana.post(f"{url}/notes", json=body | {"version": 3}, headers=KEY)
    assert (late.status_code, notes(house)) == (201, 2)
    clock.advance(DAY.total_seconds())
    assert forget_old_answers(database.writers, clock) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
def test_a_key_that_is_no_word_is_refused(speak, url, key):
    body = {"words": "Called them.", "version": 2}
    headers = {"Idempotency-Key": key}
    assert speak("ana").post(f"{url}/notes", json=body, headers=headers).status_code == 422


def test_the_tag_of_the_case_stands_for_its_version(speak, url, house):
    ana = speak("ana")
    body = {key: value for key, value in RESTORE.items() if key != "version"}
    etag = ana.get(url).headers["etag"]
    stale = ana.post(f"{url}/decisions", json=body, headers={"If-Match": '"1"'})
    assert (stale.status_code, len(stale.json()["missed"])) == (409, 1)
    answer = ana.post(f"{url}/decisions", json=body, headers={"If-Match": etag})
    assert answer.status_code == 201


def test_who_names_no_version_has_read_nothing_and_is_told_all_of_it(speak, url):
    ana = speak("ana")
    body = {key: value for key, value in RESTORE.items() if key != "version"}
    answer = ana.post(f"{url}/decisions", json=body)
    assert answer.status_code == 409
    assert [each["kind"] for each in answer.json()["missed"]] == ["opened", "paused"]
    older = ana.post(f"{url}/decisions", json=RESTORE, headers={"If-Match": '"1"'})
    assert older.status_code == 409
    wrong = ana.post(f"{url}/decisions", json=RESTORE, headers={"If-Match": "2"})
    assert wrong.status_code == 409
