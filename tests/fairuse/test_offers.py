"""A catalogue that has lost a plan of somebody's is refused before anything is served."""

from __future__ import annotations

import pytest

from access.accounts import lock_account
from access.catalogue import PACKAGED, load_catalogue
from access.database import writers
from access.errors import CatalogueError
from access.subscribing import note_subscription
from fairuse.settings import load_settings
from fairuse.wiring import read_offers, refuse_lost_plans
from tests.subscribers import on, said


def subscribe(database, plan):
    with writers(database.engine).begin() as session:
        lock_account(session, "ann", on("06-01"))
        note_subscription(session, "ann", said("started", "01-10", plan), on("06-01"))


def test_a_plan_that_somebody_has_may_not_go(database):
    subscribe(database, "legacy")
    with pytest.raises(CatalogueError, match=r"catalogue.toml: \[plans.legacy\] is missing"):
        refuse_lost_plans(database.engine, load_settings(), load_catalogue())


def test_a_catalogue_with_every_plan_is_served(database):
    subscribe(database, "pro")
    refuse_lost_plans(database.engine, load_settings(), load_catalogue())


def test_the_operators_own_catalogue_is_read_in_place_of_the_packaged_one(tmp_path):
    own = tmp_path / "offers.toml"
    own.write_text(PACKAGED.read_text().replace("version = 1\n", "version = 2\n"))
    assert read_offers(load_settings()).version == 1
    assert read_offers(load_settings(catalogue=str(own))).version == 2
