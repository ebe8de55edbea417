"""What a plan makes in a month is counted from its credits and from its quota."""

from __future__ import annotations

from access.capacity import capacity_of
from access.catalogue import load_catalogue

CATALOGUE = load_catalogue()


def of(plan, model):
    found = capacity_of(CATALOGUE, CATALOGUE.plan(plan))
    return next(each for each in found if each.model.name == model)


def test_every_plan_says_its_capacity_for_every_model():
    for plan in CATALOGUE.plans.values():
        names = [each.model.name for each in capacity_of(CATALOGUE, plan)]
        assert names == list(CATALOGUE.models)


def test_a_video_is_four_seconds_at_the_default_resolution():
    assert of("basic", "reel-3").by_credits == 80
    assert of("basic", "reel-3").by_quota == 400
    assert of("basic", "reel-3").together == 480


def test_a_part_of_a_video_is_none():
    assert of("ultimate", "reel-4").by_quota == 833  # 2 500 units, 3 for each


def test_a_model_without_a_quota_is_not_said_to_have_one_of_nothing():
    assert of("basic", "reel-4").by_quota is None
    assert of("basic", "reel-4").together == of("basic", "reel-4").by_credits == 32
