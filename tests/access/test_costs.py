"""A job costs what the catalogue says of its model, duration, resolution and feature."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.catalogue import load_catalogue, read_catalogue
from access.costs import Job, cost_of, time_units
from access.errors import (
    BadAmountError,
    BadJobError,
    UnknownFeatureError,
    UnknownModelError,
    UnknownResolutionError,
)
from access.units import ZERO
from access.vocabulary import JobMode, Media
from streams.simulator.catalogue import FEATURES, MODELS, PLANS

CATALOGUE = load_catalogue()


def cost(mode=JobMode.CREDITS, **job):
    return cost_of(CATALOGUE, Job(**job), mode)


@pytest.mark.parametrize(
    ("seconds", "started"),
    [("0.001", 1), ("4", 1), ("4.001", 2), ("7.999", 2), ("8", 2), ("12", 3), ("86400", 21600)],
)
def test_a_unit_of_four_seconds_that_was_started_counts_whole(seconds, started):
    assert cost(model="reel-3", seconds=Decimal(seconds)) == started


@given(st.decimals("0.001", 86400, places=3))
def test_time_is_counted_up_to_the_next_four_seconds(seconds):
    assert time_units(seconds) == ceil(seconds / 4)


def test_resolution_mode_feature_and_count_each_change_the_cost():
    film = {"model": "reel-3", "seconds": Decimal(8)}
    assert cost(**film) == 2
    assert cost(**film, resolution="1080p") == 3
    assert cost(JobMode.QUOTA, **film, resolution="1080p") == Decimal("3.5")
    assert cost(**film, feature="draft") == 1
    assert cost(**film, feature="extend", count=3) == Decimal("7.5")


def test_an_image_and_a_step_of_an_agent_cost_the_same_whatever_their_duration():
    assert cost(model="lumen-2") == Decimal("0.25")
    assert cost(model="lumen-2", seconds=ZERO, count=4) == 1
    assert cost(model="director-1", seconds=Decimal(300), count=7) == 7


def catalogue_with(rate):
    text = f"""version = 1
currency = "EUR"
default_plan = "free"
[features]
draft = 0.5
[models.m]
title = "M"
media = "image"
[models.m.rates]
1k = {{ {rate} }}
[plans.free]
title = "Free"
price = 0
credits = 0
concurrency = 1
credit_concurrency = 1
weight = 1
ladder = [{{ after_days = 0, factor = 1 }}]
"""
    return read_catalogue(text, "rate.toml")


def test_a_cost_is_rounded_down_to_a_thousandth_and_is_never_nothing():
    catalogue = catalogue_with("credits = 0.001, quota = 0.333")
    assert cost_of(catalogue, Job("m", feature="draft"), JobMode.QUOTA) == Decimal("0.166")
    assert cost_of(catalogue, Job("m", feature="draft"), JobMode.CREDITS) == Decimal("0.001")


def test_a_cost_past_every_balance_is_refused():
    catalogue = catalogue_with("credits = 1_000_000_000, quota = 1")
    with pytest.raises(BadAmountError):
        cost_of(catalogue, Job("m", count=2), JobMode.CREDITS)


REFUSED = [
    ({"model": "reel-9"}, UnknownModelError, "no model 'reel-9'"),
    ({"model": "reel-3"}, BadJobError, "say how many seconds"),
    ({"model": "reel-3", "seconds": ZERO}, BadJobError, "say how many seconds"),
    ({"model": "reel-3", "seconds": Decimal(-4)}, BadJobError, "seconds lie from 0"),
    ({"model": "reel-3", "seconds": Decimal("nan")}, BadJobError, "seconds lie from 0"),
    ({"model": "reel-3", "seconds": Decimal("1e999999")}, BadJobError, "seconds lie from 0"),
    ({"model": "lumen-2", "seconds": Decimal(-1)}, BadJobError, "seconds lie from 0"),
    ({"model": "lumen-2", "count": 0}, BadJobError, "count lies from 1"),
    ({"model": "lumen-2", "media": Media.VIDEO}, BadJobError, "makes image, not video"),
    ({"model": "lumen-2", "resolution": "9k"}, UnknownResolutionError, "it has 1k, 2k"),
    ({"model": "lumen-2", "resolution": ""}, UnknownResolutionError, "it has 1k, 2k"),
    ({"model": "lumen-2", "feature": "magic"}, UnknownFeatureError, "there are batch"),
]


@pytest.mark.parametrize(("job", "error", "said"), REFUSED)
def test_a_job_that_cannot_be_is_refused_in_a_sentence(job, error, said):
    with pytest.raises(error, match=said):
        cost(**job)


@pytest.mark.parametrize("mode", JobMode)
def test_simulated_jobs_cost_what_the_catalogue_says(mode):
    lengths = {"reel-3-long": 12, "visage-1": 8}
    steps = {"director-1": 4}
    for model in MODELS:
        job = Job(
            model.name,
            seconds=Decimal(lengths.get(model.name, 4)),
            count=steps.get(model.name, 1),
        )
        assert cost_of(CATALOGUE, job, mode) == Decimal(model.units), model.name


def test_simulated_plans_features_and_quota_jobs_are_in_the_catalogue():
    assert tuple(CATALOGUE.plans) == PLANS
    assert {feature for feature in FEATURES if feature} <= set(CATALOGUE.features)
    for plan in CATALOGUE.plans.values():
        if plan.price:
            assert all(plan.pool_of(model.name) for model in MODELS), plan.name
