"""`fairuse retrain --json`: one object and status 0 for a night that is over; else one line."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from access.database import open_engine
from detectors.registry import Registry
from fairuse.cli import main
from fairuse.retrain.lock import held
from streams.clock import ManualClock
from tests.fairuse.retrain.conftest import NIGHT


@pytest.fixture
def retrain(platform, monkeypatch, capsys):
    """Run the verb; give its status, its object (None without) and the last line of complaint."""
    for name in ("database_url", "archive_dir", "registry_dir", "retrain_dir"):
        monkeypatch.setenv(f"FAIRUSE_{name.upper()}", str(getattr(platform.settings, name)))
    # In this process, or every run would wait for two more to start.
    monkeypatch.setattr("os.cpu_count", lambda: 1)

    def run(*words):
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["fairuse", "retrain", "--json", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        made = json.loads(said.out) if said.out else None
        return ended.value.code or 0, made, (said.err.splitlines() or [""])[-1]

    return run


def test_a_night_is_one_object_and_the_same_one_when_asked_for_twice(retrain, platform):
    status, came, _ = retrain("--as-of", "2026-03-08T04:00+0100")
    assert (status, came["outcome"], came["night"]) == (0, "kept", "2026-03-08T0300")
    status, again, said = retrain("--as-of", "2026-03-08T03:00Z")
    assert (status, again) == (0, came | {"again": True})
    assert "is over" in said


def test_a_model_made_again_is_one_object(retrain, platform):
    version = Registry(platform.registry).champion_version()
    status, made, _ = retrain("--again", version)
    assert (status, made["same"]) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "2226-03-08"], "--as-of 2226-03-08T00:00:00Z lies ahead"),
        (["--engine", "abacus"], "--engine: 'abacus' is none of local, spark"),
        (["--again", "1234", "--seed", "3"], "--again: the model's manifest says"),
        (["--again", "no-such-model"], "model no-such-model is not in"),
    ],
)
def test_what_is_wrongly_asked_for_is_status_2(retrain, words, said):
    status, made, complaint = retrain(*words)
    assert (status, made) == (2, None)
    assert complaint.startswith(f"fairuse: {said}")


def test_without_an_archive_the_night_is_status_2(retrain, platform):
    shutil.rmtree(platform.settings.archive_dir)
    status, made, complaint = retrain()
    assert (status, made) == (2, None)
    assert "there is no archive here" in complaint


def test_a_night_that_cannot_be_had_now_is_status_1(retrain, platform):
    engine = open_engine(platform.settings.database_url)
    with held(platform.registry, engine, ManualClock(NIGHT)):
        status, made, complaint = retrain()
    engine.dispose()
    assert (status, made) == (1, None)
    assert complaint.startswith("fairuse: another night is running: ")
    (next(platform.registry.glob("[!.]*/arrays.npz"))).write_bytes(b"")
    status, made, complaint = retrain()
    assert (status, made) == (1, None)
    assert complaint.startswith("fairuse: the champion does not load")
