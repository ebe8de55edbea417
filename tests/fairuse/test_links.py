"""`fairuse links` writes the graph of linked accounts, the same one every time."""

from __future__ import annotations

import csv

import pytest

from fairuse.errors import WrongInputError
from fairuse.linked_rows import read_links, with_links
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


ROW = ("acc_1", 9, *["0.5"] * 5, "allow", "", "no_rest")


@pytest.mark.parametrize(
    ("before", "after"), [("allow", "review"), ("review", "review"), ("pause", "pause")]
)
def test_links_turn_a_row_into_a_review_and_never_into_a_pause(before, after):
    row = (*ROW[:7], before, "", "even_gaps")
    (joined,) = with_links([row], {"acc_1": ["linked_to_confirmed"]})
    assert joined == (*ROW[:7], after, "", "even_gaps;linked_to_confirmed")


def test_rows_of_accounts_without_links_stay_as_they_are():
    assert list(with_links([ROW], {"acc_2": ["linked_to_confirmed"]})) == [ROW]


def test_what_links_wrote_is_read_again(traffic, tmp_path):
    folder, simulation = traffic
    out = tmp_path / "links.csv"
    link_files(Settings(), [str(folder / "events.parquet")], out, folder / "labels.csv")
    farm = [name for name, persona in simulation.personas.items() if persona == "account_farm"]
    assert read_links(out) == {account: ["linked_to_confirmed"] for account in farm}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("account_id,why\n", "line 1"),
        ("account_id,reasons\nacc_1,\nacc_2,no_rest\n", "line 3, field reasons"),
    ],
)
def test_a_file_that_is_not_of_links_is_refused_by_line_and_field(tmp_path, text, complaint):
    path = tmp_path / "links.csv"
    path.write_text(text)
    with pytest.raises(WrongInputError, match=complaint):
        read_links(path)
