"""The simulated suite: made once, the same every time, whole or made again."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.gate.families import examined
from detectors.gate.suite import FAMILIES, LONGEST, Size, simulated, suite

SMALL = Size(accounts=60, days=1.5, seed=4)


@pytest.fixture(scope="module")
def made():
    return simulated(SMALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, made):
    """Give a folder in which the suite was kept."""
    folder = tmp_path_factory.mktemp("suites")
    kept = folder / SMALL.name
    np.savez_compressed(kept, lines=made.lines, vectors=made.vectors, family=made.family)
    return folder


def same(one, other):
    bits = all(
        getattr(one, p).tobytes() == getattr(other, p).tobytes() for p in ("vectors", "family")
    )
    return bits and one.lines.dtype == other.lines.dtype and (one.lines == other.lines).all()


def test_every_family_is_there_amid_honest_people(made):
    assert set(made.family.tolist()) == {-1, *range(len(FAMILIES))}
    assert np.count_nonzero(made.family < 0) > len(made.family) / 2


def test_nobody_is_looked_at_beyond_the_first_requests(made):
    assert made.lines["acts"].max() <= LONGEST
    assert len(made.lines) == len(made.vectors)


def test_what_was_kept_is_read_again(folder, made):
    assert same(suite(folder, SMALL), made)


def altered(folder):
    whole = bytearray((folder / SMALL.name).read_bytes())
    whole[len(whole) // 2] ^= 1
    return bytes(whole)


@pytest.mark.parametrize("broken", [lambda _: b"PK\x03\x04 not an archive", altered])
def test_a_broken_file_is_made_again(folder, tmp_path, made, broken):
    (tmp_path / SMALL.name).write_bytes(broken(folder))
    assert same(suite(tmp_path, SMALL), made)
    assert [path.name for path in tmp_path.iterdir()] == [SMALL.name]
    assert same(suite(tmp_path, SMALL), made)


def test_another_size_is_another_suite():
    assert Size(accounts=61, days=1.5, seed=4).name != SMALL.name
    assert Size().name != SMALL.name


def test_equal_models_see_the_same_in_it(made, certified):
    found = examined(made, certified, certified)
    assert found.champion.tobytes() == found.candidate.tobytes()
    assert np.isfinite(found.champion).all()
    assert len(found.champion) == len(made.family)
