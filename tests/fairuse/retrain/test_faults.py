"""Whatever breaks a night, the champion stays, and the next run goes on or says why it cannot."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from access.database import open_engine
from detectors.registry import Registry
from detectors.stages import Stage
from fairuse.cli.outcome import exit_status
from fairuse.errors import ProgramError
from fairuse.retrain.lock import LockLost, NightIsRunning, held
from streams.archive_erase import Erasures, save_erasures
from streams.archive_locks import taking_out
from streams.clock import ManualClock
from streams.errors import ArchiveError, InputError
from tests.fairuse.retrain.conftest import LATER

CHILD = Path(__file__).with_name("killed.py")
ROOT = Path(__file__).parents[3]
MOMENTS = (
    "done plan", "done labels", "wrote a piece of census.npz", "done census", "wrote learn",
    "done learn", "done calibrate", "wrote register", "done register", "done weigh", "wrote gate",
    "done gate", "done decide", "wrote a piece of move.json", "done move",
    "wrote a piece of report.json", "done report", "wrote a piece of over.done",
)  # fmt: skip
LET_GO = (
    # Waits until it has gone, five seconds at most.
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE application_name LIKE 'fairuse retrain%'"
)
MOVED = MOMENTS.index("wrote a piece of move.json")


def lived_through(platform, *moments):
    """Kill the night at each moment in turn; give what was so after each death."""
    done = subprocess.run(
        [sys.executable, CHILD, platform.settings.retrain_dir.parent, LATER.isoformat(), *moments],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=250,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def champion(platform):
    """Name the champion, and see afterwards that it still is."""
    registry = Registry(platform.registry)
    version = registry.champion_version()
    yield version
    assert registry.champion_version() == version


def test_a_night_killed_at_every_step_and_in_every_write_comes_to_the_same(platform, champion):
    deaths, said = lived_through(platform, *MOMENTS)
    assert [death["moment"] for death in deaths if not death["killed"]] == []
    assert {death["champion"] for death in deaths} == {champion}
    assert {death["loads"] for death in deaths} == {champion}
    moves = [death["moves"] for death in deaths]
    assert moves == [1] * MOVED + [2] * (len(MOMENTS) - MOVED)
    assert "goes on at census; done before: plan, labels" in said
    came = platform.night(LATER)
    assert came.outcome == "challenging"
    assert came.resumed[:3] == ("plan", "labels", "census")
    assert sorted(p.name for p in platform.settings.retrain_dir.glob("*/.new-*")) == []


def test_other_settings_begin_the_night_anew(platform, champion, capsys):
    with pytest.raises(KeyboardInterrupt):
        platform.night(LATER, told=_stop_at("done learn"))
    came = platform.night(LATER, retrain_seed=7)
    assert came.resumed == ()
    assert "begins anew" in capsys.readouterr().err
    assert Registry(platform.registry).manifest(came.candidate).seed == 7


def test_nobody_is_erased_while_a_night_reads_and_one_killed_before_begins_anew(platform, champion):
    folder, refused = platform.settings.archive_dir, []

    def told(moment, name):
        if f"{moment} {name}" == "done census":
            with pytest.raises(ArchiveError, match="a night reads it"), taking_out(folder):
                pass
            refused.append(name)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        platform.night(LATER, told=told)
    assert refused
    with taking_out(folder):
        save_erasures(folder, Erasures(key=0, carried_out=1))
    assert platform.night(LATER).resumed == ()


def test_a_file_altered_between_two_runs_is_made_again(platform, champion):
    with pytest.raises(KeyboardInterrupt):
        platform.night(LATER, told=_stop_at("done learn"))
    census = platform.settings.retrain_dir / "2026-03-10" / "census.npz"
    altered = bytearray(census.read_bytes())
    altered[len(altered) // 2] ^= 1
    census.write_bytes(altered)
    came = platform.night(LATER)
    assert came.resumed[:2] == ("plan", "labels")
    assert "census" not in came.resumed


def test_a_move_made_by_a_person_meanwhile_is_never_overruled(platform):
    registry = Registry(platform.registry)

    def a_person_moves(what, name):
        if (what, name) == ("begins", "decide"):
            shadow = next(v for v in registry.versions() if v != registry.champion_version())
            registry.move(
                shadow, Stage.CHAMPION, actor="ana", why="I know better", at=LATER.isoformat()
            )

    with pytest.raises(ProgramError, match="somebody moved a model while the night ran"):
        platform.night(LATER, told=a_person_moves)
    by_hand = registry.champion_version()
    assert registry.moves()[-1].actor == "ana"
    came = platform.night(LATER)
    assert came.before == by_hand == came.champion


def test_of_two_nights_at_once_the_second_says_who_holds_the_lock(platform, champion):
    heard = []

    def second(what, name):
        if (what, name) == ("begins", "census"):
            with pytest.raises(NightIsRunning) as caught:
                platform.night(LATER)
            heard.append(caught.value)

    assert platform.night(LATER, told=second).outcome == "challenging"
    (error,) = heard
    assert f":{os.getpid()} holds" in str(error)
    assert "since 2026-03-10T03:00:00" in str(error)
    assert exit_status(error) == 1


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("learn", r"/2026-03-10/learn\.npz: File too large"),
        ("register", r"/registry/\w+: File too large"),
        ("report", "the database at .*: disk I/O error"),
    ],
)
def test_a_full_disk_ends_the_night_and_the_next_one_goes_on(platform, champion, step, said):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_up(what, name):
        if (what, name) == ("begins", step):
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))

    try:
        with pytest.raises(ProgramError, match=said) as caught:
            platform.night(LATER, told=fill_up)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert exit_status(caught.value) == 1
    assert not list(platform.registry.glob(".new-*"))
    came = platform.night(LATER)
    assert came.outcome == "challenging"
    # What was over but for the database only tells it, and does nothing again.
    assert came.resumed[:3] == (() if step == "report" else ("plan", "labels", "census"))


def test_a_damaged_archive_file_is_named_and_nothing_is_made_of_it(platform, champion):
    file = max(platform.settings.archive_dir.rglob("*.parquet"))
    content = bytearray(file.read_bytes())
    content[len(content) // 3 : len(content) // 2] = os.urandom(
        len(content) // 2 - len(content) // 3
    )
    file.write_bytes(content)
    with pytest.raises(InputError, match=file.name) as caught:
        platform.night(LATER)
    assert exit_status(caught.value) == 2
    assert len(Registry(platform.registry).versions()) == 1


def test_a_champion_altered_by_one_byte_is_compared_with_nothing_and_stays(platform, champion):
    arrays = platform.registry / champion / "arrays.npz"
    content = bytearray(arrays.read_bytes())
    content[len(content) // 2] ^= 1
    arrays.write_bytes(content)
    with pytest.raises(ProgramError, match=f"the champion does not load.*{champion}") as caught:
        platform.night(LATER)
    assert exit_status(caught.value) == 1
    assert len(Registry(platform.registry).moves()) == 1


def test_a_registry_of_an_earlier_release_goes_on(platform, champion):
    (move,) = (platform.registry / "moves").iterdir()
    move.unlink()
    (platform.registry / "champion").write_text(champion)
    came = platform.night(LATER)
    assert (came.outcome, came.before, came.champion) == ("challenging", champion, champion)
    assert [m.number for m in Registry(platform.registry).moves()][:2] == [0, 1]


def _stop_at(moment):
    def told(what, name):
        if f"{what} {name}" == moment:
            raise KeyboardInterrupt

    return told


@pytest.mark.postgres
def test_machines_that_share_a_database_and_no_folder_do_not_run_at_once(
    postgres_databases, tmp_path
):
    with postgres_databases() as url:
        engine, clock = open_engine(url), ManualClock(LATER)
        with held(tmp_path / "one", engine, clock) as lock:
            lock.require()
            holder = rf"fairuse retrain .*:{os.getpid()} holds the database's lock since"
            with pytest.raises(NightIsRunning, match=holder), held(tmp_path / "b", engine, clock):
                pytest.fail("two nights at once")
            with engine.begin() as connection:
                # As if the machine had gone: its lock goes with its connection.
                connection.execute(text(LET_GO))
            with held(tmp_path / "other", engine, clock):
                pass
            with pytest.raises(LockLost):
                lock.require()
        engine.dispose()


@pytest.mark.postgres
def test_a_night_whose_database_let_go_of_the_lock_moves_nothing(
    platform, champion, postgres_databases
):
    with postgres_databases() as url:
        engine = open_engine(url)

        def let_go(what, name):
            if (what, name) == ("begins", "move"):
                with engine.begin() as connection:
                    connection.execute(text(LET_GO))

        with pytest.raises(LockLost) as caught:
            platform.night(LATER, told=let_go, database_url=url)
        engine.dispose()
        assert exit_status(caught.value) == 1
        assert len(Registry(platform.registry).moves()) == 1
        came = platform.night(LATER, database_url=url)
    assert came.outcome == "challenging"
    assert came.resumed[-1] == "decide"
