"""What a case page says of what the customer was told, and how a lead sends it again."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from review_api.notices.contacts import keep_contact
from review_api.notices.parcels import Attempted
from review_api.notices.records import Notice
from review_api.notices.vocabulary import AttemptResult
from review_api.steps import Step, ask_customer
from review_api.vocabulary import Role
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.review_api.notices.receivers import DOWN, Post
from tests.verdicts import HOUR, MONDAY, payload


@pytest.fixture
def post(database):
    return Post(database)


def page(client, case_id):
    return client.get(f"/console/cases/{case_id}")


def test_a_reviewer_reads_what_the_customer_reads_before_and_after_it_left(reviewer, case_id, post):
    for _ in range(2):
        text = shown(page(reviewer, case_id))
        assert "The pause, with its reasons" in text
        assert "Your monthly quota is paused until a person has reviewed" in text
        post.write()
        post.carry()
    assert "delivered to the platform" in shown(page(reviewer, case_id))


def test_a_case_that_touched_nobody_told_nobody(reviewer, house):
    case_id = house.take(payload("acc_2", action="review", response="none")).case_id
    assert "Nothing: this case has not touched them." in shown(page(reviewer, case_id))


def test_html_in_a_question_or_an_answer_of_a_receiver_is_text(reviewer, case_id, house, post):
    with house.database.writers.begin() as session:
        version = house.view(case_id).version
        ask_customer(session, Step(case_id, version, "<script>x()</script>", "ana"), MONDAY)
    post.carrier.words = [Attempted(AttemptResult.FAILED, 500, "<img src=x>")]
    post.write()
    post.carry()
    source = page(reviewer, case_id).text
    assert "<script>x()" not in source
    assert "<img src=x>" not in source
    assert "&lt;script&gt;x()" in source
    assert "&lt;img src=x&gt;" in source


def test_the_address_is_shown_masked(reviewer, case_id, app, database):
    assert "No e-mail address is known" in shown(page(reviewer, case_id))
    with database.writers.begin() as session:
        secret = app.state.parts.customer.secret
        keep_contact(session, secret, "acc_1", "ana@example.org", MONDAY)
    text = shown(page(reviewer, case_id))
    assert "a…@example.org" in text
    assert "ana@example.org" not in text


def test_a_lead_has_a_stuck_notice_tried_again_and_a_reviewer_may_not(visit, case_id, post):
    post.write()
    post.carrier.words = [Attempted(AttemptResult.REFUSED, 410)]
    post.carry()
    reviewer, lead = visit(Role.REVIEWER), visit(Role.LEAD)
    assert "Try again now" not in page(reviewer, case_id).text
    shown_to_lead = page(lead, case_id)
    assert "refused for good to the platform" in shown(shown_to_lead)
    place = shown_to_lead.text.split('/retry"')[0].split('action="')[-1] + "/retry"
    word = {"form_word": form_word(shown_to_lead)}
    refused = reviewer.post(place, data={"form_word": form_word(page(reviewer, case_id))})
    assert refused.status_code == 403
    assert lead.post(place, data=word).status_code == 303
    post.carrier.words = [DOWN]
    assert post.carry() == 1
    assert "on its way to the platform" in shown(page(lead, case_id))


def test_a_restore_shows_its_apology(reviewer, case_id, house):
    house.decide(case_id, now=MONDAY + HOUR)
    assert "The restore, with an apology" in shown(page(reviewer, case_id))


def test_a_notice_that_was_erased_still_shows_that_it_was(reviewer, case_id, database):
    with database.writers.begin() as session:
        session.execute(update(Notice).values(facts={}, statement=None, words="(erased)"))
    assert "(erased)" in shown(page(reviewer, case_id))
