"""Which model scores: the champion, a first one, or none of another feature view."""

from __future__ import annotations

import errno
import json
import os
import shutil

import pytest

from detectors.registry import Registry
from detectors.training import Fitted
from fairuse import models
from fairuse.errors import ProgramError, WrongInputError
from fairuse.retrain.plan import Tonight, make_plan
from tests.fairuse.world import CLOCK


@pytest.fixture
def small_first_model(monkeypatch):
    monkeypatch.setattr(models, "FIRST_ACCOUNTS", 120)
    monkeypatch.setattr(models, "FIRST_DAYS", 2.0)


@pytest.fixture
def fresh(registry):
    """Give what somebody fitted, not yet in any registry."""
    model = Registry(registry).champion()
    return Fitted(model.bank, model.calibration, model.manifest)


@pytest.fixture
def foreign(tmp_path, registry):
    """Give a registry whose champion belongs to another feature view."""
    folder = tmp_path / "registry"
    shutil.copytree(registry, folder)
    version = Registry(folder).champion_version()

    def of(origin: str):
        file = folder / version / "manifest.json"
        changes = {"view_fingerprint": "0" * 16, "origin": origin}
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))
        return folder

    return of


def test_the_champion_is_used_where_there_is_one(registry):
    champion = Registry(registry).champion()
    found = models.champion_or_first(Registry(registry), CLOCK)
    assert found.manifest.version == champion.manifest.version


def test_an_empty_registry_gets_a_first_model_that_says_where_it_is_from(
    tmp_path, small_first_model, capsys
):
    made = models.champion_or_first(Registry(tmp_path), CLOCK)
    assert made.manifest.origin == "simulator"
    assert "uncalibrated on real people" in capsys.readouterr().err
    again = models.champion_or_first(Registry(tmp_path), CLOCK)
    assert again.manifest.version == made.manifest.version


def test_a_fitted_model_of_another_feature_view_is_refused(foreign):
    with pytest.raises(WrongInputError, match="models rollback"):
        models.champion_or_first(Registry(foreign("archive")), CLOCK)


def test_a_damaged_move_is_named_and_nothing_is_made_in_its_place(foreign):
    folder = foreign("archive")
    (folder / "moves" / "000009.json").write_text("{")
    with pytest.raises(WrongInputError, match=r"000009.json: this move is damaged.*from a copy"):
        models.champion_or_first(Registry(folder), CLOCK)


@pytest.mark.parametrize("changes", [{"night": "", "parent": ""}, {"parent": "0" * 12}])
def test_no_first_model_takes_the_place_of_a_champion_that_is_forgotten(foreign, changes):
    folder = foreign("archive")
    file = folder / Registry(folder).champion_version() / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    shutil.rmtree(folder / "moves")
    before = sorted(folder.iterdir())
    with pytest.raises(WrongInputError, match=r"`moves`.* is gone.*from a copy.*models promote"):
        models.champion_or_first(Registry(folder), CLOCK)
    tonight = Tonight(CLOCK.now(), asked=False, seed=1, engine="local")
    with pytest.raises(WrongInputError, match=r"`moves`.* is gone"):
        make_plan(Registry(folder), folder / "archive", tonight)
    assert sorted(folder.iterdir()) == before


def test_what_a_first_night_left_before_it_moved_anything_is_no_forgotten_champion(
    foreign, small_first_model
):
    folder = foreign("archive")
    file = folder / Registry(folder).champion_version() / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"night": "2026-11-23"}))
    shutil.rmtree(folder / "moves")
    assert models.champion_or_first(Registry(folder), CLOCK).manifest.origin == "simulator"


def test_a_model_that_cannot_be_stored_or_moved_is_told_in_a_line(tmp_path, fresh, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ProgramError, match=r"No space left on device: nothing was moved"):
            models.installed(Registry(tmp_path), fresh, "ann", "a test")
    (tmp_path / "moves").mkdir()
    (tmp_path / "moves" / "000001.json").write_text("{")
    with pytest.raises(ProgramError, match=r"000001.json: this move is damaged"):
        models.installed(Registry(tmp_path), fresh, "ann", "a test")


def test_a_first_model_of_another_feature_view_is_trained_again(foreign, small_first_model):
    made = models.champion_or_first(Registry(foreign("simulator")), CLOCK)
    assert made.require().manifest.origin == "simulator"
