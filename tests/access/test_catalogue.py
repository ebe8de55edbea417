"""A catalogue is read whole or refused with the place of what is wrong."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from access.catalogue import load_catalogue, read_catalogue
from access.errors import CatalogueError, UnknownModelError, UnknownPlanError
from access.vocabulary import Media

HEAD = """version = 3
currency = "EUR"
default_plan = "free"
zone = "Europe/Berlin"
"""
MODEL = """
[models.reel]
title = "Reel"
media = "video"
[models.reel.rates]
720p = { credits = 1, quota = 0.5 }
"""
PLAN = """
[plans.free]
title = "Free"
price = 0
credits = 12.125
concurrency = 1
credit_concurrency = 1
weight = 1
ladder = [{ after_days = 0, factor = 1 }]
"""
POOL = """
[[plans.free.pools]]
name = "film"
units = 10
models = ["reel"]
"""
SMALL = HEAD + MODEL + PLAN + POOL


def test_the_packaged_catalogue_offers_five_plans_in_the_order_of_upgrades():
    catalogue = load_catalogue()
    assert list(catalogue.plans) == ["free", "basic", "pro", "ultimate", "creator"]
    plans = list(catalogue.plans.values())
    assert [plan.rank for plan in plans] == [0, 1, 2, 3, 4]
    for plain, dearer in pairwise(plans):
        assert plain.price < dearer.price
        assert plain.credits < dearer.credits
        assert plain.concurrency < dearer.concurrency
    assert {model.media for model in catalogue.models.values()} == set(Media)


def test_a_small_catalogue_is_read_as_written():
    catalogue = read_catalogue(SMALL, "small.toml")
    assert (catalogue.version, catalogue.currency) == (3, "EUR")
    assert catalogue.zone == ZoneInfo("Europe/Berlin")
    free = catalogue.plan("free")
    assert free.credits == Decimal("12.125")
    assert free.pool_of("reel") == free.pools[0]
    assert free.pool_of("still") is None
    assert catalogue.model("reel").rates["720p"].quota == Decimal("0.5")
    assert catalogue.model("reel").default_resolution == "720p"
    assert (catalogue.features, catalogue.packs) == ({}, ())


def test_a_name_that_is_not_offered_is_said_with_those_that_are():
    catalogue = read_catalogue(SMALL, "small.toml")
    with pytest.raises(UnknownPlanError, match="no plan 'gold'; there are free"):
        catalogue.plan("gold")
    with pytest.raises(UnknownModelError, match="no model 'x'"):
        catalogue.model("x")


FAULTS = [
    ("version = 3", "version = 0", "at the top version: "),
    ("version = 3", "", "at the top version is missing"),
    ('"EUR"', '"euro"', "at the top currency: "),
    ('"Europe/Berlin"', '"Berlin"', "at the top zone names no time zone: 'Berlin'"),
    ('"Europe/Berlin"', '"../etc/passwd"', "at the top zone names no time zone"),
    ("version = 3", "version = 3\nvresion = 4", "at the top Object contains unknown field"),
    ('default_plan = "free"', 'default_plan = "gold"', r"default_plan is gold, and there is no"),
    ("price = 0", "", r"\[plans.free\] price is missing"),
    ("price = 0", "price = -1", r"\[plans.free\] price is negative: -1"),
    ("price = 0", "price = nan", r"\[plans.free\] price is no amount: NaN"),
    ("price = 0", "price = true", r"\[plans.free\] price: "),
    ("price = 0", "price = 1e400", r"\[plans.free\] price is no amount"),
    ("price = 0", "price = 5", r"\[plans.free\]: price must be 0"),
    ("12.125", "12.1251", r"\[plans.free\] credits has more than three decimals"),
    ("concurrency = 1\nc", "concurrency = 0\nc", r"\[plans.free\] concurrency: "),
    ("weight = 1", "weight = 0", r"\[plans.free\] weight must lie above 0"),
    ("weight = 1", "weight = inf", r"\[plans.free\] weight must lie above 0"),
    ("[{ after_days = 0, factor = 1 }]", "[]", "ladder must begin with a step after 0 days"),
    ("after_days = 0", "after_days = 9", "ladder must begin with a step after 0 days"),
    ("factor = 1 }", "factor = 2 }, {after_days = 9, factor = 1}", "ladder falls after 9 days"),
    ("factor = 1 }", "factor = 1 }, {after_days = 0, factor = 1}", "after 0 days out of order"),
    ("factor = 1 }", "factor = 0 }", r"\[plans.free\] ladder\[0\]: factor must lie above 0"),
    ('["reel"]', '["reel", "film-9"]', r"pools\]\] models: film lists film-9, which is no model"),
    ('["reel"]', "[]", r"pools\[0\]: models is empty"),
    ("units = 10", "units = 0", r"pools\[0\]: units must be above 0"),
    (POOL, POOL + POOL, r"\[\[plans.free.pools\]\] name: film is there 2 times"),
    (POOL, POOL + POOL.replace('"film"', '"b"'), r"pools\]\] models: reel is there 2 times"),
    ('"video"', '"hologram"', r"\[models.reel\] media: "),
    ("credits = 1, ", "", r"\[models.reel.rates\] 720p credits is missing"),
    ("quota = 0.5", "quota = 0", r"\[models.reel.rates\] 720p quota must be above 0"),
    ("720p = { credits = 1, quota = 0.5 }", "", r"\[models.reel\] rates name no resolution"),
    (MODEL, "", r"\[models\] is missing or empty"),
    (PLAN + POOL, "", r"\[plans\] is missing or empty"),
    (MODEL, MODEL + "[features]\nextend = -1", r"\[features\] extend must lie above 0"),
    (MODEL, MODEL + "[features]\nextend = 'x'", r"\[features\] extend "),
    (MODEL, MODEL + "[[packs]]\nname = 's'\ncredits = 0\nprice = 1", r"\[0\]: credits must be"),
    (MODEL, "[models]\nreel = 3", r"\[models.reel\] Expected"),
    ("[plans.free]", "[plans.'fr ee']", r"\[plans\]"),
    ("version = 3", "version = ", "this is not TOML"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_is_said_with_file_table_and_field(old, new, said):
    assert old in SMALL
    with pytest.raises(CatalogueError, match=f"^small.toml: .*{said}"):
        read_catalogue(SMALL.replace(old, new, 1), "small.toml")


def test_a_catalogue_that_is_not_there_is_said_by_its_path(tmp_path):
    with pytest.raises(CatalogueError, match=r"none.toml: the catalogue cannot be read"):
        load_catalogue(tmp_path / "none.toml")


def test_a_catalogue_that_is_not_text_is_said_by_its_path(tmp_path):
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogueError, match=r"odd.toml: the catalogue cannot be read"):
        load_catalogue(tmp_path / "odd.toml")
