from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from review_api.app import create_app
from review_api.notices.contacts import contact_of, masked
from review_api.notices.parcels import Attempted
from review_api.notices.records import Contact
from review_api.notices.vocabulary import AttemptResult
from review_api.records import AuditEntry
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.review_api.notices.receivers import Post
from tests.verdicts import HOUR, MONDAY, payload

CONTACT = "/v1/accounts/acc_1/contact"


@pytest.fixture
def app(database):
    return create_app(database.engine, ManualClock(MONDAY))


@pytest.fixture
def call(app, database):
    def as_role(role):
        with database.writers.begin() as session:
            token = issue_token(session, role.value, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return as_role


@pytest.fixture
def post(database):
    return Post(database)


def actions(database):
    with database.readers.begin() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_notices_are_listed_newest_first_and_page_by_page(call, house, post):
    for number in range(3):
        house.take(payload(f"acc_{number}"), MONDAY + number * HOUR)
    post.write()
    reader, seen, cursor = call(Role.VIEWER), [], None
    while True:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = reader.get("/v1/notices", params=asked).json()
        seen += [(item["account_id"], item["subject"] is not None) for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == [("acc_2", False), ("acc_1", False), ("acc_0", True)]
    (mine,) = reader.get("/v1/notices", params={"account_id": "acc_1"}).json()["items"]
    assert reader.get("/v1/notices", params={"case_id": mine["case_id"]}).json()["items"] == [mine]


def test_a_notice_is_read_with_its_letter_its_statement_and_its_log(call, house, post, database):
    house.take(payload())
    post.write()
    post.carrier.words = [Attempted(AttemptResult.FAILED, 500, "no"), Attempted("delivered", 200)]
    post.carry()
    post.clock.advance(11)
    post.carry()
    reader = call(Role.REVIEWER)
    (item,) = reader.get("/v1/notices").json()["items"]
    assert item["deliveries"] == [
        {"channel": "webhook", "state": "delivered", "due_at": None, "attempts": 2}
    ]
    place = f"/v1/notices/{item['notice_id']}"
    shown = reader.get(place).json()
    assert shown["text"].startswith("Your monthly quota is paused")
    assert shown["statement"]["puid"] == item["notice_id"]
    log = reader.get(f"{place}/attempts").json()["items"]
    assert [(each["result"], each["status"], each["answer"]) for each in log] == [
        ("failed", 500, "no"),
        ("delivered", 200, ""),
    ]
    assert actions(database) == ["notices_listed", "notice_read", "notice_read"]


def test_a_lead_has_a_refused_notice_tried_again_and_one_that_arrived_is_not(call, house, post):
    house.take(payload())
    post.write()
    post.carrier.words = [Attempted(AttemptResult.REFUSED, 410), Attempted("delivered", 200)]
    post.carry()
    lead = call(Role.LEAD)
    (item,) = lead.get("/v1/notices").json()["items"]
    place = f"/v1/notices/{item['notice_id']}/retry"
    assert lead.post(place).json()["deliveries"][0]["state"] == "waiting"
    post.carry()
    assert lead.post(place).status_code == 422


def test_a_contact_is_kept_sealed_replaced_shown_masked_and_forgotten(call, app, database):
    service = call(Role.SERVICE)
    for address in ("ana@example.org", "ana.b+c@mail.example.org"):
        answer = service.put(CONTACT, json={"email": address})
        assert (answer.status_code, answer.json()) == (200, {"email": masked(address)})
    with database.readers.begin() as session:
        assert b"example" not in session.scalars(select(Contact.sealed)).one()
        secret = app.state.parts.customer.secret
        assert contact_of(session, secret, "acc_1") == "ana.b+c@mail.example.org"
        assert contact_of(session, b"another", "acc_1") is None
    assert service.delete(CONTACT).status_code == 204
    assert service.delete(CONTACT).status_code == 204
    with database.readers.begin() as session:
        assert session.scalar(text("SELECT count(*) FROM contacts")) == 0
    assert actions(database) == ["contact_kept"] * 2 + ["contact_forgotten"] * 2


@pytest.mark.parametrize(
    "email",
    ["", "ana", "@x.example", "a@b", "a b@x.example", "a@x.example\r\nBcc: b@x.example",
     "ключ@x.example", "a@-x.example", ".a@x.example", "a@x.example" * 30],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(call, email):
    answer = call(Role.SERVICE).put(CONTACT, json={"email": email})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["field"] == "body.email"
    assert not email or email not in answer.text
