"""`fairuse links` writes the graph of linked accounts, the same one every time."""

from __future__ import annotations

import csv

import pytest

from fairuse.errors import WrongInputError
from fairuse.linking import COLUMNS, link_files
from fairuse.settings import Settings
from fairuse.simulating import write_labels
from streams.files import write_events
from streams.simulator import Mix, simulate

WITH_FARMS = Mix({"casual": 0.6, "family_member": 0.2, "account_farm": 0.2})


@pytest.fixture(scope="module")
def traffic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traffic")
    simulation = simulate(50, 4, seed=3, mix=WITH_FARMS)
    write_events(folder / "events.parquet", simulation.tables())
    write_labels(folder / "labels.csv", simulation.labels)
    return folder, simulation


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_farm_is_written_as_one_component(traffic, tmp_path):
    folder, simulation = traffic
    facts = link_files(Settings(), [str(folder / "events.parquet")], tmp_path / "links.csv", None)
    found = rows(tmp_path / "links.csv")
    assert tuple(found[0]) == COLUMNS
    farm = {name for name, persona in simulation.personas.items() if persona == "account_farm"}
    largest = {row["account_id"] for row in found if row["component"] == "0"}
    assert largest == farm
    (component,) = facts["beyond_a_household"]
    assert component["accounts"] == len(farm) == 9


def test_without_labels_and_in_the_first_week_nobody_is_to_be_reviewed(traffic, tmp_path):
    folder, _ = traffic
    facts = link_files(Settings(), [str(folder / "events.parquet")], tmp_path / "links.csv", None)
    assert facts["to_review"] == 0
    assert not any(row["reasons"] for row in rows(tmp_path / "links.csv"))


def test_labels_tell_which_neighbours_are_confirmed(traffic, tmp_path):
    folder, simulation = traffic
    out, labels = tmp_path / "links.csv", folder / "labels.csv"
    link_files(Settings(), [str(folder / "events.parquet")], out, labels)
    for row in rows(out):
        farmed = simulation.personas[row["account_id"]] == "account_farm"
        assert row["reasons"] == ("linked_to_confirmed" if farmed else "")


def test_the_same_events_give_the_same_file(traffic, tmp_path):
    folder, _ = traffic
    for name in ("a.csv", "b.csv"):
        link_files(Settings(), [str(folder / "events.parquet")], tmp_path / name, None)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_file_that_cannot_be_written_is_named(traffic, tmp_path):
    folder, _ = traffic
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongInputError, match=r"links\.csv"):
        link_files(
            Settings(), [str(folder / "events.parquet")], tmp_path / "file" / "links.csv", None
        )
