"""A customer contests a pause on their own page, follows it, and reads the answer in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from detectors.verdict import Action
from review_api.app import ApiSettings, create_app
from review_api.appeal_records import Appeal
from review_api.body_limit import LARGEST
from review_api.customer.tries import MOST
from review_api.records import AuditEntry
from review_api.references import reference_of
from review_api.steps import Step, ask_customer
from review_api.vocabulary import AuditAction, CaseEventKind, CaseStatus, Choice, Role
from tests.customer.pages import words_of
from tests.house import POLICY, House
from tests.verdicts import DAY, HOUR, MONDAY, payload

WORDS = "I was on a train.\nMy phone and my laptop shared its network."
ANSWER = "You were right: one person on a train. Your quota is back."


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id


@pytest.fixture
def upheld(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    return case_id


@pytest.fixture
def send(anybody, link):
    """Send a form of the account's page as a browser does, without following the redirect."""

    def sent(form, words, account="acc_1", **fields):
        page = anybody.get(link(account)).text
        action = rf'action="(/status/[^"]+/{form})".*?name="reference" value="([^"]+)"'
        found = re.search(action + r'.*?name="number" value="(\d*)"', page, re.DOTALL)
        path, reference, number = found.groups()
        body = {"reference": reference, "number": number, "words": words} | fields
        return anybody.post(path, data=body, follow_redirects=False)

    return sent


@pytest.fixture
def read(anybody, link):
    def words(account="acc_1"):
        page = anybody.get(link(account))
        assert page.status_code == 200, page.text
        return words_of(page.text)

    return words


def ask(house, case_id, words="Were you abroad?", now=MONDAY):
    with house.database.writers.begin() as session:
        ask_customer(session, Step(case_id, house.view(case_id).version, words, "ben"), now)


def filed(house):
    with house.database.readers.begin() as session:
        return [each.words for each in session.scalars(select(Appeal)).all()]


def test_a_form_that_is_sent_leads_back_to_the_page_which_says_that_it_came(
    house, upheld, send, read
):
    assert "Ask a person to look again What" not in read()
    answer = send("appeals", WORDS.replace("\n", "\r\n"))
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("#progress")
    said = read()
    assert "A person looks at it again" in said
    assert "We have received it 23 November 2026, 09:00 UTC" in said
    assert "A person will look at it Somebody who has not judged it yet." in said
    assert f"What you wrote {WORDS}".replace("\n", " ") in said
    assert "What should they know?" not in said
    assert filed(house) == [WORDS]
    assert house.view(upheld).status is CaseStatus.APPEALED


def test_what_still_works_stands_before_the_form(upheld, read):
    said = read()
    assert said.index("They are paid for and are never paused.") < said.index("What should they")


def test_before_any_decision_the_words_are_for_whoever_looks_first(house, case_id, send, read):
    assert "What you write is read before anybody decides" in read()
    send("appeals", WORDS)
    assert "Nobody has decided on the pause yet; they read your words first." in read()
    house.decide(case_id, answer=ANSWER)
    said = read()
    assert "Nothing is paused" in said
    assert "We looked again, and gave access back" in said
    assert ANSWER in said
    assert "Decided and answered" in said


def test_an_answer_that_keeps_the_pause_is_read_in_words_and_can_be_contested_again(
    house, upheld, send, read
):
    send("appeals", WORDS)
    house.decide(upheld, Choice.UPHOLD, reviewer="ben", answer="Six devices in four countries.")
    said = read()
    assert "We looked again, and the pause stays Six devices in four countries." in said
    assert "Somebody who had not judged it before decided this" in said
    assert "Ask once more" in said
    for name in ("ana", "ben"):
        assert f" {name} " not in said


def test_a_decision_shows_to_the_customer_once_it_is_carried_out(database, link, door, clock):
    slow = House(database, replace(POLICY, grace=timedelta(seconds=20)))
    case_id = slow.take(payload()).case_id
    client = TestClient(create_app(database.engine, clock, ApiSettings(customer=door)))
    slow.decide(case_id, Choice.UPHOLD)
    assert "A person will review it" in words_of(client.get(link()).text)
    slow.settle(MONDAY + timedelta(seconds=20))
    assert "A person has reviewed it and confirmed it" in words_of(client.get(link()).text)


def test_a_question_is_read_and_answered_on_the_page(house, upheld, send, read):
    send("appeals", WORDS)
    ask(house, upheld)
    said = read()
    assert "We have a question for you" in said
    assert "Were you abroad?" in said
    assert send("answers", "Yes, in Norway.").status_code == 303
    said = read()
    assert "We have a question for you" not in said
    assert "You answered our question" in said
    assert house.view(upheld).events[-1].detail["words"] == "Yes, in Norway."


def test_a_question_about_a_case_that_pauses_nobody_reaches_its_customer_too(house, send, read):
    case_id = house.take(payload(action=Action.REVIEW)).case_id
    assert "Ask a person" not in read()
    ask(house, case_id)
    said = read()
    assert f"The person who looks at {reference_of(case_id)} asked on" in said
    assert send("answers", "Yes.").status_code == 303
    assert house.view(case_id).events[-1].kind is CaseEventKind.ANSWERED


def test_sending_twice_is_one_appeal_and_one_answer(anybody, link, house, upheld):
    body = {"reference": reference_of(upheld), "number": "1", "words": WORDS}
    twice = [anybody.post(f"{link()}/appeals", data=body, follow_redirects=False) for _ in "12"]
    assert [each.status_code for each in twice] == [303, 303]
    ask(house, upheld)
    body = body | {"number": str(house.view(upheld).version), "words": "Norway."}
    twice = [anybody.post(f"{link()}/answers", data=body, follow_redirects=False) for _ in "12"]
    assert [each.status_code for each in twice] == [303, 303]
    kinds = [event.kind for event in house.view(upheld).events]
    assert kinds.count(CaseEventKind.APPEALED) == kinds.count(CaseEventKind.ANSWERED) == 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("", "say it in words"),
        (" \r\n ", "say it in words"),
        ("x" * 4001, "say it in words, in 1 to 4000 characters"),
        ("a\x00b", "leave out control characters"),
    ],
)
def test_a_form_with_a_fault_comes_back_with_what_was_typed(house, upheld, send, words, fault):
    answer = send("appeals", words)
    assert answer.status_code == 422
    assert f"Not sent yet: {fault}" in words_of(answer.text)
    assert words.strip() in answer.text
    assert filed(house) == []


def test_a_second_appeal_beside_an_open_one_loses_no_word_of_it(house, upheld, send, anybody, link):
    send("appeals", WORDS)
    body = {"reference": reference_of(upheld), "number": "2", "words": "And one more thing."}
    answer = anybody.post(f"{link()}/appeals", data=body)
    assert answer.status_code == 409
    assert "an appeal against this pause is open already" in words_of(answer.text)
    assert "And one more thing.</textarea>" in answer.text
    assert filed(house) == [WORDS]


def test_words_with_markup_are_words_everywhere_on_the_page(house, upheld, send, anybody, link):
    evil = "</textarea><script>alert(1)</script><b>"
    send("appeals", evil)
    ask(house, upheld, evil)
    faulty = send("answers", evil + "x" * 4000)
    for page in (anybody.get(link()).text, faulty.text):
        assert "<script" not in page
        assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("form", ["appeals", "answers"])
def test_nobody_contests_or_answers_for_another_account(house, upheld, anybody, link, form):
    body = {"reference": reference_of(upheld), "number": "1", "words": WORDS}
    for path, name in (
        (link("acc_2"), body["reference"]),
        (link(), "0000-0000"),
        (link(), "a\x00b"),
        (link(), ""),
    ):
        answer = anybody.post(f"{path}/{form}", data=body | {"reference": name})
        assert answer.status_code == 404
        assert "This pause is not one of yours" in words_of(answer.text)
    assert filed(house) == []


def test_an_altered_or_old_link_takes_no_form(house, upheld, anybody, link, clock):
    path = link()
    body = {"reference": reference_of(upheld), "number": "1", "words": WORDS}
    assert anybody.post(f"{path[:-4]}/appeals", data=body).status_code == 404
    clock.advance(8 * DAY.total_seconds())
    assert anybody.post(f"{path}/appeals", data=body).status_code == 410
    assert filed(house) == []


def test_a_text_of_five_megabytes_is_refused_with_what_to_do(house, upheld, send):
    answer = send("appeals", "x" * 5_000_000)
    assert answer.status_code == 413
    assert "say it in at most 4000 characters, and send it again" in words_of(answer.text)
    assert answer.headers["content-security-policy"]
    assert filed(house) == []


def test_the_longest_words_in_the_widest_letters_still_fit(house, upheld, send):
    longest = "\N{FIRE}" * 4000
    assert 3 * len(longest.encode()) < LARGEST
    assert send("appeals", longest).status_code == 303
    assert filed(house) == [longest]


def test_one_customer_sends_only_so_many_forms_in_a_while(upheld, anybody, link, clock):
    body = {"reference": reference_of(upheld), "number": "1", "words": ""}
    first, second = link(), link()
    codes = [anybody.post(f"{first}/appeals", data=body).status_code for _ in range(MOST)]
    assert codes == [422] * MOST
    answer = anybody.post(f"{second}/appeals", data=body)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
    assert "Send it again in 10 minutes." in words_of(answer.text)
    assert anybody.post(f"{link('acc_2')}/appeals", data=body).status_code == 404
    clock.advance(600)
    assert anybody.post(f"{first}/appeals", data=body).status_code == 422


def test_an_appeal_and_an_answer_are_in_the_audit_log(house, upheld, send, database):
    send("appeals", WORDS)
    ask(house, upheld)
    send("answers", "Norway.")
    with database.readers.begin() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(each.actor, each.role, each.action, each.case_id) for each in entries] == [
        ("customer", Role.SERVICE, AuditAction.APPEAL_FILED, upheld),
        ("customer", Role.SERVICE, AuditAction.QUESTION_ANSWERED, upheld),
    ]


def test_what_nobody_can_contest_any_more_has_no_form(house, case_id, read, clock):
    clock.advance((3 * DAY + 184 * DAY).total_seconds())
    assert "What should they know?" not in read()


def test_a_pause_that_is_over_can_still_be_contested(house, case_id, read, clock, send):
    clock.advance((3 * DAY + HOUR).total_seconds())
    said = read()
    assert "Nothing is paused" in said
    assert f"on {reference_of(case_id)}" in said
    assert send("appeals", WORDS).status_code == 303
