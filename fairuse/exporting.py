"""Copies a model into MLflow, for teams that look at all their models there.

One run a model, found again by its tag: its manifest as parameters, where it stands as tags, the
gate's figures as metrics, its files as artifacts. MLflow is told, never asked: which model scores
is for the registry alone to say.
"""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from fairuse.errors import ProgramError, WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mlflow.tracking import MlflowClient

    from detectors.gate.check import Gate
    from detectors.model import Manifest
    from fairuse.governing import Shelf

EXPERIMENT: Final = "fairuse"
TAG: Final = "fairuse.model"
NO_MLFLOW: Final = "MLflow is not installed: pip install 'fairuse[mlflow]'"
QUIET: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # what we export goes where we were told, nowhere else
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",  # seven, by default, are minutes of silence
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
_UNNAMEABLE: Final = re.compile(r"[^\w\-. /]", re.ASCII)
_AT_ONCE: Final = 500
"""MLflow takes up to a thousand metrics in a request."""


def export(shelf: Shelf, version: str, uri: str, now: datetime) -> dict[str, object]:
    """Copy one model to the MLflow at `uri`; again, it is the same run that is brought up to date.

    Raises `WrongInputError` without MLflow or the model, `ProgramError` if MLflow refuses.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - an extra
        from mlflow.tracking import MlflowClient  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise WrongInputError(NO_MLFLOW) from error
    manifest = shelf.load(version).manifest
    try:
        client = MlflowClient(tracking_uri=uri)
        run = _run_of(client, version)
        _tell(client, run, shelf, manifest, now)
        client.set_terminated(run)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        first = str(error).strip().partition("\n")[0]
        raise ProgramError(f"MLflow did not take model {version}: {first}") from error
    return {"model": version, "experiment": EXPERIMENT, "run": run}


def parameters(manifest: Manifest) -> dict[str, str]:
    """Give what a manifest says in single words and numbers; the rest is in the file."""
    facts = msgspec.to_builtins(manifest)
    return {
        name: str(fact) for name, fact in facts.items() if not isinstance(fact, dict | list | tuple)
    }


def figures(gate: Gate) -> dict[str, float]:
    """Give every finite number the gate found, by check and name."""
    found = {"gate.passed": float(gate.passed)}
    for check in gate.checks:
        found[f"gate.{check.name}.passed"] = float(check.passed)
        found |= _numbers(f"gate.{check.name}", check.figures)
    return found


def _numbers(prefix: str, figures: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for key, value in figures.items():
        name = _UNNAMEABLE.sub("_", f"{prefix}.{key}")
        if isinstance(value, dict):
            yield from _numbers(name, value)
        elif isinstance(value, int | float) and math.isfinite(value):
            yield name, float(value)


def _run_of(client: MlflowClient, version: str) -> str:
    """Find the run of a model, or begin one."""
    known = client.get_experiment_by_name(EXPERIMENT)
    where = known.experiment_id if known else client.create_experiment(EXPERIMENT)
    runs = client.search_runs([where], f"tags.`{TAG}` = '{version}'", max_results=1)
    run = runs[0] if runs else client.create_run(where, run_name=version, tags={TAG: version})
    return str(run.info.run_id)


def _tell(client: MlflowClient, run: str, shelf: Shelf, manifest: Manifest, now: datetime) -> None:
    from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415 - an extra

    version, answer = manifest.version, shelf.answer(manifest.version)
    tags = {
        "fairuse.stage": str(shelf.registry.stage_of(version)),
        "fairuse.gate": answer.gate.why if answer else "the gate was not asked",
    }
    client.log_batch(
        run,
        params=[Param(*one) for one in parameters(manifest).items()],
        tags=[RunTag(*one) for one in tags.items()],
    )
    at = int(now.timestamp() * 1000)
    found = figures(answer.gate) if answer else {}
    metrics = [Metric(name, value, at, 0) for name, value in found.items()]
    for start in range(0, len(metrics), _AT_ONCE):
        client.log_batch(run, metrics=metrics[start : start + _AT_ONCE])
    # What a crash left half written begins with a dot.
    for path in sorted((shelf.registry.directory / version).glob("[!.]*")):
        client.log_artifact(run, str(path))
