"""The registry: models come back whole or not at all, and never run code."""

from __future__ import annotations

import threading

import msgspec
import numpy as np
import pytest

from detectors.calibration import Calibration
from detectors.model import Incompatible, Manifest, arrays_of
from detectors.registry import CHAMPION, NoModel, Registry
from features.view import VIEW


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "models")


@pytest.fixture
def stored(registry, fitted):
    return registry.register(fitted.bank, fitted.calibration, fitted.manifest)


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
    again = registry.register(fitted.bank, fitted.calibration, fitted.manifest)
    assert again.manifest.version == stored.manifest.version
    other = Calibration(fitted.calibration.maxima[1:])
    newer = registry.register(fitted.bank, other, fitted.manifest)
    assert registry.versions() == sorted([stored.manifest.version, newer.manifest.version])
    assert registry.champion().manifest.version == newer.manifest.version


def test_where_a_model_came_from_is_part_of_what_it_is(registry, stored, fitted):
    simulated = msgspec.structs.replace(fitted.manifest, origin="simulator")
    other = registry.register(fitted.bank, fitted.calibration, simulated)
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


def test_a_simulated_model_cannot_be_passed_off_as_real(registry, fitted):
    simulated = msgspec.structs.replace(fitted.manifest, origin="simulator")
    stored = registry.register(fitted.bank, fitted.calibration, simulated)
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
    registry.register(fitted.bank, fitted.calibration, manifest)
    with pytest.raises(Incompatible, match=r"feedfacefeedface.*fit a new model"):
        registry.champion()


def test_a_pointer_to_a_model_that_is_gone_is_a_clear_error(registry, stored):
    (registry.directory / CHAMPION).write_text("0123456789ab\n")
    with pytest.raises(Incompatible, match="0123456789ab"):
        registry.champion()


def test_what_a_crash_left_behind_is_ignored(registry, stored):
    (registry.directory / ".new-x1").mkdir()
    (registry.directory / ".new-x1" / "manifest.json").write_text("{}")
    (registry.directory / ".champion-x2").write_text("half")
    assert registry.versions() == [stored.manifest.version]
    assert registry.champion().manifest == stored.manifest


def test_several_at_once_may_register_the_same_model(registry, fitted):
    failures, gate = [], threading.Barrier(4)

    def register():
        gate.wait(timeout=10)
        try:
            registry.register(fitted.bank, fitted.calibration, fitted.manifest)
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


def test_the_pointer_always_names_a_whole_model(registry, stored, fitted):
    """Read the champion while others replace it: no reader ever meets half a pointer."""
    models = [Calibration(fitted.calibration.maxima[skip:]) for skip in (0, 1, 2)]
    done = threading.Event()

    def replace():
        for turn in range(15):
            registry.register(fitted.bank, models[turn % 3], fitted.manifest)
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    read = 0
    while not done.is_set() and read < 500:
        assert registry.champion().manifest.version in registry.versions()
        read += 1
    writer.join(timeout=30)
    assert read > 0
