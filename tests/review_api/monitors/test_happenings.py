from __future__ import annotations

import pytest

from detectors.stages import Stage
from review_api.monitors.happenings import Happened, happenings
from review_api.monitors.records import PromiseChange
from review_api.monitors.shelf import Shelf
from review_api.monitors.vocabulary import PromiseStanding
from tests.shelves import A, B, manifest, move, two
from tests.verdicts import DAY, MONDAY


def told(moves, changes=(), manifests=None):
    return [(each.what, each.version) for each in happenings(moves, manifests or {}, changes)][::-1]


def test_a_life_of_two_models_is_told_in_order():
    moves = [
        move(1, A, Stage.CHAMPION),
        move(2, B, Stage.CHALLENGER, day=1),
        move(3, B, Stage.CHAMPION, day=8),
        move(4, A, Stage.CHAMPION, back=True, day=9),
    ]
    assert told(moves, manifests={B: manifest(B, MONDAY + DAY / 2)}) == [
        (Happened.PROMOTED, A),
        (Happened.REGISTERED, B),
        (Happened.CHALLENGER, B),
        (Happened.PROMOTED, B),
        (Happened.ROLLED_BACK, A),
    ]


def test_a_candidate_that_goes_no_further_was_refused_and_a_champion_taken_away_is_retired():
    moves = [
        move(1, A, Stage.CHAMPION),
        move(2, B, Stage.SHADOW),
        move(3, B, Stage.RETIRED, why="precision: 0.91 is below 0.95"),
        move(4, A, Stage.RETIRED),
    ]
    found = happenings(moves, {B: manifest(B)}, ())
    assert [each.what for each in found[::-1]] == [
        Happened.PROMOTED, Happened.REGISTERED, Happened.REFUSED, Happened.RETIRED,
    ]  # fmt: skip
    assert found[1].why == "precision: 0.91 is below 0.95"


def test_a_candidate_that_nothing_speaks_against_was_not_refused_but_set_aside():
    moves = [move(1, A, Stage.CHALLENGER), move(2, A, Stage.RETIRED), move(3, B, Stage.RETIRED)]
    found = happenings(moves, {}, (), unrefused=[A])
    assert [each.what for each in found[::-1]] == [
        Happened.CHALLENGER, Happened.SET_ASIDE, Happened.REFUSED,
    ]  # fmt: skip


def test_what_happened_to_the_promise_stands_among_the_moves():
    changes = [
        PromiseChange(standing=standing, since=MONDAY + day * DAY, actor="x", why="w")
        for day, standing in ((2, PromiseStanding.IN_DOUBT), (4, PromiseStanding.TRUSTED))
    ]
    moves = [move(1, A, Stage.CHAMPION), move(2, B, Stage.CHAMPION, day=3)]
    assert told(moves, changes) == [
        (Happened.PROMOTED, A), (Happened.FELL_BACK, ""), (Happened.PROMOTED, B),
        (Happened.TRUSTED, ""),
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return two(tmp_path / "models")


def test_a_shelf_shows_who_holds_which_stage_and_what_lies_beside_a_model(folder):
    shelf = Shelf(folder)
    seen = shelf.look()
    assert (seen.champion, seen.challenger, seen.versions) == (A, B, (A, B))
    assert shelf.manifest(B).accounts == 1200
    assert [check.name for check in shelf.gate(B).checks] == ["precision"]
    assert (shelf.has_card(A), shelf.has_card(B)) == (False, True)
    assert shelf.beside(B, "card.html").startswith(b"<!doctype")
    assert shelf.gate(A) is None


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (B, "manifest.json"),
        (B, "../moves/000001.json"),
        ("..", "card.html"),
        ("moves", "card.html"),
        (B, "arrays.npz"),
        (B, "other.svg"),
    ],
)
def test_nothing_but_what_is_kept_to_be_looked_at_leaves_the_folder(folder, version, name):
    assert Shelf(folder).beside(version, name) is None


def test_a_damaged_registry_says_so_and_shows_the_models(folder):
    (folder / "moves" / "000002.json").write_text("{")
    (folder / A / "manifest.json").write_text("[]")
    (folder / B / "gate.json").write_text("[]")
    seen = Shelf(folder).look()
    assert "damaged" in seen.fault
    assert (seen.moves, seen.versions) == ((), (A, B))
    assert (Shelf(folder).manifest(A), Shelf(folder).gate(B)) == (None, None)


@pytest.mark.parametrize("where", [None, "nowhere"])
def test_a_server_that_sees_no_registry_shows_none(tmp_path, where):
    seen = Shelf(tmp_path / where if where else None).look()
    assert (seen.moves, seen.versions, seen.fault, seen.champion) == ((), (), "", None)
