"""Killed, full, crowded, too old, erased: an archive never shows half a file nor a row twice."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread

import pytest

from streams.archive import ArchiveWriter, archive_files, file_name, read_archive
from streams.archive_check import look_over
from streams.archive_compact import compact
from streams.archive_erase import erase_rows, load_erasures, save_erasures, sift
from streams.archive_keep import drop, outdated
from streams.archive_locks import give_way, listing, reading, taking_out, tidying
from streams.archive_write import sweep
from streams.columns import EventBatch
from streams.errors import ArchiveError, InputError
from streams.hashing import DEFAULT_KEY
from tests.streams.samples import HERE, batch, record, same_rows
from tests.streams.test_archive import MONDAY, SUNDAY, several

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
AT = datetime(2026, 11, 23, tzinfo=UTC)
KEY = bytes(16)


def write(folder, *spans, day=SUNDAY):
    for first, count in spans:
        writer = ArchiveWriter(folder)
        writer.add(several(first, count))
        writer.flush(day)


def offsets(folder):
    return offsets_of(read_archive(folder))


def offsets_of(parts):
    return EventBatch.join([part.events for part in parts]).events["offset"].tolist()


def names(folder):
    return [(file.first, file.last, file.day) for file in archive_files(folder)]


class Killed(BaseException):
    """Stands for the end of the process."""


def killed(*_args, **_kwargs):
    raise Killed


@pytest.mark.parametrize("where", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.unlink"])
def test_a_writer_killed_in_the_middle_leaves_nothing_half_and_loses_nothing(
    tmp_path, monkeypatch, where
):
    write(tmp_path, (0, 4))
    with monkeypatch.context() as patch:
        patch.setattr(where, killed)
        with pytest.raises(Killed):
            write(tmp_path, (4, 3))
    assert offsets(tmp_path)[:4] == list(range(4))
    write(tmp_path, (4, 3))
    assert offsets(tmp_path) == list(range(7))


def test_a_full_disk_is_said_and_what_was_gathered_is_written_once_there_is_room(
    tmp_path, monkeypatch
):
    writer = ArchiveWriter(tmp_path)
    writer.add(several(0, 5))

    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(ArchiveError, match="No space left on device; nothing was written"):
            writer.flush(SUNDAY)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    assert writer.flush(SUNDAY) == {HERE: 5}
    assert offsets(tmp_path) == list(range(5))


def test_only_leftovers_of_the_dead_are_swept(tmp_path):
    left, fresh = tmp_path / "date=2026-11-22" / "a.begun", tmp_path / "b.begun"
    left.parent.mkdir()
    for path, age in ((left, timedelta(hours=2)), (fresh, timedelta(minutes=2))):
        path.write_bytes(b"half")
        moment = (NOW - age).timestamp()
        os.utime(path, (moment, moment))
    assert sweep(tmp_path, NOW) == 1
    assert not left.exists()
    assert fresh.exists()


def test_what_a_partition_had_gathered_when_it_went_is_read_again_by_its_new_owner(tmp_path):
    writer = ArchiveWriter(tmp_path)
    writer.add(several(0, 5))
    writer.forget([HERE])
    writer.add(several(3, 4))
    assert writer.flush(SUNDAY) == {HERE: 7}
    assert offsets(tmp_path) == [3, 4, 5, 6]


def test_small_files_of_a_day_become_one_with_the_same_rows(tmp_path):
    write(tmp_path, (0, 3), (3, 3), (5, 4))
    write(tmp_path, (9, 2), (11, 2), day=MONDAY)
    before = EventBatch.join([part.events for part in read_archive(tmp_path)])
    with tidying(tmp_path):
        (merged,) = compact(tmp_path, MONDAY)
    after = EventBatch.join([part.events for part in read_archive(tmp_path)])
    assert (merged.files, merged.rows) == (3, 9)
    assert names(tmp_path) == [(0, 8, SUNDAY), (9, 10, MONDAY), (11, 12, MONDAY)]
    assert same_rows(before.events, after.events)


def test_compaction_stops_at_a_size_and_is_then_done(tmp_path):
    write(tmp_path, (0, 3), (3, 3), (6, 3), (9, 3))
    assert [merged.files for merged in compact(tmp_path, MONDAY, large=6)] == [2, 2]
    assert list(compact(tmp_path, MONDAY, large=6)) == []
    assert offsets(tmp_path) == list(range(12))


def test_a_kill_between_the_large_file_and_the_end_of_the_small_ones_repeats_nothing(
    tmp_path, monkeypatch
):
    write(tmp_path, (0, 3), (3, 3), (6, 3))
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", _unlink_then_die(2))
        with pytest.raises(Killed):
            list(compact(tmp_path, MONDAY))
    assert names(tmp_path) == [(0, 8, SUNDAY), (3, 5, SUNDAY), (6, 8, SUNDAY)]
    assert offsets(tmp_path) == list(range(9))
    list(compact(tmp_path, MONDAY))
    assert names(tmp_path) == [(0, 8, SUNDAY)]
    assert offsets(tmp_path) == list(range(9))


def _unlink_then_die(count):
    unlink, left = os.unlink, [count]

    def one(path, *, missing_ok=False):
        if not left[0]:
            raise Killed
        left[0] -= 1
        if path.exists() or not missing_ok:
            unlink(path)

    return one


def test_files_with_another_day_between_them_stay_apart(tmp_path):
    write(tmp_path, (0, 3), (6, 3))
    write(tmp_path, (3, 3), day=MONDAY)
    assert list(compact(tmp_path, date(2026, 11, 24))) == []
    assert offsets(tmp_path) == list(range(9))


def test_a_reader_goes_on_in_the_large_file_when_the_small_ones_go_under_its_hands(tmp_path):
    write(tmp_path, (0, 3), (3, 3), (6, 3))
    reading = read_archive(tmp_path)
    first = next(reading)
    list(compact(tmp_path, MONDAY))
    parts = [first, *reading]
    assert offsets_of(parts) == list(range(9))


def test_a_reader_whose_file_is_gone_for_good_says_so(tmp_path):
    write(tmp_path, (0, 3), (3, 3))
    reading = read_archive(tmp_path)
    next(reading)
    drop(archive_files(tmp_path)[1:])
    with pytest.raises(InputError, match="went away"):
        list(reading)


def test_a_link_that_leads_nowhere_is_named_and_not_looked_for_for_ever(tmp_path):
    write(tmp_path, (0, 3))
    gone = tmp_path / "elsewhere.parquet"
    archive_files(tmp_path)[0].path.rename(gone)
    link = file_name(tmp_path, SUNDAY, HERE, 0, 2)
    link.symlink_to(gone)
    gone.unlink()
    with pytest.raises(InputError, match="went away") as caught:
        offsets(tmp_path)
    assert caught.value.file == str(link)


def test_two_who_write_the_same_file_at_once_leave_it_whole(tmp_path, monkeypatch):
    sync, inner = os.fsync, []

    def overtaken(handle):
        if not inner:
            inner.append(True)
            write(tmp_path, (0, 4))
        sync(handle)

    monkeypatch.setattr("os.fsync", overtaken)
    write(tmp_path, (0, 4))
    assert inner
    assert offsets(tmp_path) == [0, 1, 2, 3]
    assert not list(tmp_path.rglob("*.begun"))


def test_two_never_tidy_at_once(tmp_path):
    with tidying(tmp_path), pytest.raises(ArchiveError, match="another process"), tidying(tmp_path):
        pytest.fail("both were let in")


def test_only_a_beginning_of_the_log_is_ever_too_old(tmp_path):
    write(tmp_path, (0, 3), (6, 3))
    write(tmp_path, (3, 3), day=MONDAY)
    assert [file.first for file in outdated(tmp_path, MONDAY)] == [0]
    drop(outdated(tmp_path, MONDAY))
    assert offsets(tmp_path) == list(range(3, 9))
    assert (tmp_path / "date=2026-11-22").is_dir()


def test_status_names_gaps_overlaps_and_damage(tmp_path):
    write(tmp_path, (0, 3), (2, 3), (9, 2))
    (one,) = look_over(tmp_path)
    assert (one.files, one.rows, one.first, one.next_offset) == (3, 7, 0, 11)
    assert one.gaps == [(5, 9)]
    broken = archive_files(tmp_path)[2].path
    content = bytearray(broken.read_bytes())
    content[60] ^= 0x20
    broken.write_bytes(content)
    (one,) = look_over(tmp_path)
    assert [error.file for error in one.damage] == [str(broken)]
    with pytest.raises(InputError, match="damaged"):
        offsets(tmp_path)


def test_a_file_under_a_name_that_is_not_its_own_is_damage(tmp_path):
    write(tmp_path, (0, 3))
    (file,) = archive_files(tmp_path)
    file.path.rename(file.path.with_name(file.path.name.replace("0000002.", "0000001.")))
    (one,) = look_over(tmp_path)
    assert "other offsets" in str(one.damage[0])


def test_the_erased_go_from_the_files_and_do_not_come_back(tmp_path):
    events = [
        record(event_id=f"e{n}", account_id=name, occurred_at=at)
        for n, (name, at) in enumerate(
            [
                ("gone", "2026-11-22T10:00:00Z"),
                ("stays", "2026-11-22T10:00:01Z"),
                ("gone", "2026-11-23T00:00:01Z"),
            ]
        )
    ]
    erasures = load_erasures(tmp_path, KEY).extended(KEY, [("gone", AT)], 7)
    save_erasures(tmp_path, erasures)
    assert load_erasures(tmp_path, KEY) == erasures
    assert b"gone" not in (tmp_path / "erased.json").read_bytes()

    writer = ArchiveWriter(tmp_path)
    writer.add(batch(events))
    writer.flush(SUNDAY)
    assert offsets(tmp_path) == [0, 1, 2]
    (done,) = erase_rows(tmp_path, erasures, KEY)
    assert done[1] == 1
    assert offsets(tmp_path) == [1, 2]
    assert [rows for _, rows in erase_rows(tmp_path, erasures, KEY)] == [0]

    late = ArchiveWriter(tmp_path, lambda table: sift(table, load_erasures(tmp_path, KEY), KEY))
    late.add(batch(events, first=3))
    assert late.flush(SUNDAY) == {HERE: 6}
    assert offsets(tmp_path) == [1, 2, 4, 5]


def test_a_file_of_the_erased_alone_stays_as_an_empty_one(tmp_path):
    write(tmp_path, (0, 3))
    erasures = load_erasures(tmp_path, KEY).extended(KEY, [("acc_91", AT)], 1)
    assert [rows for _, rows in erase_rows(tmp_path, erasures, KEY)] == [3]
    assert offsets(tmp_path) == []
    assert names(tmp_path) == [(0, 2, SUNDAY)]


def test_a_damaged_file_keeps_nobody_from_being_erased_in_the_others_and_is_named(tmp_path):
    write(tmp_path, (0, 3), (3, 3), (6, 3))
    broken = archive_files(tmp_path)[1].path
    content = bytearray(broken.read_bytes())
    content[60:400] = bytes(340)
    broken.write_bytes(content)
    erasures = load_erasures(tmp_path, KEY).extended(KEY, [("acc_91", AT)], 1)
    with pytest.raises(InputError, match="damaged") as caught:
        list(erase_rows(tmp_path, erasures, KEY))
    assert caught.value.file == str(broken)
    broken.unlink()
    assert offsets(tmp_path) == []


def test_a_file_being_written_while_the_list_of_the_erased_changes_is_there_when_it_has(tmp_path):
    with listing(tmp_path, change=False):
        assert not _lists(tmp_path)
        with listing(tmp_path, change=False):
            write(tmp_path, (0, 3))
    assert _lists(tmp_path)


def _lists(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streams.archive_locks.LIST_PATIENCE", 0.0)
        try:
            with listing(folder, change=True):
                return True
        except ArchiveError:
            return False


def test_nothing_is_taken_out_while_somebody_reads_and_reading_waits_for_it(tmp_path):
    with tidying(tmp_path):
        with reading(tmp_path), reading(tmp_path), pytest.raises(ArchiveError, match="a night"):
            taking_out(tmp_path).__enter__()
        with taking_out(tmp_path), pytest.raises(ArchiveError, match="taken out"):
            reading(tmp_path, 0.1).__enter__()
        with reading(tmp_path, 0.0):
            give_way(tmp_path)


def _go_on(folder):
    for _ in range(1000):
        give_way(folder)
        Event().wait(0.01)


def test_taking_out_gives_way_to_somebody_who_waits_to_read(tmp_path):
    with tidying(tmp_path), ExitStack() as held:
        held.enter_context(taking_out(tmp_path))
        give_way(tmp_path)
        read = []

        def wait():
            with reading(tmp_path):
                read.append(True)

        night = Thread(target=wait)
        night.start()
        with pytest.raises(ArchiveError, match="a night waits"):
            _go_on(tmp_path)
        assert not read
        held.close()
        night.join(30)
    assert read


def test_a_damaged_list_of_the_erased_stops_the_writer(tmp_path):
    (tmp_path / "erased.json").write_bytes(b"{")
    with pytest.raises(InputError, match="list of erased accounts is damaged"):
        load_erasures(tmp_path, DEFAULT_KEY)


def test_a_list_under_another_key_is_begun_afresh(tmp_path):
    erasures = load_erasures(tmp_path, KEY).extended(KEY, [("gone", AT)], 9)
    save_erasures(tmp_path, erasures)
    afresh = load_erasures(tmp_path, DEFAULT_KEY)
    assert (afresh.before, afresh.through) == ({}, 0)


def test_an_archive_may_be_read_from_an_offset(tmp_path):
    write(tmp_path, (0, 3), (3, 3))
    assert offsets_of(read_archive(tmp_path, since={HERE: 4})) == [4, 5]
