from __future__ import annotations

import re
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from review_api.app import create_app
from review_api.console import ConsoleSettings, mount
from review_api.errors import BadRequestError
from review_api.identity import RoleRules
from review_api.people import add_person, disable_person
from review_api.person_records import Person
from review_api.provider import KEPT_SECONDS, RENEWED_SECONDS, ProviderSettings
from review_api.records import AuditEntry
from review_api.tokens import issue_token
from review_api.vocabulary import AuditAction, Role
from streams.clock import ManualClock, SystemClock
from tests.console.conftest import form_word
from tests.issuer import CLIENT, SECRET, issuing
from tests.servers import answer, closed_port, served
from tests.verdicts import payload

ANA = "ana@example.com"
# What is stored is tested on both databases where its rules are (tests/review_api/test_people.py).
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def provider():
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(provider):
    """Give the provider as it is at first."""
    fresh = type(provider)()
    for name, value in vars(fresh).items():
        if name != "key":
            setattr(provider, name, value)
    provider.published = [provider.key]
    return provider


@pytest.fixture
def clock():
    # The provider's tokens carry the machine's time.
    return ManualClock(SystemClock().now())


@pytest.fixture
def console(database, clock, issuer):
    """Give a console that signs people in with the provider."""

    def build(**changes):
        settings = ProviderSettings(
            **({"issuer": issuer.url, "client_id": CLIENT, "client_secret": SECRET} | changes)
        )
        app = create_app(database.engine, clock)
        mount(app, ConsoleSettings(secret=b"a secret of the tests", provider=settings))
        return TestClient(app, follow_redirects=False, raise_server_exceptions=False)

    return build


@pytest.fixture
def add(database, clock):
    def person(name=ANA, role=Role.REVIEWER):
        with database.writers.begin() as session:
            add_person(session, name, role, clock.now())

    return person


def go(client, issuer, after=""):
    """Sign in as a browser does; give the answer to the way back."""
    out = client.get("/console/company", params={"after": after} if after else None)
    assert out.status_code == 303, out.text
    return client.get(issuer.consent(out.headers["location"]))


def shut(client):
    return client.get("/console/").status_code == 303


def refused(page, words, status=401):
    assert page.status_code == status, page.text
    said = re.search(r'role="alert">(.*?)</p>', page.text)[1]
    assert words in said
    assert "Sign in with your company account" in page.text
    return True


def test_a_person_signs_in_with_a_company_account_under_their_own_name(
    console, issuer, add, database
):
    add()
    client = console()
    page = client.get("/console/sign-in")
    assert "Sign in with your company account" in page.text
    assert "API token" in page.text
    back = go(client, issuer)
    assert back.status_code == 200
    assert ANA in back.text
    assert 'http-equiv="refresh" content="0; url=/console/"' in back.text
    cookie = next(each for each in back.headers.get_list("set-cookie") if "session" in each)
    assert all(part in cookie.lower() for part in ("httponly", "samesite=strict"))
    assert f"<strong>{ANA}</strong> · reviewer" in client.get("/console/").text
    with database.readers.begin() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == AuditAction.SIGNED_IN)
        ).one()
    assert (entry.actor, entry.role) == (ANA, Role.REVIEWER)


def test_a_decision_bears_the_persons_name(console, issuer, add, house):
    add()
    case_id = house.take(payload()).case_id
    client = console()
    go(client, issuer, after=f"cases/{case_id}")
    page = client.get(f"/console/cases/{case_id}")
    assert page.status_code == 200
    assert ANA in page.text


def test_who_came_for_a_case_is_led_there(console, issuer, add):
    add()
    back = go(console(), issuer, after="cases/abc")
    assert "url=/console/cases/abc" in back.text


def test_nobody_is_led_to_another_site(console, issuer, add):
    add()
    back = go(console(), issuer, after="//evil.example")
    assert 'url=/console/"' in back.text
    assert "evil" not in back.text


def test_without_a_provider_only_tokens_sign_in(browser):
    client = browser()
    assert "company" not in client.get("/console/sign-in").text
    page = client.get("/console/company")
    assert page.status_code == 401
    assert "no company sign-in" in page.text.lower()


def test_nobody_without_a_role_gets_in(console, issuer, database):
    client = console()
    assert refused(go(client, issuer), "has no role here", 403)
    assert shut(client)
    with database.readers.begin() as session:
        assert session.scalars(select(Person)).all() == []


def test_a_role_comes_from_a_claim_where_one_is_set(console, issuer, database):
    rules = RoleRules("groups", {"desk": Role.REVIEWER, "heads": Role.LEAD})
    client = console(rules=rules)
    issuer.account["groups"] = ["everybody", "desk", "heads"]
    assert go(client, issuer).status_code == 200
    assert "· lead" in client.get("/console/").text
    issuer.account["groups"] = "desk"
    again = console(rules=rules)
    go(again, issuer)
    assert "· reviewer" in again.get("/console/").text
    # The role has changed: the older session is over.
    assert shut(client)
    issuer.account["groups"] = ["everybody"]
    assert refused(go(console(rules=rules), issuer), "has no role here", 403)


def test_a_claim_may_lie_inside_another(console, issuer):
    issuer.account["realm_access"] = {"roles": ["fairuse-admin"]}
    client = console(rules=RoleRules("realm_access.roles", {"fairuse-admin": Role.ADMIN}))
    assert go(client, issuer).status_code == 200
    assert "· admin" in client.get("/console/").text


def test_the_table_gives_no_role_where_a_claim_is_to(console, issuer, add):
    add(role=Role.ADMIN)
    client = console(rules=RoleRules("groups", {"desk": Role.VIEWER}))
    assert refused(go(client, issuer), "has no role here", 403)


def test_a_disabled_person_is_out_at_the_next_request(console, issuer, add, database, clock):
    add()
    client = console()
    go(client, issuer)
    with database.writers.begin() as session:
        token = issue_token(session, ANA, Role.REVIEWER, clock.now())
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/cases", headers=bearer).status_code == 200
    with database.writers.begin() as session:
        disable_person(session, "Ana@Example.com", clock.now())
    assert shut(client)
    assert client.get("/v1/cases", headers=bearer).status_code == 401
    assert refused(go(client, issuer), "may not sign in here any more", 403)


def test_a_changed_role_ends_the_session_and_the_next_one_has_it(console, issuer, add):
    add(role=Role.ADMIN)
    client = console()
    go(client, issuer)
    add(role=Role.VIEWER)
    assert shut(client)
    go(client, issuer)
    assert "· viewer" in client.get("/console/").text


def test_a_name_stays_with_the_account_that_had_it_first(console, issuer, add):
    add()
    assert go(console(), issuer).status_code == 200
    issuer.account["sub"] = "u-2"
    client = console()
    assert refused(go(client, issuer), "belongs to another company account", 403)
    assert shut(client)


def test_a_person_has_no_role_of_the_platform(database, clock):
    with pytest.raises(BadRequestError, match="service"), database.writers.begin() as session:
        add_person(session, "bo", Role.SERVICE, clock.now())


LIES = [
    ({"aud": "another-client"}, "not valid here"),
    ({"aud": ["another-client"]}, "not valid here"),
    ({"aud": [CLIENT, "another-client"]}, "for somebody else"),
    ({"azp": "another-client"}, "for somebody else"),
    ({"iss": "https://elsewhere.example"}, "not valid here"),
    ({"exp": 1_700_000_000}, "not valid here"),
    ({"exp": "gone"}, "not valid here"),
    ({"iat": 4_000_000_000}, "not valid here"),
    ({"sub": "gone"}, "not valid here"),
    ({"nonce": "of another sign-in"}, "another question"),
    ({"nonce": "gone"}, "another question"),
    ({"email": "gone"}, "sent no email"),
    ({"email": ["a", "b"]}, "sent no email"),
    ({"email_verified": False}, "not verified"),
]


@pytest.mark.parametrize(("lie", "words"), LIES, ids=lambda each: str(each)[:40])
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(console, issuer, add, lie, words):
    add()
    issuer.changes = lie
    client = console()
    assert refused(go(client, issuer), words)
    assert shut(client)


def test_clocks_may_differ_by_a_minute(console, issuer, add, clock):
    add()
    clock.advance(300 + 50)
    assert go(console(), issuer).status_code == 200
    issuer.changes = {"iat": int(clock.now().timestamp()) + 50, "exp": 4_000_000_000}
    assert go(console(), issuer).status_code == 200
    clock.advance(20)
    issuer.changes = {}
    assert refused(go(console(), issuer), "not valid here")


def test_a_token_signed_by_nobody_lets_nobody_in(console, issuer, add):
    add()
    issuer.rotate(publish=False)
    client = console()
    assert refused(go(client, issuer), "nobody we trust has signed")
    assert shut(client)


def test_a_key_that_came_later_is_asked_for_once_in_a_while(console, issuer, add, clock):
    add()
    client = console()
    go(client, issuer)
    issuer.rotate()
    assert refused(go(client, issuer), "nobody we trust")
    clock.advance(RENEWED_SECONDS)
    assert go(client, issuer).status_code == 200
    clock.advance(KEPT_SECONDS)
    before = issuer.asked.count("/keys")
    go(client, issuer)
    assert issuer.asked.count("/keys") == before + 1


@pytest.mark.parametrize("change", ["state", "code", "cookie", "late", "no code"])
def test_an_answer_to_another_question_lets_nobody_in(console, issuer, add, clock, change):
    add()
    client = console()
    out = client.get("/console/company").headers["location"]
    back = urlsplit(issuer.consent(out))
    query = dict(parse_qsl(back.query))
    if change in query:
        query[change] = "x" + query[change]
    if change == "no code":
        query = {"error": "access_denied", "state": query["state"]}
    if change == "cookie":
        client.cookies.clear()
    if change == "late":
        clock.advance(601)
    page = client.get(f"{back.path}?{urlencode(query)}")
    words = {"code": "too long, or was used twice", "no code": "let nobody in"}
    assert refused(page, words.get(change, "begun elsewhere, or took too long"))
    assert shut(client)


def test_a_code_is_good_once(console, issuer, add):
    add()
    client = console()
    way = issuer.consent(client.get("/console/company").headers["location"])
    assert client.get(way).status_code == 200
    client.cookies.delete("fairuse_session")
    assert refused(client.get(way), "begun elsewhere")


def test_another_browsers_answer_lets_nobody_in(console, issuer, add):
    add()
    mine, theirs = console(), console()
    way = issuer.consent(theirs.get("/console/company").headers["location"])
    mine.get("/console/company")
    assert refused(mine.get(way), "begun elsewhere")


def test_a_secret_goes_where_the_provider_wants_it(console, issuer, add):
    add()
    issuer.methods = ["client_secret_post"]
    assert go(console(), issuer).status_code == 200


def test_a_provider_that_is_down_is_said_and_tokens_still_work(console, visit, database, clock):
    client = console(issuer=closed_port())
    page = client.get("/console/company", params={"after": "cases/abc"})
    assert refused(page, "does not answer now", 503)
    assert 'value="cases/abc"' in page.text
    with database.writers.begin() as session:
        token = issue_token(session, "bo", Role.VIEWER, clock.now())
    form = {"token": token, "form_word": form_word(page)}
    assert client.post("/console/sign-in", data=form).status_code == 303


@pytest.mark.parametrize(
    "content", [b"<html>", b"[]", b"{}", b'{"issuer": "https://evil.example"}', b"\xff"]
)
def test_a_provider_that_makes_no_sense_lets_nobody_in(console, content):
    with served(answer(content=content)) as server:
        page = console(issuer=server.url).get("/console/company")
    assert page.status_code == 503
    assert shut(console())


def test_a_provider_that_is_down_is_not_asked_by_everybody_one_after_the_other(
    console, issuer, clock
):
    client = console()
    issuer.broken = True
    assert [client.get("/console/company").status_code for _ in range(4)] == [503] * 4
    assert len(issuer.asked) == 1
    issuer.broken = False
    assert client.get("/console/company").status_code == 503
    clock.advance(5)
    assert client.get("/console/company").status_code == 303


def test_a_provider_that_goes_down_half_way_is_said(console, issuer, add):
    add()
    client = console()
    way = issuer.consent(client.get("/console/company").headers["location"])
    issuer.broken = True
    assert refused(client.get(way), "in no words we know", 503)


def test_what_goes_out_tells_nobody_our_words(console, issuer):
    client = console()
    asked = parse_qs(urlsplit(client.get("/console/company").headers["location"]).query)
    assert SECRET not in str(asked)
    assert len({asked[name][0] for name in ("state", "nonce", "code_challenge")}) == 3
    again = parse_qs(urlsplit(client.get("/console/company").headers["location"]).query)
    assert again["state"] != asked["state"]
    assert asked["redirect_uri"] == ["http://testserver/console/company/back"]


def test_over_https_cookies_are_bound_to_this_host(database, clock, issuer, add):
    add()
    app = create_app(database.engine, clock)
    mount(app, ConsoleSettings(provider=ProviderSettings(issuer.url, CLIENT, SECRET)))
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    back = go(client, issuer)
    cookies = back.headers.get_list("set-cookie")
    assert any(each.startswith("__Host-fairuse_session=") for each in cookies)
    assert all("Secure" in each and "Path=/;" in each for each in cookies)
    assert client.get("/console/").status_code == 200


def test_signing_out_ends_a_persons_session_and_is_in_the_log(console, issuer, add, database):
    add()
    client = console()
    go(client, issuer)
    word = form_word(client.get("/console/"))
    assert client.post("/console/sign-out", data={"form_word": word}).status_code == 303
    assert shut(client)
    with database.readers.begin() as session:
        assert session.scalars(
            select(AuditEntry.actor).where(AuditEntry.action == AuditAction.SIGNED_OUT)
        ).all() == [ANA]
