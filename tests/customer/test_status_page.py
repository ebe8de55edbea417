"""The status page tells a customer their own affairs, and nothing that is not theirs to know."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from access.accounts import lock_account
from access.books import QuotaSwitch
from access.errors import DatabaseUnreachableError
from access.vocabulary import Wish
from review_api.app import ApiSettings, create_app
from review_api.console.headers import HEADERS
from review_api.records import AuditEntry
from review_api.references import id_begins_with, reference_of
from review_api.status_links import CustomerDoor, read_link, write_link
from review_api.times import wait
from review_api.tokens import issue_token
from review_api.vocabulary import AuditAction, Choice, Role
from tests.customer.pages import words_of
from tests.verdicts import DAY, HOUR, MONDAY, payload

SECRET = b"a secret of the tests"


@pytest.fixture
def subscriber(platform):
    platform.say("started", "pro", at=MONDAY - 100 * DAY)
    platform.ask("j1", seconds=480)
    platform.ask("j2", seconds=100, wish=Wish.CREDITS)
    return platform


@pytest.fixture
def read(anybody, link):
    """Give the words of an account's page."""

    def words(account="acc_1"):
        page = anybody.get(link(account))
        assert page.status_code == 200, page.text
        return words_of(page.text)

    return words


def test_a_paused_customer_reads_what_since_when_until_when_why_and_what_still_works(
    subscriber, house, read, clock
):
    case_id = house.take(payload()).case_id
    clock.advance(5 * HOUR.total_seconds())
    said = read()
    for words in (
        "Your monthly quota is paused",
        "If nobody has confirmed the pause by then, it lifts itself in 2 days and 19 hours.",
        "Jobs on your monthly quota looked as if a program started them.",
        "23 November 2026, 09:00 UTC",
        "26 November 2026, 09:00 UTC at the latest",
        "Jobs on your monthly quota, and nothing else",
        "Your credits, all 275 of them",
        "priority queue at full speed",
        f"Write to help@studio.example and name the reference {reference_of(case_id)}",
    ):
        assert words in said, words


def test_a_customer_of_whom_nothing_is_paused_is_told_so_calmly(subscriber, read):
    said = read()
    assert "Nothing is paused Everything your plan includes works." in said
    for words in ("Why", "at the latest", "mistake", "Reference"):
        assert words not in said
    assert "Questions? Write to help@studio.example" in said


def test_the_plan_the_credits_the_quota_and_the_speed_are_there(subscriber, read):
    said = read()
    for words in (
        "Pro Renews on 15 December 2026, 09:00 UTC",
        "Credits left 275 The next to expire do so on 15 December 2026, 09:00 UTC",
        "Images: 400 of 400 units",
        "Film: 880 of 1 000 units",
        "Refreshes on 1 December 2026, 00:00 UTC",
        "1.3 The next step is reached on 11 February 2027, 09:00 UTC",
    ):
        assert words in said, words


def test_a_cancelled_subscription_and_an_awaited_downgrade_are_told(platform, read):
    platform.say("started", "pro", at=MONDAY - 10 * DAY)
    platform.say("changed", "basic", at=MONDAY - 2 * DAY)
    assert "then as Basic" in read()
    platform.say("cancelled", at=MONDAY - DAY)
    assert "Cancelled; stays active until 13 December 2026" in read()


def test_an_account_without_a_subscription_has_the_default_plan_and_no_quota(read):
    said = read("nobody")
    assert "Plan Free" in said
    assert "Nothing is paused" in said
    assert "Monthly quota left" not in said
    assert "Renews" not in said


def test_quota_that_the_customer_switched_off_is_not_called_paused(subscriber, database, read):
    with database.writers.begin() as session:
        lock_account(session, "acc_1", MONDAY)
        session.add(QuotaSwitch(account_id="acc_1", on=False, at=MONDAY, actor="platform"))
    said = read()
    assert "Monthly quota left switched off" in said
    assert "Nothing is paused" in said


def test_the_page_changes_when_the_pause_lifts_itself(subscriber, house, read, clock):
    house.take(payload())
    clock.advance(3 * DAY.total_seconds())
    assert "Nothing is paused" in read()


def test_the_page_changes_when_a_person_restores_access(subscriber, house, read):
    house.decide(house.take(payload()).case_id)
    assert "Nothing is paused" in read()


def test_a_pause_that_a_person_confirmed_is_not_said_to_lift_for_want_of_one(house, read):
    house.decide(house.take(payload()).case_id, Choice.UPHOLD)
    said = read()
    assert "A person has reviewed it and confirmed it. It ends by itself in 30 days" in said
    assert "nobody has confirmed" not in said.lower()
    assert "Ask a person to look again" in said


def test_a_hold_and_a_challenge_are_told_as_what_they_are(house, read):
    house.take(payload(action="review", response="hold", offset=1))
    house.take(payload(kind="reselling", action="review", response="challenge", offset=2))
    said = read()
    assert "Nothing is paused" in said
    assert "Your speed on the monthly quota stays at its present step until 23 December" in said
    assert "No job waits for it" in said
    assert "The reason: Your monthly quota looked as if it served other people's customers." in said


INTERNAL = (
    "fixed_interval", "212 of 220", "gap_cv", "0.97", "0.004", "automation", "verdict",
    "score", "detector", "threshold", "evidence", "intake", "usage-events", "f00d", "acc_",
)  # fmt: skip


@pytest.mark.parametrize("decided", [False, True])
def test_nothing_internal_and_nothing_of_anybody_else_is_on_the_page(
    subscriber, house, anybody, link, decided
):
    case_id = house.take(payload()).case_id
    house.take(payload("acc_2", offset=9))
    if decided:
        house.decide(case_id, Choice.UPHOLD)
    page = anybody.get(link()).text
    for word in (*INTERNAL, case_id, "looked at every job"):
        assert word not in page.lower(), word
    assert "ana" not in words_of(page).split()


def test_the_page_is_neither_kept_nor_listed_nor_told_to_others(subscriber, anybody, link):
    page = anybody.get(link())
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.headers["x-robots-tag"]
    assert '<meta name="robots" content="noindex' in page.text
    assert "<script" not in page.text
    assert not page.cookies


def test_the_address_names_nobody(link):
    first, second = link("somebody@example.org"), link("somebody@example.org")
    assert first != second
    assert "somebody" not in first
    assert re.fullmatch(r"/status/[A-Za-z0-9_-]{100,300}", first)


def test_a_link_that_was_altered_anywhere_leads_nowhere(anybody, link):
    word = link().removeprefix("/status/")
    for place in range(0, len(word) - 1, 7):
        other = "A" if word[place] != "A" else "B"
        answer = anybody.get(f"/status/{word[:place]}{other}{word[place + 1 :]}")
        assert answer.status_code == 404, place
    assert "Not found" in answer.text


WRONG = ["x", "%00", "ключ", "=", "a" * 1999, "a" * 3000, "gAAAAA", "..", "a%2Fb"]


@pytest.mark.parametrize("word", WRONG)
def test_what_is_no_link_is_a_friendly_page_that_says_nothing(anybody, word):
    answer = anybody.get(f"/status/{word}")
    assert answer.status_code == 404
    if answer.headers["content-type"].startswith("text/html"):
        assert "noindex" in answer.text


def test_a_link_of_another_secret_leads_nowhere(anybody):
    word, _ = write_link(b"another secret", "acc_1", MONDAY)
    assert anybody.get(f"/status/{word}").status_code == 404


def test_a_link_lasts_a_week_and_then_says_so(subscriber, anybody, link, clock):
    path = link()
    clock.advance(7 * DAY.total_seconds() - 1)
    assert anybody.get(path).status_code == 200
    clock.advance(1)
    over = anybody.get(path)
    assert over.status_code == 410
    assert "This link is over" in over.text
    assert "Pro" not in over.text


def test_a_link_outlives_a_restart_with_the_operators_own_secret():
    word, until = write_link(SECRET, "acc_1", MONDAY)
    assert until == MONDAY + timedelta(days=7)
    assert read_link(SECRET, word, MONDAY) == "acc_1"


def test_the_platform_makes_the_link_and_it_is_in_the_audit_log(app, anybody, database):
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    service = TestClient(app, headers={"Authorization": f"Bearer {token}"})
    answer = service.post("/v1/accounts/acc_1/status-link")
    assert answer.status_code == 201
    assert answer.json()["until"] == "2026-11-30T09:00:00Z"
    assert answer.json()["url"].startswith("http://testserver/status/")
    assert anybody.get(answer.json()["url"]).status_code == 200
    with database.readers.begin() as session:
        (entry,) = session.scalars(select(AuditEntry))
    assert (entry.action, entry.actor, entry.detail) == (
        AuditAction.STATUS_LINKED, "platform", "acc_1",
    )  # fmt: skip


def test_the_link_leads_to_the_address_that_customers_know(database, clock):
    door = CustomerDoor(secret=SECRET, public_url="https://studio.example/fair/")
    app = create_app(database.engine, clock, ApiSettings(customer=door))
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    service = TestClient(app, headers={"Authorization": f"Bearer {token}"})
    made = service.post("/v1/accounts/acc_1/status-link").json()["url"]
    assert made.startswith("https://studio.example/fair/status/")


def test_without_a_contact_nobody_is_led_to_an_address_that_is_none(database, clock, house):
    house.take(payload())
    app = create_app(database.engine, clock, ApiSettings(customer=CustomerDoor(secret=SECRET)))
    word, _ = write_link(SECRET, "acc_1", MONDAY)
    page = TestClient(app).get(f"/status/{word}").text
    assert "mailto:" not in page
    assert "Write to the support of the service" in words_of(page)


def test_without_its_database_the_page_says_so_in_calm_words(anybody, link, database):
    path = link()

    def fail(*_arguments):
        raise DatabaseUnreachableError("no database answers at 127.0.0.1:5432")

    event.listen(database.engine, "before_cursor_execute", fail)
    answer = anybody.get(path)
    event.remove(database.engine, "before_cursor_execute", fail)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "Nothing has changed for you" in answer.text
    assert "127.0.0.1" not in answer.text


def test_looking_at_the_page_writes_nothing(subscriber, anybody, link, database):
    statements = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    assert anybody.get(link()).status_code == 200
    assert {each.split()[0] for each in statements} <= {"SELECT", "BEGIN"}


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(days=2, hours=4, minutes=9), "2 days and 4 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=1, minutes=1), "1 hour and 1 minute"),
        (timedelta(minutes=40), "40 minutes"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(days=3, minutes=5), "3 days"),
    ],
)
def test_a_time_to_wait_is_said_as_one_says_it(length, said):
    assert wait(length).replace("\N{NO-BREAK SPACE}", " ") == said


def test_a_reference_is_read_however_it_is_written():
    assert reference_of("9f3c21ab77e0") == "9F3C-21AB"
    for written in ("9F3C-21AB", "9f3c-21ab", " 9F3C 21AB ", "9f3c21ab"):
        assert id_begins_with(written) == "9f3c21ab"
    for other in ("acc_1", "9F3C-21A", "9F3C-21ABC", ""):
        assert id_begins_with(other) is None
