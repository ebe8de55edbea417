"""A full disk or a kill within a write: the champion is not in doubt, and trying again works."""

from __future__ import annotations

import errno
import os

import msgspec
import pytest

from detectors.calibration import Calibration
from detectors.journal import FOLDER
from detectors.model import Incompatible
from detectors.registry import Registry
from detectors.stages import Stage


class Killed(BaseException):
    """Nobody catches it, as nobody catches a kill."""


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def registry(tmp_path, fitted):
    made = Registry(tmp_path / "models")
    made.install(fitted.bank, fitted.calibration, fitted.manifest, actor="a test", why="needed")
    return made


@pytest.fixture
def champion(registry):
    return registry.champion_version()


def another(registry, fitted):
    fewer = Calibration(fitted.calibration.maxima[1:])
    return registry.register(fitted.bank, fewer, fitted.manifest).manifest.version


def failing(error, after):
    """Sync files until `after` of them were; then fail."""
    left, sync = [after], os.fsync

    def fsync(handle):
        if left[0] == 0:
            raise error
        left[0] -= 1
        sync(handle)

    return fsync


@pytest.mark.parametrize("error", [FULL, Killed()])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_model_that_was_not_wholly_written_is_not_there(
    registry, fitted, monkeypatch, error, after
):
    champion = registry.champion_version()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(error, after))
        with pytest.raises(type(error)):
            another(registry, fitted)
    assert registry.versions() == [champion]
    assert registry.champion().manifest.version == champion
    version = another(registry, fitted)
    assert registry.load(version).manifest.version == version


def test_a_full_disk_leaves_no_rest_of_a_model(registry, fitted, monkeypatch):
    before = sorted(registry.directory.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(FULL, 1))
        with pytest.raises(OSError, match="No space left"):
            another(registry, fitted)
    assert sorted(registry.directory.iterdir()) == before


@pytest.mark.parametrize("error", [FULL, Killed()])
@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_move_that_was_not_wholly_written_did_not_happen(
    registry, fitted, monkeypatch, error, call
):
    champion, before = registry.champion_version(), registry.moves()
    version = another(registry, fitted)

    def failed(*_):
        raise error

    said = {"actor": "ann", "why": "it is newer", "at": "2026-11-23"}
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failed)
        with pytest.raises(type(error)):
            registry.move(version, Stage.CHAMPION, **said)
    assert registry.moves() == before
    assert len(list((registry.directory / FOLDER).iterdir())) == len(before)
    assert registry.champion().manifest.version == champion
    assert registry.move(version, Stage.CHAMPION, **said).number == before[-1].number + 1
    assert registry.champion_version() == version


def test_a_full_disk_keeps_what_was_beside_a_model(registry, champion, monkeypatch):
    registry.keep_beside(champion, "gate.json", b"tonight")
    before = sorted((registry.directory / champion).iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(FULL, 0))
        with pytest.raises(OSError, match="No space left"):
            registry.keep_beside(champion, "gate.json", b"tomorrow")
    assert registry.beside(champion, "gate.json") == b"tonight"
    assert sorted((registry.directory / champion).iterdir()) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"number": "two"}'])
def test_a_damaged_move_is_named_and_no_champion_is_guessed(registry, content):
    path = registry.directory / FOLDER / "000002.json"
    path.write_bytes(content)
    with pytest.raises(Incompatible, match=r"000002.json: this move is damaged"):
        registry.champion_version()


def test_a_move_that_is_missing_is_named_and_no_champion_is_guessed(registry, champion, fitted):
    version = another(registry, fitted)
    for to in (version, champion, version):
        registry.move(to, Stage.CHAMPION, actor="ann", why="a test", at="2026-11-23")
    (registry.directory / FOLDER / "000003.json").unlink()
    with pytest.raises(Incompatible, match=r"000003.json: this move is missing"):
        registry.champion_version()
    (registry.directory / FOLDER / "000001.json").unlink()
    with pytest.raises(Incompatible, match=r"000001.json: this move is missing"):
        registry.champion_version()


def test_a_move_that_cannot_be_read_is_named_likewise(registry):
    (registry.directory / FOLDER / "000002.json").mkdir()
    with pytest.raises(Incompatible, match=r"Is a directory.*000002.json"):
        registry.champion_version()


@pytest.mark.parametrize("name", ["arrays.npz", "manifest.json"])
@pytest.mark.parametrize("content", [b"half", None])
def test_a_model_that_is_made_again_mends_the_one_that_was_damaged(registry, fitted, name, content):
    version = another(registry, fitted)
    folder = registry.directory / version
    registry.keep_beside(version, "gate.json", b"tonight")
    history = (folder / "manifest.json").read_bytes()
    (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    later = msgspec.structs.replace(fitted.manifest, created_at="2026-12-24T09:00:00Z")
    fewer = Calibration(fitted.calibration.maxima[1:])
    assert registry.register(fitted.bank, fewer, later).manifest.version == version
    assert registry.load(version).manifest.version == version
    kept = (folder / "manifest.json").read_bytes() == history
    assert kept is (name == "arrays.npz")
    assert registry.beside(version, "gate.json") == b"tonight"
    assert list(registry.directory.glob(".new-*")) == []
