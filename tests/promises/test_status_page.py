"""Promises P21 and P22, as far as a customer can see them: a pause is told, and one can write."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from review_api.app import ApiSettings, create_app
from review_api.references import reference_of
from review_api.status_links import CustomerDoor, write_link
from streams.clock import ManualClock
from tests.access.platform import Platform
from tests.customer.pages import words_of
from tests.house import House
from tests.verdicts import DAY, MONDAY, payload

SECRET = b"a secret of the tests"


def page_of(database, now=MONDAY, contact="help@studio.example"):
    door = CustomerDoor(secret=SECRET, contact=contact)
    client = TestClient(create_app(database.engine, ManualClock(now), ApiSettings(customer=door)))
    word, _ = write_link(SECRET, "acc_1", now)
    return client.get(f"/status/{word}").text


def test_p21_a_customer_whose_quota_is_paused_for_review_reads_so_and_reads_when_it_is_restored(
    database,
):
    house = House(database)
    case_id = house.take(payload()).case_id
    paused = words_of(page_of(database))
    assert "Your monthly quota is paused" in paused
    assert "A person will review it, and gives it back once they see normal use" in paused
    assert "They are paid for and are never paused." in paused
    assert "The quota of the time that a mistaken pause took is given back." in paused
    house.decide(case_id, now=MONDAY + DAY)
    assert "Nothing is paused" in words_of(page_of(database, MONDAY + DAY))


def test_p21_a_pause_that_nobody_reviews_is_over_by_the_time_the_page_named(database):
    House(database).take(payload())
    assert "26 November 2026, 09:00 UTC at the latest" in words_of(page_of(database))
    assert "Nothing is paused" in words_of(page_of(database, MONDAY + 3 * DAY))


def test_p21_quota_that_is_given_back_for_a_mistaken_pause_is_on_the_page(database):
    platform, house = Platform(database), House(database)
    platform.say("started", "pro", at=MONDAY - 3 * DAY)
    assert "of 400 units" in words_of(page_of(database))
    house.decide(house.take(payload()).case_id, now=MONDAY + DAY)
    after = words_of(page_of(database, MONDAY + DAY))
    assert "With what was given back for a pause." in after
    assert "of 400 units" not in after


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("help@studio.example", "mailto:help@studio.example?subject=Review%20{reference}"),
        ("https://studio.example/help?to=us", "https://studio.example/help?to=us"),
    ],
)
def test_p22_there_is_a_support_contact_to_write_to_with_the_case_named(database, contact, address):
    case_id = House(database).take(payload()).case_id
    reference = reference_of(case_id)
    paused = page_of(database, contact=contact)
    assert f'href="{address.format(reference=reference)}"' in paused
    assert f"Write to {contact} and name the reference {reference}" in words_of(paused)


def test_p22_the_contact_is_there_when_nothing_is_paused_too(database):
    assert "Questions? Write to help@studio.example" in words_of(page_of(database))
