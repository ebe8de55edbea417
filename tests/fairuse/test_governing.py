"""`fairuse models`: what is told of models, and what a person's word moves and does not."""

from __future__ import annotations

import errno
import json
import os
import shutil
from datetime import UTC, datetime

import msgspec
import pytest
from typer.testing import CliRunner

from detectors.calibration import Calibration
from detectors.gate.check import Check, Gate
from detectors.registry import Registry
from detectors.stages import Stage
from fairuse.cli import app
from fairuse.errors import ProgramError, WrongInputError
from fairuse.governing import GATE_FILE
from fairuse.retrain.plan import Answer, Tonight, make_plan


@pytest.fixture
def models(tmp_path, registry):
    folder = tmp_path / "models"
    shutil.copytree(registry, folder)
    return Registry(folder)


@pytest.fixture
def first(models):
    return models.champion_version()


@pytest.fixture
def second(models):
    """Register a model of fewer months, which the gate let pass."""
    one = models.champion()
    fewer = Calibration(one.calibration.maxima[3:])
    version = models.register(one.bank, fewer, one.manifest).manifest.version
    said(models, version, passed=True)
    return version


def said(models, version, *, passed):
    check = Check(name="precision", passed=passed, sentence="as it was")
    gate = Gate(passed=passed, why="precision: as it was", checks=(check,))
    content = msgspec.json.encode(Answer(night="2026-11-23", gate=gate))
    models.keep_beside(version, GATE_FILE, content)


@pytest.fixture
def run(models):
    def verb(*words):
        asked = ["models", *words, "--registry", str(models.directory), "--json"]
        done = CliRunner().invoke(app, asked)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return json.loads(done.stdout)

    return verb


def test_every_model_is_listed_with_its_stage_and_why(run, first, second):
    rows = {row["model"]: row for row in run("list")["models"]}
    assert (rows[first]["stage"], rows[first]["why"]) == ("champion", "it is needed")
    assert (rows[second]["stage"], rows[second]["why"]) == ("shadow", "never moved")


@pytest.mark.parametrize("words", [("list",), ("show",), ("promote", "--why", "x")])
def test_a_damaged_move_is_named_in_a_line(run, models, first, words):
    (models.directory / "moves" / "000009.json").write_text("{")
    verb, *rest = words
    with pytest.raises(ProgramError, match=r"000009.json: this move is damaged.*from a copy"):
        run(verb, *([] if verb == "list" else [first]), *rest)


def test_a_model_whose_manifest_is_damaged_is_listed_as_such(run, models, second):
    (models.directory / second / "manifest.json").write_text("{")
    rows = {row["model"]: row for row in run("list")["models"]}
    assert rows[second]["why"] == "never moved; its manifest cannot be read"


def test_a_retired_model_whose_arrays_are_gone_hinders_nobody(run, models, second, monkeypatch):
    monkeypatch.setattr("fairuse.retrain.plan.positions_of", lambda *_: {})
    models.move(second, Stage.RETIRED, actor="ann", why="refused", at="2026-11-23T09:00:00Z")
    (models.directory / second / "arrays.npz").unlink()
    rows = {row["model"]: row for row in run("list")["models"]}
    assert (rows[second]["stage"], rows[second]["why"]) == ("retired", "refused")
    tonight = Tonight(datetime(2026, 11, 24, tzinfo=UTC), asked=False, seed=1, engine="local")
    assert make_plan(models, models.directory, tonight).champion == models.champion_version()
    with pytest.raises(ProgramError, match="No such file"):
        run("show", second)


@pytest.mark.parametrize("words", [("show",), ("promote", "--why", "x")])
def test_an_answer_of_the_gate_that_is_damaged_is_named(run, models, second, words):
    (models.directory / second / GATE_FILE).write_text("{")
    with pytest.raises(ProgramError, match=f"{second}/{GATE_FILE}: what the gate said is damaged"):
        run(words[0], second, *words[1:])


@pytest.mark.parametrize("why", [errno.EROFS, errno.ENOSPC, errno.EPERM])
def test_a_registry_that_cannot_be_written_to_is_named_and_nothing_moves(
    run, models, second, monkeypatch, why
):
    first = models.champion_version()
    run("promote", second, "--why", "I looked at it")

    def refused(name, place):
        raise OSError(why, os.strerror(why), name, None, str(place))

    monkeypatch.setattr(os, "link", refused)
    for words in (("promote", first), ("rollback",), ("rollback", "--to", first)):
        with pytest.raises(ProgramError, match=f"{os.strerror(why)}: nothing was moved"):
            run(*words, "--why", "a slip", *(["--against-the-gate"] if "promote" in words else []))
    assert models.champion_version() == second


def test_one_model_is_shown_whole(run, second):
    shown = run("show", second)
    assert (shown["stage"], shown["gate"]) == ("shadow", "precision: as it was")
    assert shown["checks"] == [{"check": "precision", "passed": True, "says": "as it was"}]
    assert shown["strata"]
    assert shown["moves"] == []


def test_a_difference_names_both_sides_and_equal_models_have_none(run, first, second):
    assert run("diff", first, first)["differences"] == []
    found = {row["about"]: row for row in run("diff", first, second)["differences"]}
    assert any(about.startswith("hold above") for about in found)
    assert "origin" not in found


def test_a_promotion_and_its_rollback_are_inverse(run, models, first, second):
    run("promote", second, "--why", "I looked at it")
    assert models.champion_version() == second
    assert models.stage_of(first) is Stage.RETIRED
    run("rollback", "--why", "it was better")
    assert models.champion_version() == first
    last = models.moves()[-1]
    assert (last.why, last.back) == ("it was better", True)


def test_what_the_gate_refused_needs_the_word_that_one_goes_against_it(run, models, first, second):
    said(models, second, passed=False)
    with pytest.raises(ProgramError, match="refused it: precision: as it was; --against-the-gate"):
        run("promote", second, "--why", "I know better")
    assert models.champion_version() == first
    run("promote", second, "--why", "I know better", "--against-the-gate")
    assert models.champion_version() == second


def test_what_the_gate_was_never_asked_about_is_refused_likewise(run, models, first, second):
    (models.directory / second / GATE_FILE).unlink()
    with pytest.raises(ProgramError, match="was never asked"):
        run("promote", second, "--why", "it is new")
    assert models.champion_version() == first


def test_a_model_that_does_not_load_is_not_promoted(run, models, first, second):
    arrays = models.directory / second / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:-40])
    with pytest.raises(ProgramError, match=second):
        run("promote", second, "--why", "it is new", "--against-the-gate")
    assert models.champion_version() == first


def test_nothing_is_rolled_back_to_what_never_was_champion(run, models, first, second):
    with pytest.raises(WrongInputError, match="was never the champion"):
        run("rollback", "--to", second, "--why", "a slip")
    with pytest.raises(ProgramError, match="no champion before"):
        run("rollback", "--why", "a slip")
    assert models.champion_version() == first


def test_going_back_leads_to_the_last_time_a_model_was_champion(run, models, first, second):
    for version in (second, first, second):
        run("promote", version, "--why", "to and fro", "--against-the-gate")
    run("rollback", "--why", "back")
    assert models.champion_version() == first
    run("rollback", "--why", "further back")
    assert models.champion_version() == second
    with pytest.raises(WrongInputError, match="is the champion already"):
        run("rollback", "--to", second, "--why", "a slip")


def test_nothing_is_rolled_back_to_a_model_that_does_not_load(run, models, first, second):
    run("promote", second, "--why", "I looked at it")
    arrays = models.directory / first / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:-40])
    with pytest.raises(ProgramError, match=f"{first}.*--to names an earlier champion"):
        run("rollback", "--why", "it was better")
    assert models.champion_version() == second


@pytest.mark.parametrize("verb", ["promote", "rollback"])
def test_a_move_wants_a_reason_in_words(run, models, first, second, verb):
    words = [second, "--why", " "] if verb == "promote" else ["--why", ""]
    with pytest.raises(WrongInputError, match="--why: say in words why"):
        run(verb, *words)
    assert models.champion_version() == first


def test_the_list_says_since_when_and_why_a_model_no_longer_scores(run, models, first, second):
    run("promote", second, "--why", "I looked at it")
    rows = {row["model"]: row for row in run("list")["models"]}
    assert (rows[first]["stage"], rows[first]["why"]) == ("retired", f"{second} took its place")
    assert rows[first]["since"] == rows[second]["since"] == models.moves()[-1].at


@pytest.mark.parametrize("words", [("show",), ("promote", "--why", "x")])
def test_a_model_that_is_not_there_is_named(run, words):
    verb, *rest = words
    with pytest.raises(WrongInputError, match="0123456789ab is not in"):
        run(verb, "0123456789ab", *rest)


def test_a_pair_of_keys_signs_and_is_believed(monkeypatch, tmp_path, models):
    done = CliRunner().invoke(app, ["models", "key", "--json"])
    keys = json.loads(done.stdout)
    one = models.champion()
    from detectors.signing import Trust  # noqa: PLC0415 - as the program loads it

    trust = Trust.of(keys["FAIRUSE_MODEL_SIGNING_KEY"], [keys["FAIRUSE_MODEL_VERIFY_KEYS"]])
    signed = Registry(tmp_path / "signed", trust)
    signed.install(one.bank, one.calibration, one.manifest, actor="a", why="b")
    assert signed.champion().manifest.version == one.manifest.version
