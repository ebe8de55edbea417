"""The page of plans is for everybody and says what the catalogue says."""

from __future__ import annotations

import dataclasses
import re

import pytest
from fastapi.testclient import TestClient

from access.catalogue import load_catalogue, read_catalogue
from review_api.app import ApiSettings, create_app
from review_api.console.headers import HEADERS
from streams.clock import ManualClock
from tests.customer.pages import words_of
from tests.verdicts import MONDAY

CATALOGUE = load_catalogue()


def rows(page):
    return [words_of(row) for row in re.findall(r"<tr.*?</tr>", page.text, re.DOTALL)]


def test_nobody_needs_a_token_and_nothing_foreign_is_loaded(anybody):
    page = anybody.get("/plans")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert "<script" not in page.text
    assert "style=" not in page.text
    for asked in re.findall(r'(?:href|src)="([^"]+)"', page.text):
        assert anybody.get(asked).status_code == 200, asked


def test_every_plan_is_there_with_price_credits_quota_and_speed(anybody):
    cards = re.findall(r'<li class="card plan">.*?</dl>', anybody.get("/plans").text, re.DOTALL)
    shown = {words_of(card).split()[0]: words_of(card) for card in cards}
    assert list(shown) == [plan.title for plan in CATALOGUE.plans.values()]
    for said in ("35 USD a month", "1 300 videos", "2 800 images", "400 units for images"):
        assert said in shown["Pro"]
    for said in ("300 each billing cycle", "4 on quota", "8 on credits", "1.5 after 180 days"):
        assert said in shown["Pro"]
    assert "Monthly quota None" in shown["Free"]
    assert "Speed on quota" not in shown["Free"]


def test_every_model_says_what_a_month_makes_and_what_a_job_costs(anybody):
    found = rows(anybody.get("/plans"))
    reel_4 = "Reel 4 8 credits only 32 credits only 120 credits only 1 193 833 on quota"
    assert f"{reel_4} 3 000 2 000 on quota" in found
    assert "Reel 3 720p 1 1" in found
    assert "1080p 1.5 1.75" in found
    assert "Studio 400 80" in found
    assert "Upscale \N{MULTIPLICATION SIGN}0.5" in found


def test_names_of_the_catalogue_are_never_markup(database):
    catalogue = load_catalogue()
    plan = dataclasses.replace(catalogue.plan("pro"), title="<b>Pro & more")
    odd = dataclasses.replace(catalogue, plans={"pro": plan})
    app = create_app(database.engine, ManualClock(MONDAY), ApiSettings(catalogue=odd))
    text = TestClient(app).get("/plans").text
    assert "<b>" not in text
    assert "&lt;b&gt;Pro &amp; more" in text


def test_a_catalogue_of_one_agent_and_one_plan_is_a_page_too(database):
    small = read_catalogue(
        """version = 1
currency = "EUR"
default_plan = "free"
[models.m]
title = "M"
media = "agent"
rates = { any = { credits = 1, quota = 1 } }
[plans.free]
title = "Free"
price = 0
credits = 5
concurrency = 1
credit_concurrency = 1
weight = 1
ladder = [{ after_days = 0, factor = 1 }]
""",
        "small.toml",
    )
    app = create_app(database.engine, ManualClock(MONDAY), ApiSettings(catalogue=small))
    page = TestClient(app).get("/plans")
    assert page.status_code == 200
    assert "Credit packs" not in page.text
    assert "Up to 5 steps of an agent a month" in words_of(page.text)


@pytest.mark.parametrize("file", ["none", "..%2Fapp.py", "customer.css%00", "catalogue.toml"])
def test_no_other_file_is_given(anybody, file):
    assert anybody.get(f"/pages/{file}").status_code == 404
