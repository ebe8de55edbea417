from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from detectors.verdict import Kind
from review_api.app import create_app
from review_api.queue_records import RoutingChange
from review_api.references import reference_of
from review_api.routing import FIRST_RULES, GENERAL
from review_api.tokens import issue_token
from review_api.views import VIEWS_AT_MOST
from review_api.vocabulary import Choice, Role
from streams.clock import ManualClock
from tests.verdicts import MONDAY, payload

RULES = {"rules": [{"queue": "resale", "kind": "reselling"}, {"queue": "now", "paused": True}]}


@pytest.fixture
def call(database):
    app = create_app(database.engine, ManualClock(MONDAY))

    def as_role(role, name=None):
        with database.writers.begin() as session:
            token = issue_token(session, name or role.value, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return as_role


def found(answer):
    assert answer.status_code == 200, answer.text
    return [item["account_id"] for item in answer.json()["items"]]


def test_an_item_says_why_it_is_there_and_what_waiting_may_cost(call, house):
    house.take(payload())
    (item,) = call(Role.VIEWER).get("/v1/cases").json()["items"]
    assert item["why"].startswith("Paused 0 min; no such pause has been judged yet")
    assert (item["wrong_chance"], item["queue"], item["claim"]) == (0.5, GENERAL, None)
    assert item["due_at"] == "2026-11-24T09:00:00Z"
    assert item["headline"].startswith("212 of 220 jobs")


def test_a_leads_rules_move_every_case_at_once(call, house, database):
    house.take(payload("seller", kind=Kind.RESELLING))
    house.take(payload("paused"))
    lead, viewer = call(Role.LEAD), call(Role.VIEWER)
    before = viewer.get("/v1/queues").json()
    assert [each["queue"] for each in before["rules"]] == [each.queue for each in FIRST_RULES]
    answer = lead.put("/v1/queues/rules", json=RULES)
    assert answer.status_code == 200, answer.text
    named = {each["name"]: each["cases"] for each in answer.json()["queues"]}
    assert named == {"resale": 1, "now": 1, GENERAL: 0}
    assert found(viewer.get("/v1/cases?queue=resale")) == ["seller"]
    assert found(viewer.get("/v1/cases?queue=now")) == ["paused"]
    assert found(viewer.get(f"/v1/cases?queue={GENERAL}")) == []
    with database.readers.begin() as session:
        assert session.scalars(select(RoutingChange.actor)).all() == ["lead"]


@pytest.mark.parametrize(
    "rules",
    [
        [{"queue": GENERAL, "paused": True}],
        [{"queue": "everything"}],
        [{"queue": "x", "kind": "banned"}],
        [{"queue": "", "paused": True}],
        [{"queue": "x", "paused": "yes"}],
        [{"queue": "x", "paused": True}] * 31,
    ],
)
def test_rules_that_make_no_sense_are_refused(call, house, rules):
    answer = call(Role.LEAD).put("/v1/queues/rules", json={"rules": rules})
    assert answer.status_code == 422
    assert call(Role.LEAD).get("/v1/queues").json()["rules"][0]["queue"] == "appeals"
    assert house.count(RoutingChange) == 0


def test_a_view_is_kept_used_and_forgotten_by_its_owner(call):
    ana = call(Role.REVIEWER, "ana")
    view = ana.post("/v1/views", json={"name": " Mine ", "filters": {"claim": "me"}}).json()
    assert (view["name"], view["filters"], view["shared"]) == ("Mine", {"claim": "me"}, False)
    again = ana.post("/v1/views", json={"name": "Mine", "filters": {"paused": True}}).json()
    assert (again["id"], again["filters"]) == (view["id"], {"paused": True})
    assert len(ana.get("/v1/views").json()["views"]) == 1
    assert found(ana.get("/v1/cases", params=again["filters"])) == []
    assert ana.delete(f"/v1/views/{view['id']}").status_code == 204
    assert ana.get("/v1/views").json()["views"] == []


def test_only_a_lead_shares_a_view_and_others_views_are_nobodys_business(call):
    ana, bo, lead = call(Role.REVIEWER, "ana"), call(Role.REVIEWER, "bo"), call(Role.LEAD)
    mine = ana.post("/v1/views", json={"name": "Mine"}).json()
    assert ana.post("/v1/views", json={"name": "All", "shared": True}).status_code == 403
    shared = lead.post("/v1/views", json={"name": "All", "shared": True}).json()
    assert [each["name"] for each in bo.get("/v1/views").json()["views"]] == ["All"]
    assert bo.delete(f"/v1/views/{mine['id']}").status_code == 404
    assert bo.delete(f"/v1/views/{shared['id']}").status_code == 403
    assert lead.delete(f"/v1/views/{shared['id']}").status_code == 204


def test_views_are_bounded(call):
    ana = call(Role.REVIEWER, "ana")
    for number in range(VIEWS_AT_MOST):
        assert ana.post("/v1/views", json={"name": f"{number}"}).status_code == 201
    assert ana.post("/v1/views", json={"name": "more"}).status_code == 422


def test_a_search_finds_by_name_and_else_by_words(call, house):
    decided = house.take(payload("decided")).case_id
    house.decide(decided, Choice.UPHOLD)
    case_id = house.take(payload("waits")).case_id
    viewer = call(Role.VIEWER)
    for words, accounts in {
        "decided": ["decided"],
        case_id: ["waits"],
        reference_of(case_id): ["waits"],
        "EXACTLY 60 Seconds": ["waits"],
        "100%": [],
        "_": [],
    }.items():
        assert found(viewer.get("/v1/search", params={"words": words})) == accounts, words


def test_a_decided_status_is_not_narrowed_by_what_only_waiting_cases_have(call, house):
    house.decide(house.take(payload()).case_id)
    viewer = call(Role.VIEWER)
    assert found(viewer.get("/v1/cases?status=restored")) == ["acc_1"]
    answer = viewer.get("/v1/cases?status=restored&overdue=true")
    assert answer.status_code == 422
    assert "overdue" in answer.text
