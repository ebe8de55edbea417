"""Signatures: a model that was altered anywhere, or is signed by somebody else, does not score."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from detectors.model import Incompatible
from detectors.registry import Registry
from detectors.signing import FILE, BadKey, Trust, key_pair


@pytest.fixture(scope="module")
def keys():
    return key_pair()


@pytest.fixture
def signer(tmp_path, keys):
    return Registry(tmp_path / "models", Trust.of(keys[0], ()))


@pytest.fixture
def reader(tmp_path, keys):
    return Registry(tmp_path / "models", Trust.of("", [keys[1]]))


@pytest.fixture
def stored(signer, fitted):
    return signer.install(fitted.bank, fitted.calibration, fitted.manifest, actor="a", why="b")


def test_a_signed_model_is_believed_by_who_knows_the_key(reader, stored):
    assert reader.champion().manifest == stored.manifest


@pytest.mark.parametrize("name", ["arrays.npz", "manifest.json", FILE])
def test_one_altered_byte_anywhere_is_refused(reader, stored, name):
    path = reader.directory / stored.manifest.version / name
    raw = path.read_bytes()
    for place in np.random.default_rng(3).integers(0, len(raw), 12):
        altered = bytearray(raw)
        altered[place] ^= 0x04
        path.write_bytes(bytes(altered))
        with pytest.raises(Incompatible, match=stored.manifest.version):
            reader.champion()
    path.write_bytes(raw)
    assert reader.champion().manifest == stored.manifest


def test_an_unsigned_model_is_refused_where_keys_are_known(reader, stored):
    (reader.directory / stored.manifest.version / FILE).unlink()
    with pytest.raises(Incompatible, match="it is not signed"):
        reader.champion()


def test_somebody_elses_signature_is_refused(stored, tmp_path):
    other = Registry(tmp_path / "models", Trust.of("", [key_pair()[1]]))
    with pytest.raises(Incompatible, match="which nobody here believes"):
        other.champion()


def test_a_signature_of_another_model_does_not_fit(signer, reader, stored, fitted):
    manifest = msgspec.structs.replace(fitted.manifest, origin="simulator")
    other = signer.register(fitted.bank, fitted.calibration, manifest).manifest.version
    signature = signer.beside(other, FILE)
    signer.keep_beside(stored.manifest.version, FILE, signature)
    with pytest.raises(Incompatible, match="does not fit"):
        reader.champion()


def test_one_of_several_keys_is_enough_while_keys_are_changed(stored, tmp_path, keys):
    both = Registry(tmp_path / "models", Trust.of("", [key_pair()[1], keys[1]]))
    assert both.champion().manifest == stored.manifest


def test_without_keys_a_signed_model_scores_as_any(stored, tmp_path):
    assert Registry(tmp_path / "models").champion().manifest == stored.manifest


@pytest.mark.parametrize("text", ["!", "c2hvcnQ=", "a" * 44])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(BadKey):
        Trust.of("", [text])


def test_a_key_is_in_no_picture_of_it(keys):
    assert keys[0] not in repr(Trust.of(keys[0], ()))
    assert "signing" not in repr(Trust.of(keys[0], ()))
