"""The archive beside its filling: replays after retention, erasure, and a worker that tidies."""

from __future__ import annotations

import logging
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event

import numpy as np
import pytest
from sqlalchemy import select

from access.database import readers, writers
from detectors.census import census
from fairuse import database
from fairuse.archiving.base import (
    BASE,
    base_of,
    fold,
    load_base,
    partitions_with_base,
    save_base,
    taken_out,
)
from fairuse.archiving.erasing import erase_archived, erasing
from fairuse.archiving.status import tell_status
from fairuse.archiving.tidying import Tidied, dropping, tidy
from fairuse.archiving.verbs import compact_now, keep_now
from fairuse.errors import ProgramError, WrongInputError
from fairuse.metrics import Metric
from fairuse.retrain.logs import ArchiveLog
from fairuse.wiring import open_database
from fairuse.work.archive import archive
from fairuse.work.stream import stream
from features.snapshots import Header, Snapshot, SnapshotStore
from features.state import FeatureState
from review_api.erasure import erase_account
from review_api.erasure_records import Erasure
from streams.archive import archive_files, file_name, open_each, read_archive, read_rows
from streams.archive_locks import reading, tidying
from streams.archive_write import write_file
from streams.clock import ManualClock
from streams.errors import ArchiveError, InputError
from streams.raw import Partition
from tests.fairuse.retrain.archives import PARTITIONS, write_archive
from tests.fairuse.world import busy_tables, fill, run_of, settings_in, verdicts_in

KEY = bytes(16)
AFTER = datetime(2027, 1, 10, tzinfo=UTC)


FIRST, SECOND = date(2026, 1, 1), date(2026, 1, 2)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An archive of two days, half of each partition in each, and where the partitions end."""
    folder = tmp_path_factory.mktemp("whole")
    ends = write_archive(folder, accounts=20, days=3)
    for file in archive_files(folder):
        (table,) = (rows for opened, _ in open_each(folder, [file]) for rows in read_rows(opened))
        half = file.last // 2
        later = file_name(folder, SECOND, file.partition, half, file.last)
        write_file(file_name(folder, FIRST, file.partition, 0, half - 1), [table[:half]])
        write_file(later, [table[half:]])
        file.path.unlink()
    return folder, ends


@pytest.fixture
def cut(whole, tmp_path):
    return shutil.copytree(whole[0], tmp_path / "archive")


def settings_of(folder, **changes):
    made = settings_in(folder.parent, folder.parent / "registry", archive_dir=folder, **changes)
    database.migrate(made.database_url)
    return made


def vectors(folder):
    return census(ArchiveLog(folder, KEY, processes=1))


def test_a_replay_after_retention_gives_the_bits_of_a_replay_of_everything(whole, cut):
    done = Tidied()
    for _ in dropping(cut, SECOND, KEY, done):
        pass
    assert done.dropped == 2
    assert {file.day for file in archive_files(cut)} == {SECOND}

    said, twin = vectors(whole[0]), vectors(cut)
    assert set(twin.names) == set(said.names)
    for partition, end in whole[1].items():
        fold(whole[0], partition, end, KEY)
        fold(cut, partition, end, KEY)
        (everything, reached), (rest, same) = (
            base_of(folder, partition) for folder in (whole[0], cut)
        )
        assert reached == same == end
        assert np.array_equal(everything.vectors(), rest.vectors(), equal_nan=True)
        (whole[0] / BASE / f"{partition.topic}-{partition.number}-{end:020d}.snapshot").unlink()


def test_a_kill_between_base_and_deletion_learns_nothing_twice(cut):
    (first, _) = PARTITIONS
    fold(cut, first, 10, KEY)
    before = vectors(cut)
    fold(cut, first, 10, KEY)
    assert vectors(cut).events == before.events
    assert partitions_with_base(cut) == [first]
    assert len(list((cut / BASE).iterdir())) == 1


def test_what_is_before_the_base_cannot_be_replayed_and_that_is_said(cut):
    fold(cut, PARTITIONS[0], 10, KEY)
    with pytest.raises(WrongInputError, match="those days are gone"):
        census(ArchiveLog(cut, KEY, {PARTITIONS[0]: 5}, processes=1))


def test_a_base_of_another_view_is_passed_over_with_a_warning(cut, caplog):
    (first, _) = PARTITIONS
    fold(cut, first, 10, KEY)
    state, offset = base_of(cut, first)
    header = Header(
        topic=first.topic, partition=first.number, next_offset=offset, fingerprint="other",
        model_version="", arrays={},
    )  # fmt: skip
    SnapshotStore(cut / BASE).save(Snapshot(header, state.arrays()))
    with caplog.at_level(logging.WARNING):
        assert base_of(cut, first) is None
    assert "another feature view" in caplog.text
    assert base_of(cut, Partition("usage-events", 7)) is None


def test_a_damaged_base_is_named_and_never_folded_over(cut):
    (first, _) = PARTITIONS
    fold(cut, first, 10, KEY)
    (path,) = (cut / BASE).iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(InputError, match="damaged") as caught:
        vectors(cut)
    assert caught.value.file == str(path)
    with pytest.raises(InputError, match="damaged"):
        fold(cut, first, 20, KEY)
    assert list((cut / BASE).iterdir()) == [path]


def test_an_erasure_reaches_also_a_base_of_another_view(cut):
    settings = settings_of(cut)
    (first, _) = PARTITIONS
    fold(cut, first, 200, settings.hash_key)
    names = base_of(cut, first)[0].names
    save_base(cut, first, 200, load_base(cut, first).arrays, "another view")
    asked(settings, names[3], AFTER)
    chores(settings, AFTER)
    kept = load_base(cut, first)
    assert kept.header.fingerprint == "another view"
    assert FeatureState.from_arrays(kept.arrays).names == [*names[:3], *names[4:]]


def test_an_erasure_asked_for_anywhere_reaches_files_and_bases_and_is_repeatable(cut):
    settings = settings_of(cut)
    fold(cut, PARTITIONS[0], 200, settings.hash_key)
    state, _ = base_of(cut, PARTITIONS[0])
    gone = state.names[0]
    engine = open_database(settings)
    with writers(engine).begin() as session:
        erase_account(session, gone, "lead", AFTER)
    with readers(engine).begin() as session:
        first, again = (erase_archived(settings, session) for _ in range(2))
    engine.dispose()
    assert (first.erasures, first.base_accounts) == (1, 1)
    assert first.rows > 0
    assert (again.rows, again.base_accounts) == (0, 0)
    names = {name for part in read_archive(cut) for name in part.events.account_ids}
    assert gone not in names
    kept, offset = base_of(cut, PARTITIONS[0])
    assert (kept.names, offset) == (state.names[1:], 200)
    assert np.array_equal(kept.vectors(), state.vectors()[1:], equal_nan=True)


def asked(settings, account, at, number=None):
    """Erase an account as the API does; gives the erasure's number."""
    engine = open_database(settings)
    with writers(engine).begin() as session:
        erase_account(session, account, "lead", at)
        found = session.scalars(select(Erasure).where(Erasure.account_id == account)).one()
        if number is not None:
            found.id = number
        number = found.id
    engine.dispose()
    return number


def chores(settings, now):
    """Do what the worker does of erasures at a look; gives what it told."""
    told = []
    for _ in erasing(settings, now, told.append):
        pass
    return told


def held_by(folder):
    return {name for part in read_archive(folder) for name in part.events.account_ids}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/fairuse.db"
        return
    with request.getfixturevalue("postgres_databases")() as url:
        yield url


def test_the_worker_carries_out_what_was_asked_for_over_http_and_shows_what_waits(
    cut, database_url
):
    settings = settings_of(cut, database_url=database_url)
    fill(settings, [])
    fold(cut, PARTITIONS[0], 200, settings.hash_key)
    gone = base_of(cut, PARTITIONS[0])[0].names[0]
    asked(settings, gone, AFTER)
    clock = ManualClock(AFTER + timedelta(minutes=50))
    run = replace(run_of(settings), clock=clock)
    with reading(cut):
        archive(run)
    assert run.metrics.value(Metric.ERASURE_WAITING) == 3000
    assert run.metrics.value(Metric.ARCHIVE_UNTIDIED) == 1
    assert gone in held_by(cut)

    archive(run)
    assert run.metrics.value(Metric.ERASURE_WAITING) == 0
    assert gone not in held_by(cut)
    assert gone not in base_of(cut, PARTITIONS[0])[0].names
    times = {file.path: file.path.stat().st_mtime_ns for file in archive_files(cut)}
    assert chores(settings, AFTER) == [0.0]
    assert times == {file.path: file.path.stat().st_mtime_ns for file in archive_files(cut)}


def test_an_erasure_killed_in_the_middle_waits_until_all_of_it_is_done(cut):
    settings = settings_of(cut)
    gone = min(held_by(cut))
    asked(settings, gone, AFTER)
    killed = erasing(settings, AFTER, lambda _: None)
    next(killed)
    killed.close()
    before = taken_out(cut)
    assert chores(settings, AFTER + timedelta(seconds=5)) == [5.0, 0.0]
    assert taken_out(cut) != before
    assert gone not in held_by(cut)


def test_an_erasure_committed_after_a_later_one_is_not_passed_over(cut):
    settings = settings_of(cut)
    first, second = sorted(held_by(cut))[:2]
    asked(settings, first, AFTER, number=9)
    assert chores(settings, AFTER) == [0.0, 0.0]
    asked(settings, second, AFTER, number=8)
    killed = erasing(settings, AFTER, lambda _: None)
    next(killed)
    killed.close()
    assert chores(settings, AFTER + timedelta(seconds=7)) == [7.0, 0.0]
    assert not {first, second} & held_by(cut)


def test_a_database_that_does_not_answer_keeps_nobody_from_archiving(tmp_path):
    folder = tmp_path / "archive"
    settings = settings_in(tmp_path, tmp_path / "registry", archive_dir=folder)
    fill(settings, busy_tables(2, 1)[:1])
    run = run_of(settings)
    assert archive(run) > 0
    assert run.metrics.value(Metric.ARCHIVE_UNTIDIED) == 1
    assert archive_files(folder)


def test_a_clock_gone_wrong_takes_two_days_at_a_look_not_the_archive(cut):
    settings = settings_of(cut)
    for days in (1, 2, 3):
        later = SECOND + timedelta(days=days)
        write_file(file_name(cut, later, PARTITIONS[0], 9000 + days, 9000 + days), [])
    for _ in tidy(settings, AFTER + timedelta(days=3650), Tidied()):
        pass
    assert {file.day for file in archive_files(cut)} == {
        SECOND + timedelta(days=days) for days in (1, 2, 3)
    }


def test_a_damaged_file_stops_neither_merging_nor_retention_of_the_others(cut):
    settings, done = settings_of(cut), Tidied()
    broken = archive_files(cut)[1].path
    broken.write_bytes(broken.read_bytes()[:-40])
    for partition in PARTITIONS:
        ends = [file.last + 1 for file in archive_files(cut) if file.partition == partition]
        for at in (max(ends), max(ends) + 1):
            write_file(file_name(cut, SECOND, partition, at, at), [])
    for later in (-360, 360):
        with pytest.raises(InputError, match="damaged") as caught:
            for _ in tidy(settings, AFTER + timedelta(days=later), done):
                pass
        assert caught.value.file == str(broken)
    assert (done.merged, done.became) == (3, 1)
    left = archive_files(cut)
    assert {file.partition for file in left} == {PARTITIONS[0]}
    assert {file.day for file in left} == {SECOND}
    assert broken in {file.path for file in left}


def test_days_are_let_go_only_when_no_night_reads(cut):
    with tidying(cut), reading(cut), pytest.raises(ArchiveError, match="a night reads"):
        list(dropping(cut, SECOND, KEY, Tidied()))
    assert {file.day for file in archive_files(cut)} == {FIRST, SECOND}
    assert partitions_with_base(cut) == []


def test_status_ends_badly_when_a_file_is_damaged(cut, capsys):
    settings = settings_of(cut)
    tell_status(settings, as_json=True)
    assert '"damaged": []' in capsys.readouterr().out
    file = archive_files(cut)[0].path
    file.write_bytes(file.read_bytes()[:-40])
    fold(cut, PARTITIONS[1], 10, KEY)
    (base,) = (cut / BASE).iterdir()
    base.write_bytes(b"half")
    with pytest.raises(ProgramError, match="2 files are damaged"):
        tell_status(settings, as_json=False)
    said = capsys.readouterr().err
    assert file.name in said
    assert base.name in said


@pytest.mark.parametrize("verb", [compact_now, keep_now, tell_status])
def test_a_folder_that_is_mistyped_is_no_archive_and_is_not_made(tmp_path, verb):
    settings = settings_of(tmp_path / "no-archive")
    with pytest.raises(WrongInputError, match="there is no archive here"):
        verb(settings, as_json=True)
    assert not settings.archive_dir.exists()


def test_an_archive_is_not_copied_into_itself_under_a_new_day(cut):
    settings = settings_of(cut, events_url=f"archive:{cut}/usage-events")
    before = archive_files(cut)
    with pytest.raises(WrongInputError, match="is the archive itself"):
        archive(run_of(settings))
    assert archive_files(cut) == before


def test_the_worker_archives_merges_yesterday_and_lets_old_days_go(tmp_path):
    folder = tmp_path / "archive"
    settings = settings_of(folder, archive_days=30)
    tables = busy_tables(4, 1)
    fill(settings, tables[:1])
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    total, runs = 0, []
    for days in (0, 0, 1, 40):
        clock.advance(days * 86_400)
        run = replace(run_of(settings), clock=clock, stop=Event())
        total += archive(run)
        runs.append(run.metrics)
    kept = sum(len(part.events) for part in read_archive(folder))
    assert total == sum(map(len, tables[:1]))
    assert kept == 0
    assert runs[-1].value(Metric.ARCHIVE_DROPPED) == len(partitions_with_base(folder)) > 0


def test_a_topic_made_anew_is_not_mixed_with_the_old_one(tmp_path):
    folder = tmp_path / "archive"
    settings = settings_of(folder)
    fill(settings, busy_tables(4, 1)[:1])
    assert archive(run_of(settings)) > 0
    before = archive_files(folder)
    again = run_of(settings.model_copy(update={"group": "another"}))
    assert archive(again) > 0
    kept = archive_files(folder)

    shutil.rmtree(tmp_path / "log")
    fill(settings, busy_tables(4, 1, seed=8)[:1])
    with pytest.raises(ArchiveError, match="was made anew"):
        archive(run_of(settings))
    assert archive_files(folder) == kept
    assert {file.path.name for file in kept} == {file.path.name for file in before}


def test_a_worker_goes_on_while_another_process_tidies(tmp_path):
    folder = tmp_path / "archive"
    settings = settings_of(folder)
    fill(settings, busy_tables(2, 1)[:1])
    run = run_of(settings)
    with tidying(folder):
        assert archive(run) > 0
    assert run.metrics.value(Metric.ARCHIVE_UNTIDIED) == 1
    assert list(archive_files(folder))
    with closing(tidy(settings, AFTER + timedelta(days=400), Tidied())) as chores:
        next(chores, None)


def test_scoring_an_archive_says_what_scoring_the_log_said(tmp_path, registry):
    live = settings_in(tmp_path, registry)
    fill(live, busy_tables(12, 4))
    archive(run_of(live))
    again = settings_in(
        tmp_path, registry, events_url=f"archive:{live.archive_dir}/usage-events",
        snapshot_dir=tmp_path / "others",
    )  # fmt: skip
    assert stream(run_of(live)) == stream(run_of(again)) > 0
    said, twin = (
        sorted(verdicts_in(each), key=lambda one: one.verdict_id) for each in (live, again)
    )
    assert said == twin
    assert said
