from __future__ import annotations

import re

from detectors.verdict import Action, Kind
from review_api.console.queuepages import address
from review_api.routing import RoutingRule, set_rules
from review_api.vocabulary import Role
from tests.console.conftest import form_word
from tests.console.test_queue_page import accounts, shown
from tests.verdicts import HOUR, MONDAY, payload


def link_of(page, words):
    """Give where the link with these words leads."""
    for address_of, inside in re.findall(r'<a[^>]* href="([^"]+)"[^>]*>(.*?)</a>', page.text):
        if words in re.sub(r"<[^>]+>", "", inside):
            return address_of.replace("&amp;", "&")
    raise AssertionError(words)


def test_each_line_has_its_place_and_says_why_it_is_there(reviewer, house):
    house.take(payload("first"), MONDAY - 5 * HOUR)
    house.take(payload("second"), MONDAY - HOUR)
    page = reviewer.get("/console/")
    assert re.findall(r'<td class="rank">(\d+)</td>', page.text) == ["1", "2"]
    assert "Here because: Paused 5 h; no such pause has been judged yet;" in shown(page)
    assert "due in 19 h" in shown(page)


def test_named_queues_are_tabs_with_what_waits_in_them(reviewer, house, database):
    with database.writers.begin() as session:
        rules = [RoutingRule("resale", kind=Kind.RESELLING)]
        set_rules(session, rules, actor="lea", now=MONDAY)
    house.take(payload("seller", kind=Kind.RESELLING))
    house.take(payload("other"))
    page = reviewer.get("/console/")
    assert "Resale 1" in shown(page)
    assert "General 1" in shown(page)
    assert accounts(reviewer.get(link_of(page, "Resale"))) == ["seller"]


def test_a_field_left_empty_narrows_nothing(reviewer, house):
    house.take(payload("paused"))
    house.take(payload("watched", action=Action.REVIEW))
    every = "/console/?kind=&paused=&claim=&overdue=&appealed=&country=&detector="
    assert accounts(reviewer.get(every)) == ["paused", "watched"]
    assert accounts(reviewer.get("/console/?paused=false&kind=")) == ["watched"]


def test_what_cannot_be_asked_together_is_said(reviewer):
    answer = reviewer.get("/console/?status=restored&overdue=true")
    assert answer.status_code == 422
    assert "not listed by overdue" in answer.text


def test_a_view_is_saved_used_and_deleted_without_a_script(reviewer, house):
    house.take(payload("paused"))
    house.take(payload("watched", action=Action.REVIEW))
    page = reviewer.get("/console/?paused=false")
    form = {"form_word": form_word(page), "name": "<b>Quiet</b>", "filters": "paused=false"}
    answer = reviewer.post("/console/views", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/?paused=false")
    page = reviewer.get("/console/")
    assert "<b>Quiet" not in page.text
    assert accounts(reviewer.get(link_of(page, "&lt;b&gt;Quiet"))) == ["watched"]
    where = re.search(r'action="(/console/views/[0-9a-f]+/delete)"', page.text)[1]
    assert reviewer.post(where, data={"form_word": form_word(page)}).status_code == 303
    assert "Quiet" not in reviewer.get("/console/").text


def test_a_view_is_not_saved_for_another_site_nor_shared_by_a_reviewer(reviewer, visit, house):
    house.take(payload())
    form = {"name": "All", "filters": "paused=true"}
    assert reviewer.post("/console/views", data=form).status_code == 403
    word = form_word(reviewer.get("/console/"))
    assert reviewer.post("/console/views", data=form | {"form_word": word, "shared": "yes"}
                         ).status_code == 403  # fmt: skip
    lead = visit(Role.LEAD)
    word = form_word(lead.get("/console/"))
    lead.post("/console/views", data=form | {"form_word": word, "shared": "yes"})
    assert "All · everybody's" in shown(reviewer.get("/console/")).replace("&#39;", "'")


def test_an_address_leaves_out_what_was_not_asked():
    assert address({}) == ""
    assert address({"paused": False, "queue": None, "kind": ""}) == "?paused=false"
    assert address({"queue": "a b"}, cursor="x") == "?queue=a+b&cursor=x"
