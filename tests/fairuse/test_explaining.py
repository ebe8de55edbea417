"""A case is explained from what was pinned, and computed again to the last bit or refused."""

from __future__ import annotations

import json
import shutil
import sys

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import select

from access.database import open_engine, readers
from detectors.registry import Registry
from detectors.verdict import decode, encode
from fairuse import database
from fairuse.cli import main
from fairuse.comparing import differences
from fairuse.errors import ProgramError, WrongInputError
from fairuse.explaining import highest_verdict, pinned_verdict
from fairuse.telling import told
from fairuse.verifying import verify
from fairuse.work.archive import archive
from fairuse.work.intake import intake
from fairuse.work.stream import stream
from review_api.models import Evidence
from streams.files import write_events
from streams.simulator import Mix, simulate
from tests.fairuse.world import fill, run_of, settings_in, verdicts_in
from tests.verdicts import verdict

TIRELESS = Mix({"casual": 0.7, "cron_batch": 0.3})


def halves(days):
    """The first three quarters of some days' events, and the rest."""
    table = pa.concat_tables(simulate(20, days, seed=5, mix=TIRELESS).tables())
    middle = 3 * len(table) // 4
    return table[:middle], table[middle:]


@pytest.fixture(scope="module")
def lived(tmp_path_factory, registry):
    """A folder in which events were scored in two runs, archived, and taken in as cases."""
    folder = tmp_path_factory.mktemp("lived")
    settings = settings_in(folder, registry, batch_events=700)
    database.migrate(settings.database_url)
    for part in halves(5):
        fill(settings, [part])
        stream(run_of(settings))
    archive(run_of(settings))
    assert intake(run_of(settings)) > 0
    return settings


@pytest.fixture(scope="module")
def pinned(lived):
    """Every verdict that is the newest of its case, by the case."""
    engine = open_engine(lived.database_url)
    with readers(engine).begin() as session:
        rows = session.execute(select(Evidence.case_id, Evidence.payload).order_by(Evidence.id))
        found = {case: decode(payload.encode()) for case, payload in rows}
    engine.dispose()
    assert found
    return found


@pytest.fixture
def case(pinned):
    """The case whose verdict came last, after most of the log."""
    return max(pinned, key=lambda case: pinned[case].offset)


def test_every_pinned_verdict_is_said_again_bit_for_bit_from_the_log(lived, pinned):
    for one in pinned.values():
        found = verify(lived, one, [], None)
        assert found.same, found.different
        assert "the same, bit for bit" in "\n".join(found.lines())


def test_the_archive_says_the_same_as_the_log(lived, pinned, case):
    one = pinned[case]
    from_archive = verify(lived, one, [str(lived.archive_dir)], None)
    assert from_archive.same
    assert from_archive.events == verify(lived, one, [], None).events


def test_replaying_neither_commits_nor_publishes_anything(lived, case, pinned):
    verify(lived, pinned[case], [], None)
    assert stream(run_of(lived)) == 0
    assert intake(run_of(lived)) == 0


def test_what_a_model_said_that_came_later_is_said_again_too(tmp_path, registry):
    models = tmp_path / "models"
    shutil.copytree(registry, models)
    settings = settings_in(tmp_path, models, batch_events=700)
    before, after = halves(6)
    fill(settings, [before])
    stream(run_of(settings))
    first = Registry(models).champion()
    later = msgspec.structs.replace(first.manifest, origin="archive")
    kept = Registry(models).install(
        first.bank, first.calibration, later, actor="a test", why="it is newer"
    )
    version = kept.manifest.version
    fill(settings, [after])
    stream(run_of(settings))
    said = [one for one in verdicts_in(settings) if one.model_version == version]
    assert said
    for one in said:
        assert one.scored_from > 0
        found = verify(settings, one, [], None)
        assert found.same, found.different


def changed(verdict, name):
    """Change one figure of the vector by the least that a float can."""
    value = verdict.features[name]
    features = verdict.features | {name: float(np.nextafter(value, np.inf))}
    return msgspec.structs.replace(verdict, features=features)


def test_the_smallest_change_of_a_pinned_figure_is_found_and_named(lived, pinned, case):
    name = next(name for name, value in pinned[case].features.items() if value)
    found = verify(lived, changed(pinned[case], name), [str(lived.archive_dir)], None)
    assert [difference.where for difference in found.different] == [f"features.{name}"]
    assert name in "\n".join(found.lines())


@pytest.mark.parametrize("change", [
    {"abuse": 0.123}, {"reasons": []}, {"p_value": 0.5}, {"clearing": None}, {"benign": []},
])  # fmt: skip
def test_anything_else_that_was_changed_is_named(lived, pinned, case, change):
    other = msgspec.structs.replace(pinned[case], **change)
    if other == pinned[case]:
        pytest.skip("it is so already")
    found = verify(lived, other, [str(lived.archive_dir)], None)
    assert {difference.where.split(".")[0] for difference in found.different} == set(change)


def test_a_model_that_was_altered_is_refused(lived, pinned, case, tmp_path):
    copy = tmp_path / "registry"
    shutil.copytree(lived.registry_dir, copy)
    arrays = copy / pinned[case].model_version / "arrays.npz"
    stored = dict(np.load(arrays))
    stored["tails.elbow"].flat[0] += 1e-9
    np.savez_compressed(arrays, **stored)
    with pytest.raises(ProgramError, match="was altered"):
        verify(lived, pinned[case], [], copy)


def test_a_model_that_is_gone_is_named(lived, pinned, case, tmp_path):
    with pytest.raises(WrongInputError, match=pinned[case].model_version):
        verify(lived, pinned[case], [], tmp_path)


def test_another_feature_view_is_refused_by_name(lived, pinned, case):
    other = msgspec.structs.replace(pinned[case], view_fingerprint="0123456789abcdef")
    with pytest.raises(ProgramError, match="0123456789abcdef"):
        verify(lived, other, [], None)


def test_events_that_are_not_the_ones_are_told_apart(lived, pinned, case, tmp_path):
    other = tmp_path / "other.ndjson"
    write_events(other, simulate(5, 1, seed=9).tables())
    one = msgspec.structs.replace(pinned[case], partition=0)
    with pytest.raises(ProgramError, match="these are not the events"):
        verify(lived, one, [str(other)], None)
    elsewhere = msgspec.structs.replace(pinned[case], partition=77)
    with pytest.raises(WrongInputError, match="nothing of"):
        verify(lived, elsewhere, [str(lived.archive_dir)], None)


def test_a_log_that_ends_too_soon_or_is_another_says_so(lived, pinned, case):
    later = msgspec.structs.replace(pinned[case], offset=10**9)
    with pytest.raises(ProgramError, match="before 1000000000"):
        verify(lived, later, [], None)
    elsewhere = msgspec.structs.replace(pinned[case], topic="another")
    with pytest.raises(WrongInputError, match="--events"):
        verify(lived, elsewhere, [], None)


def test_a_case_that_is_not_there_is_named(lived):
    with pytest.raises(WrongInputError, match="no case nowhere"):
        pinned_verdict(lived, "nowhere")


@pytest.fixture
def run(lived, monkeypatch, capsys):
    """Run the program on what was lived; gives what it printed."""
    for name in ("database_url", "events_url", "registry_dir", "archive_dir"):
        monkeypatch.setenv(f"FAIRUSE_{name.upper()}", str(getattr(lived, name)))

    def run(*arguments, status=0):
        monkeypatch.setattr(sys, "argv", ["fairuse", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == status, capsys.readouterr().err
        return capsys.readouterr()

    return run


def test_the_program_explains_a_case_and_verifies_it(run, pinned, case):
    said = run("explain", case, "--verify").out
    assert said.startswith(f"{pinned[case].account_id}: ")
    assert pinned[case].reasons[0].sentence in said.replace("Requests", "requests")
    assert "Innocent explanations" in said
    assert "the same, bit for bit" in said


def test_as_json_it_gives_the_verdict_as_it_was_pinned(run, lived, pinned, case):
    said = json.loads(run("explain", case, "--verify", "--events", lived.archive_dir, "--json").out)
    assert msgspec.convert(said["verdict"], type(pinned[case])) == pinned[case]
    assert (said["verified"]["same"], said["verified"]["different"]) == (True, [])


def test_a_replay_that_differs_ends_with_status_1(run, lived, monkeypatch, pinned, case):
    name = next(name for name, value in pinned[case].features.items() if value)
    monkeypatch.setattr("fairuse.explaining.pinned_verdict", lambda *_: changed(pinned[case], name))
    said = run("explain", case, "--verify", "--events", lived.archive_dir, status=1).out
    assert f"features.{name}: pinned" in said


@pytest.mark.parametrize("arguments", [
    (), ("c1", "--file", "a.ndjson", "--account", "x"), ("--file", "a.ndjson"),
    ("--account", "x"), ("--file", "a.ndjson", "--account", "x", "--verify"),
])  # fmt: skip
def test_what_cannot_be_explained_together_is_wrong_usage(run, arguments):
    assert "CASE" in run("explain", *arguments, status=2).err


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "events.parquet"
    write_events(path, simulate(12, 5, seed=5, mix=TIRELESS).tables())
    return path


def test_an_archived_account_is_explained_where_it_stood_highest(lived, files):
    account = simulate(12, 5, seed=5, mix=TIRELESS).labels[-1][0]
    one = highest_verdict(lived, account, [str(files)], None)
    assert one.account_id == account
    assert len(one.benign) == 10
    assert encode(one) == encode(highest_verdict(lived, account, [str(files)], None))
    assert one.model_version in "\n".join(told(one))


def test_an_account_that_is_not_in_the_file_is_named(run, files):
    said = run("explain", "--file", files, "--account", "acc_nobody", status=2)
    assert "acc_nobody" in said.err


def test_differences_are_told_to_the_sign_of_zero_and_the_kind_of_number():
    pinned = verdict(features={"a": 0.0, "b": 1.0, "c": None})
    assert differences(pinned, pinned) == []
    replayed = msgspec.structs.replace(pinned, features={"a": -0.0, "b": 1.0, "d": 2.0})
    found = sorted(difference.where for difference in differences(pinned, replayed))
    assert found == ["features.a", "features.d"]
