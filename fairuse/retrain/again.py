"""Makes a model again from its manifest, and says whether it is the same, bit for bit.

The archive up to the manifest's positions, the labels as they were known, the seed: nothing else
goes into a model but the code, and that is compared, too.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from access.database import readers
from detectors.model import Incompatible, arrays_of, version_of
from fairuse.errors import ProgramError, WrongInputError
from fairuse.retrain.making import blank, build
from fairuse.retrain.opening import open_log
from fairuse.retrain.plan import Plan
from fairuse.retrain.source import code_digest
from fairuse.trusting import open_registry
from fairuse.wiring import open_database
from review_api.labels import label_set
from streams.archive_locks import reading

if TYPE_CHECKING:
    from detectors.labels import LabelSet
    from detectors.model import Manifest
    from detectors.training import Fitted
    from fairuse.settings import Settings


def made_again(
    settings: Settings,
    version: str,
    engine: str = "local",
    processes: int | None = None,
    master: str | None = None,
) -> dict[str, object]:
    """Make a model again and compare; `ProgramError` names what differs.

    `WrongInputError` for a model that no night made.
    """
    registry = open_registry(settings)
    if version not in registry.versions():
        raise WrongInputError(
            f"model {version} is not in {registry.directory}; `fairuse models list` tells which are"
        )
    try:
        manifest = registry.manifest(version)
    except Incompatible as error:
        raise WrongInputError(str(error)) from error
    if not manifest.positions:
        raise WrongInputError(f"{version}: its manifest does not say what it was made from")
    labels = _labels_of(settings, manifest)
    plan = _plan_of(manifest, engine)
    with reading(settings.archive_dir), open_log(settings, plan, processes, master) as log:
        until = datetime.fromisoformat(manifest.as_of)
        models = build(log, labels, blank(manifest.seed, until), until)
    # Of the two models of a night: that which learnt, or the pair that did not.
    made = models[-1] if manifest.unsupervised else models[0]
    found = version_of(arrays_of(made.bank, made.calibration), made.manifest)
    if found != version:
        raise ProgramError(f"{version} came out as {found}: {_why(manifest, made, labels)}")
    return {
        "model": version, "same": True, "night": manifest.night, "as_of": manifest.as_of,
        "positions": manifest.positions, "labels": len(labels.labels), "seed": manifest.seed,
        "said": "the same, bit for bit",
    }  # fmt: skip


def _labels_of(settings: Settings, manifest: Manifest) -> LabelSet:
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            return label_set(
                session, known_by=datetime.fromisoformat(manifest.labels_known_by),
                observed_by=datetime.fromisoformat(manifest.labels_observed_by),
            )  # fmt: skip
    finally:
        engine.dispose()


def _plan_of(manifest: Manifest, engine: str) -> Plan:
    return Plan(
        night=manifest.night, as_of=datetime.fromisoformat(manifest.as_of), seed=manifest.seed,
        engine=engine, positions=manifest.positions,
    )  # fmt: skip


def _why(manifest: Manifest, made: Fitted, labels: LabelSet) -> str:
    """Say what is otherwise than it was."""
    different = []
    if manifest.code != code_digest():
        different.append("the code or a library it uses is another")
    if manifest.label_digest != labels.digest:
        different.append("the labels are no longer those that were known then")
    for name in ("events", "accounts", "excluded", "calibrated", "learnt"):
        was, now = getattr(manifest, name), getattr(made.manifest, name)
        if was != now:
            different.append(f"{name} {was}, now {now}")
    return "; ".join(different) or "from the same events, labels, seed and code"
