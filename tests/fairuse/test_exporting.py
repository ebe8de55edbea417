"""A model is copied into MLflow whole, into one run however often, and without MLflow says so."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest

from detectors.gate.check import Check, Gate
from detectors.registry import Registry
from fairuse.errors import ProgramError, WrongInputError
from fairuse.exporting import export, figures, parameters
from fairuse.governing import Shelf

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
needs_mlflow = pytest.mark.skipif(find_spec("mlflow") is None, reason="the extra mlflow is absent")


@pytest.fixture
def shelf(registry):
    return Shelf(Registry(registry))


@pytest.fixture
def version(shelf):
    return shelf.registry.champion_version()


def test_figures_are_named_by_check_and_only_finite_numbers_are_told():
    found = {"kinds": {"a b>c": 0.5, "none": float("nan")}, "rows": [1, 2], "said": "so", "n": 3}
    check = Check(name="precision", passed=False, sentence="it is worse", figures=found)
    gate = Gate(passed=False, why="precision: it is worse", checks=(check,))
    assert figures(gate) == {
        "gate.passed": 0.0,
        "gate.precision.passed": 0.0,
        "gate.precision.kinds.a b_c": 0.5,
        "gate.precision.n": 3.0,
    }


def test_parameters_are_the_single_facts_of_the_manifest(shelf, version):
    manifest = shelf.registry.manifest(version)
    told = parameters(manifest)
    assert (told["version"], told["accounts"]) == (version, str(manifest.accounts))
    assert "features" not in told
    assert "positions" not in told


def test_without_mlflow_one_line_names_the_extra(shelf, version, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow.exceptions", None)
    with pytest.raises(WrongInputError, match=r"fairuse\[mlflow\]"):
        export(shelf, version, "sqlite://", NOW)


@needs_mlflow
@pytest.mark.filterwarnings("ignore")  # MLflow's own
def test_a_model_is_one_run_with_its_files_however_often_it_is_exported(
    shelf, version, monkeypatch, tmp_path
):
    from mlflow.tracking import MlflowClient  # noqa: PLC0415 - an extra

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "runs").as_uri()
    first = export(shelf, version, uri, NOW)
    assert export(shelf, version, uri, NOW) == first
    client = MlflowClient(tracking_uri=uri)
    run = client.get_run(first["run"])
    assert run.info.status == "FINISHED"
    assert run.data.params["version"] == version
    assert run.data.tags["fairuse.stage"] == "champion"
    folder = shelf.registry.directory / version
    kept = {one.path for one in client.list_artifacts(first["run"])}
    assert kept == {path.name for path in folder.glob("[!.]*")}


@needs_mlflow
@pytest.mark.filterwarnings("ignore")  # MLflow's own
def test_what_mlflow_refuses_is_said_in_a_line(shelf, version):
    with pytest.raises(ProgramError, match="MLflow did not take model") as refused:
        export(shelf, version, "nowhere://x", NOW)
    assert "\n" not in str(refused.value)
