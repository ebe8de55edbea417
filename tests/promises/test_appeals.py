"""Promises P21 and P22 from the side of who was paused: a person looks, answers, and gives back."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from review_api.app import ApiSettings, create_app
from review_api.appeals import file_appeal, find_pause
from review_api.errors import NotAllowedError
from review_api.status_links import CustomerDoor, write_link
from review_api.vocabulary import Choice
from streams.clock import ManualClock
from tests.customer.pages import words_of
from tests.house import POLICY, House
from tests.verdicts import DAY, MONDAY, payload

SECRET = b"a secret of the tests"
ANSWER = "It was you alone, on two machines. That is allowed."


def visit(database, now=MONDAY):
    door = CustomerDoor(secret=SECRET, contact="help@studio.example")
    client = TestClient(create_app(database.engine, ManualClock(now), ApiSettings(customer=door)))
    return client, f"/status/{write_link(SECRET, 'acc_1', now)[0]}"


def contest(database, words="It was me."):
    client, path = visit(database)
    page = client.get(path).text
    sent = dict(re.findall(r'name="(reference|number)" value="([^"]*)"', page)) | {"words": words}
    assert client.post(f"{path}/appeals", data=sent).status_code == 200


def test_p21_a_confirmed_pause_is_reviewed_again_by_another_person_and_access_is_restored(database):
    house = House(database)
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD, reviewer="ana")
    contest(database)
    with pytest.raises(NotAllowedError):
        house.decide(case_id, reviewer="ana", answer=ANSWER)
    house.decide(case_id, reviewer="ben", answer=ANSWER, now=MONDAY + DAY)
    assert not house.access(now=MONDAY + DAY).paused
    client, path = visit(database, MONDAY + DAY)
    said = words_of(client.get(path).text)
    assert "We looked again, and gave access back" in said
    assert ANSWER in said


def test_p21_an_appeal_makes_no_pause_longer(database):
    house = House(database)
    case_id = house.take(payload()).case_id
    before = house.access().pause.until
    with database.writers.begin() as session:
        case = find_pause(session, "acc_1", case_id)
        file_appeal(session, case, "It was me.", by="shop", now=MONDAY, policy=POLICY)
    assert house.access().pause.until == before


def test_p22_a_customer_writes_from_the_page_itself_and_is_answered_there(database):
    house = House(database)
    case_id = house.take(payload()).case_id
    contest(database, "Two machines, one person.")
    house.decide(case_id, Choice.UPHOLD, answer="We saw six people at once.")
    client, path = visit(database)
    said = words_of(client.get(path).text)
    assert "Two machines, one person." in said
    assert "We saw six people at once." in said
    assert "help@studio.example" in said
