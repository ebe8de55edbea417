"""The registry: models come back whole or not at all, and never run code."""

from __future__ import annotations

import shutil
import threading

import msgspec
import numpy as np
import pytest

from detectors.calibration import Calibration
from detectors.journal import POINTER, MoveLost, write_move
from detectors.model import Incompatible, Manifest, arrays_of, version_of
from detectors.registry import NoModel, Registry
from detectors.stages import Stage
from features.view import VIEW


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "models")


@pytest.fixture
def stored(registry, fitted):
    return registry.install(
        fitted.bank, fitted.calibration, fitted.manifest, actor="a test", why="it is needed"
    )


def folder(registry, model):
    return registry.directory / model.manifest.version


def test_a_model_comes_back_to_the_bit(registry, stored):
    found = registry.champion()
    assert found.manifest == stored.manifest
    wanted = arrays_of(stored.bank, stored.calibration)
    for name, array in arrays_of(found.bank, found.calibration).items():
        assert array.tobytes() == wanted[name].tobytes(), name
    rows = np.random.default_rng(1).normal(size=(50, len(VIEW.names)))
    rows[:, 0] = np.linspace(0, 3000, 50)
    assert found.bank.score(rows)[0].tobytes() == stored.bank.score(rows)[0].tobytes()


def test_the_manifest_says_what_the_model_is(registry, stored, usual):
    manifest = registry.champion().manifest
    assert manifest.features == VIEW.names
    assert manifest.view_fingerprint == VIEW.fingerprint
    assert (manifest.origin, manifest.seed) == ("archive", 5)
    assert (manifest.accounts, manifest.calibrated, manifest.excluded) == (60, 60, 0)
    assert manifest.events == len(usual)
    assert manifest.first_event < manifest.last_event
    assert manifest.created_at == "2026-11-23T09:00:00Z"
    raw = (folder(registry, stored) / "manifest.json").read_bytes()
    assert msgspec.json.decode(raw, type=Manifest) == manifest


def test_an_empty_registry_says_how_to_get_a_model(registry):
    with pytest.raises(NoModel, match="run `fairuse fit` first"):
        registry.champion()
    assert registry.versions() == []


def test_the_same_content_is_one_model_and_other_content_another(registry, stored, fitted):
    again = registry.install(
        fitted.bank, fitted.calibration, fitted.manifest, actor="a test", why="it is needed"
    )
    assert again.manifest.version == stored.manifest.version
    other = Calibration(fitted.calibration.maxima[1:])
    newer = registry.install(
        fitted.bank, other, fitted.manifest, actor="a test", why="it is needed"
    )
    assert registry.versions() == sorted([stored.manifest.version, newer.manifest.version])
    assert registry.champion().manifest.version == newer.manifest.version


def test_where_a_model_came_from_is_part_of_what_it_is(registry, stored, fitted):
    simulated = msgspec.structs.replace(fitted.manifest, origin="simulator")
    other = registry.install(
        fitted.bank, fitted.calibration, simulated, actor="a test", why="it is needed"
    )
    assert other.manifest.version != stored.manifest.version
    assert registry.champion().manifest.origin == "simulator"


@pytest.mark.parametrize("where", ["arrays.npz", "manifest.json"])
@pytest.mark.parametrize("cut", [0, 10, 300, -1])
def test_a_truncated_file_is_refused(registry, stored, where, cut):
    path = folder(registry, stored) / where
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(Incompatible, match=stored.manifest.version):
        registry.champion()


def test_an_altered_byte_is_refused_wherever_it_lies(registry, stored):
    path = folder(registry, stored) / "arrays.npz"
    raw = path.read_bytes()
    directory = raw.rindex(b"PK\x01\x02") - 2000  # names and dates at the end are no content
    for place in np.random.default_rng(2).integers(200, directory, 25):
        altered = bytearray(raw)
        altered[place] ^= 0x10
        path.write_bytes(bytes(altered))
        try:
            registry.champion()
        except Incompatible:
            continue
        pytest.fail(f"byte {place} was altered unseen")


@pytest.mark.parametrize(("place", "value"), [(8, 1), (8, 32), (10, 99), (6, 255)])
def test_an_altered_table_of_contents_is_refused(registry, stored, place, value):
    """As if encrypted, patched, packed in a way nobody knows, or of a version to come."""
    path = folder(registry, stored) / "arrays.npz"
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + place] |= value
    path.write_bytes(raw)
    with pytest.raises(Incompatible, match=stored.manifest.version):
        registry.champion()


def test_a_model_that_knows_another_kind_is_refused(registry, stored):
    arrays = arrays_of(stored.bank, stored.calibration)
    arrays["bank.weights"] = np.vstack([arrays["bank.weights"], arrays["bank.weights"][-1:]])
    version = version_of(arrays, stored.manifest)
    manifest = msgspec.structs.replace(stored.manifest, version=version)
    other = registry.directory / version
    other.mkdir()
    np.savez(other / "arrays.npz", allow_pickle=False, **arrays)
    (other / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(Incompatible, match=version):
        registry.load(version)


def test_a_simulated_model_cannot_be_passed_off_as_real(registry, fitted):
    simulated = msgspec.structs.replace(fitted.manifest, origin="simulator")
    stored = registry.install(
        fitted.bank, fitted.calibration, simulated, actor="a test", why="it is needed"
    )
    path = folder(registry, stored) / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"simulator"', b'"archive"'))
    with pytest.raises(Incompatible, match="was altered"):
        registry.champion()


def test_pickled_objects_are_refused(registry, stored):
    path = folder(registry, stored) / "arrays.npz"
    np.savez(path, **{"tails.grid": np.array([{"any": "thing"}], dtype=object)})
    with pytest.raises(Incompatible, match="allow_pickle"):
        registry.champion()


def test_a_model_of_another_view_is_refused_with_what_to_do(registry, fitted):
    manifest = msgspec.structs.replace(fitted.manifest, view_fingerprint="feedfacefeedface")
    registry.install(fitted.bank, fitted.calibration, manifest, actor="a test", why="it is needed")
    with pytest.raises(Incompatible, match=r"feedfacefeedface.*fit a new model"):
        registry.champion()


def test_a_champion_that_is_gone_is_a_clear_error(registry, stored):
    shutil.rmtree(folder(registry, stored))
    with pytest.raises(Incompatible, match=stored.manifest.version):
        registry.champion()


def test_the_pointer_of_an_earlier_release_names_the_champion_until_somebody_moves(
    registry, stored, fitted
):
    shutil.rmtree(registry.directory / "moves")
    (registry.directory / POINTER).write_text(stored.manifest.version + "\n")
    assert registry.champion().manifest == stored.manifest
    newer = registry.register(
        fitted.bank, Calibration(fitted.calibration.maxima[1:]), fitted.manifest
    )
    version = newer.manifest.version
    registry.move(version, Stage.CHAMPION, actor="ann", why="it is newer", at="2026-11-23")
    assert registry.champion_version() == version
    assert registry.rollback(actor="ann", why="it was better", at="2026-11-24").number == 2
    assert registry.champion().manifest == stored.manifest


def test_a_registered_model_is_in_shadow_until_it_is_moved(registry, stored, fitted):
    other = registry.register(
        fitted.bank, Calibration(fitted.calibration.maxima[1:]), fitted.manifest
    )
    version = other.manifest.version
    assert registry.stage_of(version) is Stage.SHADOW
    registry.move(version, Stage.CHALLENGER, actor="night", why="it passed", at="2026-11-23")
    assert registry.challenger().manifest == other.manifest
    assert registry.champion().manifest == stored.manifest
    registry.move(version, Stage.CHAMPION, actor="night", why="it passed again", at="2026-11-30")
    assert registry.challenger() is None
    assert registry.stage_of(stored.manifest.version) is Stage.RETIRED


def test_of_two_who_move_at_once_one_hears_that_the_other_was_quicker(registry, stored):
    known = registry.moves()[-1].number
    version = stored.manifest.version
    registry.move(version, Stage.RETIRED, actor="ann", why="first", at="2026-11-23", after=known)
    with pytest.raises(MoveLost, match="look again"):
        registry.move(version, Stage.CHAMPION, actor="bo", why="second", at="2026-11-23",
                      after=known)  # fmt: skip
    assert [move.actor for move in registry.moves()][-1] == "ann"


def test_what_a_crash_left_behind_is_ignored(registry, stored):
    (registry.directory / ".new-x1").mkdir()
    (registry.directory / ".new-x1" / "manifest.json").write_text("{}")
    (registry.directory / "moves" / ".new-x2").write_text("half")
    assert registry.versions() == [stored.manifest.version]
    assert registry.champion().manifest == stored.manifest


def test_several_at_once_may_register_the_same_model(registry, fitted):
    failures, gate = [], threading.Barrier(4)

    def register():
        gate.wait(timeout=10)
        try:
            registry.install(
                fitted.bank, fitted.calibration, fitted.manifest, actor="a test", why="it is needed"
            )
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    assert registry.versions() == [registry.champion().manifest.version]
    assert [path for path in registry.directory.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("quicker", ["the same", "another"])
def test_what_a_person_asked_for_is_tried_again_when_somebody_else_moved(
    registry, stored, fitted, monkeypatch, quicker
):
    other = registry.register(
        fitted.bank, Calibration(fitted.calibration.maxima[1:]), fitted.manifest
    )
    moved = []

    def late(directory, made):
        if not moved:
            first = made if quicker == "the same" else stored_move(made, stored)
            moved.append(first)
            write_move(directory, first)
        write_move(directory, made)

    def stored_move(made, model):
        return msgspec.structs.replace(made, version=model.manifest.version, stage=Stage.RETIRED)

    monkeypatch.setattr("detectors.registry.write_move", late)
    registry.install(
        other.bank, other.calibration, other.manifest, actor="a test", why="it is needed"
    )
    assert moved
    assert registry.champion_version() == other.manifest.version


def test_the_champion_is_always_a_whole_model(registry, stored, fitted):
    """Read the champion while others replace it: no reader ever meets half a move."""
    models = [Calibration(fitted.calibration.maxima[skip:]) for skip in (0, 1, 2)]
    done = threading.Event()

    def replace():
        for turn in range(15):
            registry.install(
                fitted.bank, models[turn % 3], fitted.manifest, actor="a test", why="it is needed"
            )
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    read = 0
    while not done.is_set() and read < 500:
        assert registry.champion().manifest.version in registry.versions()
        read += 1
    writer.join(timeout=30)
    assert read > 0
