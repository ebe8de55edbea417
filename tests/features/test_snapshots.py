"""Snapshots: what is saved comes back whole, and anything damaged is passed over."""

from __future__ import annotations

import errno
import os

import msgspec
import numpy as np
import pytest

from features.snapshots import KEEP, Damaged, Header, Snapshot, SnapshotStore, pack, unpack
from features.state import FeatureState
from features.view import VIEW
from tests.features.stories import busy_log, learnt

HEADER = Header(
    topic="usage/events", partition=3, next_offset=120, fingerprint=VIEW.fingerprint,
    model_version="m1", arrays={},
)  # fmt: skip


def snapshot(offset=120, **header):
    arrays = learnt(busy_log(offset, count=50), seen=64).arrays()
    return Snapshot(msgspec.structs.replace(HEADER, next_offset=offset, **header), arrays)


@pytest.fixture
def store(tmp_path):
    return SnapshotStore(tmp_path / "snapshots")


def load(store, topic="usage/events", partition=3, fingerprint=VIEW.fingerprint):
    return store.load(topic, partition, fingerprint)


def test_what_was_saved_comes_back_to_the_bit(store):
    saved = snapshot()
    store.save(saved)
    found = load(store)
    assert msgspec.structs.replace(found.header, arrays={}) == saved.header
    assert found.arrays.keys() == saved.arrays.keys()
    for name, array in saved.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array)
    again, twin = FeatureState.from_arrays(found.arrays), FeatureState.from_arrays(saved.arrays)
    assert again.names == twin.names
    assert again.vectors().tobytes() == twin.vectors().tobytes()


def test_an_empty_store_has_nothing_to_start_from(store):
    assert load(store) is None


def test_the_last_three_are_kept_and_the_newest_is_loaded(store):
    for offset in (5, 40, 1000, 999, 12):
        store.save(snapshot(offset))
    assert load(store).header.next_offset == 1000
    assert len(list(store.directory.iterdir())) == KEEP


def test_a_full_disk_leaves_what_was_and_nothing_begun(store, monkeypatch):
    store.save(snapshot(5))

    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.save(snapshot(40))
    assert len(list(store.directory.iterdir())) == 1
    assert load(store).header.next_offset == 5


@pytest.mark.parametrize("cut", [0, 1, 7, 11, 14, 60, -1])
def test_a_truncated_file_is_passed_over_for_the_one_before(store, cut):
    store.save(snapshot(10))
    newest = store.save(snapshot(20))
    newest.write_bytes(newest.read_bytes()[:cut])
    assert load(store).header.next_offset == 10


def test_no_flipped_byte_goes_unseen():
    raw = pack(snapshot())
    header = range(300)
    for place in [*header, *np.random.default_rng(1).integers(300, len(raw), 100), len(raw) - 1]:
        altered = bytearray(raw)
        altered[place] ^= 1  # in a header, a digit may become another digit
        with pytest.raises(Damaged):
            unpack(bytes(altered))


def test_when_every_file_is_damaged_the_log_is_read_from_its_beginning(store):
    for offset in (10, 20):
        store.save(snapshot(offset)).write_bytes(b"fairuse1 and then nothing of use")
    assert load(store) is None


def test_another_feature_view_is_ignored(store):
    store.save(snapshot(10))
    store.save(snapshot(20, fingerprint="0123456789abcdef"))
    assert load(store).header.next_offset == 10


def test_partitions_and_topics_do_not_meet(store):
    store.save(snapshot(10, topic="events", partition=1))
    for offset in range(5):
        store.save(snapshot(offset, topic="events-1", partition=0))
        store.save(snapshot(offset, topic="events", partition=11))
    assert load(store, "events", 1).header.next_offset == 10
    store.save(snapshot(30, topic="a/b"))
    assert load(store, "a_b") is None


def test_what_a_crash_left_behind_is_ignored(store):
    store.save(snapshot(10))
    (store.directory / ".usage_events-3-x7k2").write_bytes(b"half a snap")
    (store.directory / "usage_events-3-notes.snapshot").write_bytes(b"")
    assert load(store).header.next_offset == 10


def test_a_later_schema_is_not_guessed_at():
    with pytest.raises(Damaged, match="schema 2"):
        unpack(pack(snapshot(schema=2)))


def test_arrays_of_objects_are_refused():
    held = Snapshot(HEADER, {"names": np.array([{"any": "thing"}], dtype=object)})
    with pytest.raises(ValueError, match="allow_pickle"):
        pack(held)


def test_rows_of_another_layout_are_refused():
    arrays = learnt(busy_log(1, count=50), seen=64).arrays()
    arrays["rows"] = np.zeros(3, dtype=[("account", "u8")])
    with pytest.raises(ValueError, match="another layout"):
        FeatureState.from_arrays(arrays)
