"""Promises P1 and P5: one unit for everything, and what a month of a plan makes."""

from __future__ import annotations

from decimal import Decimal

from fastapi.testclient import TestClient

from access.capacity import capacity_of
from access.catalogue import load_catalogue
from access.costs import Job, cost_of
from access.vocabulary import JobMode, Media
from review_api.app import create_app
from streams.clock import ManualClock
from tests.verdicts import MONDAY

CATALOGUE = load_catalogue()


def credits_for(job):
    return cost_of(CATALOGUE, job, JobMode.CREDITS)


def test_p01_credits_pay_for_every_model_by_model_duration_and_resolution():
    for model in CATALOGUE.models.values():
        for resolution in model.rates:
            assert credits_for(Job(model.name, seconds=Decimal(4), resolution=resolution)) > 0
    short, long = (Job("reel-3", seconds=Decimal(seconds)) for seconds in (4, 12))
    sharp = Job("reel-3", seconds=Decimal(4), resolution="1080p")
    other = Job("reel-4", seconds=Decimal(4))
    assert credits_for(long) == 3 * credits_for(short)
    assert len({credits_for(job) for job in (short, sharp, other)}) == 3


def test_p05_every_plan_states_what_a_month_makes_of_each_model_with_videos_of_four_seconds(
    database,
):
    page = TestClient(create_app(database.engine, ManualClock(MONDAY))).get("/plans").text
    for plan in CATALOGUE.plans.values():
        for each in capacity_of(CATALOGUE, plan):
            one = Job(each.model.name, seconds=Decimal(4))
            assert each.by_credits == plan.credits // credits_for(one)
            if pool := plan.pool_of(each.model.name):
                assert each.by_quota == pool.units // cost_of(CATALOGUE, one, JobMode.QUOTA)
            shown = f"{each.together:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
            assert f"<strong>{shown}</strong>" in page
    for model in CATALOGUE.models.values():
        assert model.title in page
    assert {model.media for model in CATALOGUE.models.values()} == set(Media)
