"""The page of models: stages, the promise, nights, what happened; the form that ends a doubt."""

from __future__ import annotations

from contextlib import contextmanager

import msgspec
import numpy as np
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from detectors.drift import Drift
from detectors.latency import LatencyDay
from detectors.stages import Stage
from detectors.verdict import Action, Kind
from review_api.app import ApiSettings, create_app
from review_api.console import ConsoleSettings, mount
from review_api.monitors.nights import record_night
from review_api.monitors.promise import promise_of
from review_api.monitors.reports import NightReport
from review_api.monitors.shelf import Shelf
from review_api.monitors.vocabulary import PromiseStanding
from review_api.policy import BreakerPolicy, ReviewPolicy
from review_api.records import AuditEntry
from review_api.vocabulary import AuditAction, Choice, Role
from tests.chromium import WAIT_SECONDS, served, violations
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.house import House
from tests.shelves import A, B, C, fill, judge, move
from tests.verdicts import DAY, HOUR, MONDAY, payload

LOOSE = ReviewPolicy(breaker=BreakerPolicy(10_000, 10_000, 10_000, 10_000, 10_000, 1.0))
HISTORY = [
    move(1, A, Stage.CHAMPION, why="first model", day=-40),
    move(2, B, Stage.CHALLENGER, why="all 8 checks passed", day=-20, actor="night"),
    move(3, B, Stage.CHAMPION, why="all 8 checks passed, twice", day=-13, actor="night"),
    move(4, A, Stage.CHAMPION, why="honest studios were paused", day=-5, back=True),
    move(5, C, Stage.RETIRED, why="precision: 0.91 at 40 reviews a day, and 0.95 is needed",
         day=-3, actor="night"),
]  # fmt: skip
REFUSAL = "0.91 at 40 reviews a day, and 0.95 is needed"


@pytest.fixture
def folder(tmp_path):
    models = fill(tmp_path / "models", HISTORY, MONDAY - 41 * DAY)
    judge(models, C, passed=False, sentence=REFUSAL)
    return models


@pytest.fixture
def house(database):
    return House(database, LOOSE)


@pytest.fixture
def app(database, clock, folder):
    app = create_app(database.engine, clock, ApiSettings(policy=LOOSE, shelf=Shelf(folder)))
    mount(app, ConsoleSettings(secret=b"a secret of the tests"))
    return app


def audit(house, number, now, *, paused=False, honest=True, kind=Kind.AUTOMATION):
    """Draw an account at random, pause it before if wanted, and judge it."""
    account = f"acc_{number}"
    if paused:
        house.take(payload(account, kind=kind, offset=2 * number, model_version=A), now)
    look = payload(account, kind=kind, action=Action.REVIEW, audit=0.05, offset=2 * number + 1,
                   model_version=A)  # fmt: skip
    case_id = house.take(look, now).case_id
    house.decide(case_id, Choice.RESTORE if honest else Choice.UPHOLD, now + HOUR)
    return case_id


def report(house, day, latency=(), drift=(), version=A):
    at = MONDAY + day * DAY
    said = NightReport(
        night=at.date().isoformat(),
        model_version=version,
        labels={"automation": 14, "reselling": 9, "honest": 41},
        months={"all": 3120, "pro/high/any": 411},
        calibrated_at=at - DAY,
        drift=drift,
        scores=drift[:1],
        latency=latency,
        figures={"recall_at_capacity": 0.8123},
        why="still champion",
    )
    with house.database.writers.begin() as session:
        record_night(session, said, at)


def latency_days():
    usual = 18 * np.exp(np.random.default_rng(0).normal(0, 0.04, 31))
    usual[-3:] *= 1.7
    return tuple(
        LatencyDay((MONDAY - (31 - n) * DAY).date().isoformat(), 4000, float(m), float(m * 3.1))
        for n, m in enumerate(usual)
    )


DRIFTS = (
    Drift("views_per_request", 0.31, 0.22, 1e-12, 2900, 2700, drifted=True),
    *(
        Drift(f"feature_{n}", 0.04 / (n + 1), None if n == 3 else 0.02, 0.4, 2900, 2700, False)
        for n in range(24)
    ),
)


@pytest.fixture
def lively(house):
    """Let a month happen: audits of all kinds, nights, and at last the doubt."""
    for number in range(5):
        audit(house, number, MONDAY - (30 - 5 * number) * DAY, honest=number % 4 > 0,
              paused=number == 4, kind=list(Kind)[number % 3])  # fmt: skip
        report(house, -29 + 5 * number, version=B if number == 4 else A)
    report(house, -1, latency_days(), DRIFTS)
    against = [audit(house, number, MONDAY - 6 * HOUR, paused=True) for number in (20, 21)]
    with house.database.readers.begin() as session:
        assert promise_of(session, LOOSE).standing is PromiseStanding.IN_DOUBT
    return against


def test_a_new_house_says_that_nothing_is_known_and_doubts_nothing(visit, folder):
    folder.rename(folder.with_name("elsewhere"))
    page = shown(visit(Role.VIEWER).get("/console/models"))
    assert "Nothing is known yet: no audit was drawn" in page
    assert "This server sees no model registry" in page
    assert "No night has reported on the champion yet" in page
    assert "only holds, and pauses nobody" not in page


def test_the_page_says_who_is_champion_what_is_in_doubt_and_everything_that_happened(visit, lively):
    answer = visit(Role.VIEWER).get("/console/models")
    page = shown(answer)
    for words in (
        f"Champion {A}", "honest studios were paused", "The gate", REFUSAL,
        "Fell back to holds", f"Rolled back to {A}", f"Refused {C}", f"Became challenger {B}",
        f"{A} took its place",
    ):  # fmt: skip
        assert words in page, words
    assert page.index("Fell back to holds") < page.index("Rolled back to")
    assert len(answer.text) < 200_000

    assert "is in doubt. The machine holds speed ramps" in shown(
        visit(Role.VIEWER).get("/console/")
    )
    # A doubt stands first, names its cases, and is drawn with its table.
    assert "the machine only holds, and pauses nobody" in page
    assert page.index("the machine only holds") < page.index("Who decides")
    assert all(f"/console/cases/{case_id}" in answer.text for case_id in lively)
    assert 'role="img" aria-label="After 5' in answer.text
    assert "Drawn until" in page
    # What the nights found.
    assert "1 of 25 features have drifted." in page
    assert "views_per_request drifted 0.31 0.22" in page
    assert "The platform has become slower" in page
    assert "prompt_reaction_share" in page
    assert "Reselling" in page
    assert "Labelled accounts, automation 14" in page
    assert "Recall at capacity 0.8123" in page


def test_the_last_refusal_promotion_fall_back_and_rollback_are_told_before_anything_else(
    visit, lively
):
    page = shown(visit(Role.LEAD, "ana").get("/console/models"))
    first, _, _ = page.partition("What the bet was worth after each audit")
    for words in (
        "Fell back to holds",
        f"Rolled back to {A}",
        f"Refused {C}",
        f"Became champion {B}",
    ):
        assert words in first


def test_a_lead_ends_the_doubt_with_a_reason_that_is_kept_and_audited(visit, lively, house):
    lead = visit(Role.LEAD, "lea")
    word = form_word(lead.get("/console/models"))
    empty = lead.post("/console/models/trust", data={"form_word": word, "why": " "})
    assert empty.status_code == 422
    assert "needs a reason in words" in shown(empty)
    why = {"form_word": word, "why": "Rolled <back> to a model we know."}
    assert lead.post("/console/models/trust", data=why).status_code == 303
    page = shown(lead.get("/console/models"))
    assert "Trusted again Rolled &lt;back&gt; to a model we know. lea" in page
    assert "The promise to honest customers is in doubt" not in page
    with house.database.readers.begin() as session:
        noted = select(AuditEntry.detail).where(AuditEntry.action == AuditAction.PROMISE_TRUSTED)
        assert session.scalars(noted).all() == ["Rolled <back> to a model we know."]
    assert lead.post("/console/models/trust", data=why).status_code == 409


def test_nobody_but_a_lead_is_offered_or_allowed_to_end_a_doubt(visit, lively, house):
    client = visit(Role.REVIEWER)
    page = client.get("/console/models")
    assert "Trust the promise again" not in page.text
    form = {"form_word": form_word(page), "why": "Because."}
    assert client.post("/console/models/trust", data=form).status_code == 403
    assert visit(Role.LEAD).post("/console/models/trust", data=form).status_code == 403
    with house.database.readers.begin() as session:
        assert promise_of(session, LOOSE).standing is PromiseStanding.IN_DOUBT


def test_a_card_is_shown_and_can_run_nothing(visit, folder):
    client = visit(Role.VIEWER)
    assert f'href="/console/models/{C}/card.html"' in client.get("/console/models").text
    card = client.get(f"/console/models/{C}/card.html")
    assert (card.status_code, "Model card" in card.text) == (200, True)
    policy = card.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in policy
    assert card.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("where", "status"),
    [
        (f"{A}/card.html", 404),
        (f"{C}/manifest.json", 422),
        (f"{C}/arrays.npz", 422),
        ("0000000000/card.html", 422),
        (f"{C}/..%2f..%2fmoves%2f000001.json", 404),
    ],
)
def test_nothing_else_of_the_registry_can_be_had(visit, where, status):
    assert visit(Role.ADMIN).get(f"/console/models/{where}").status_code == status


def test_a_damaged_registry_is_said_and_the_promise_is_shown_all_the_same(visit, folder):
    (folder / "moves" / "000003.json").write_bytes(msgspec.json.encode({"number": 3}))
    page = shown(visit(Role.VIEWER).get("/console/models"))
    assert "The registry cannot be read." in page
    assert "The bet against it is worth" in page


@contextmanager
def looked_at(app, chromium, token, scheme, width=1280):
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    context.set_default_timeout(WAIT_SECONDS * 1000)
    page = context.new_page()
    with served(app) as address:
        page.goto(f"{address}/console/sign-in?token={token}")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Models").click()
        expect(page.get_by_role("heading", name="Models", exact=True).first).to_be_visible()
        yield page
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_axe_finds_nothing_to_complain_of_and_nothing_is_wider_than_the_window(
    app, chromium, token_of, lively
):
    for scheme, width in (("light", 1280), ("dark", 360)):
        with looked_at(app, chromium, token_of(Role.LEAD, "ana"), scheme, width) as page:
            for summary in page.locator("summary").all():
                summary.click()
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
