"""`evaluate`: what the detectors are worth on a labelled log, as a table in words and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detectors import evaluation
from detectors.summary import COLUMNS
from detectors.training import TooLittleToFit
from fairuse.archived import Reading
from fairuse.errors import WrongInputError
from fairuse.labels import read_labels
from fairuse.progress import meter
from fairuse.trusting import open_registry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from detectors.evaluation import Evaluation
    from detectors.training import Replay
    from detectors.verdict import Kind
    from fairuse.settings import Settings


def evaluate_files(
    settings: Settings,
    paths: Sequence[str],
    labels: Path | None,
    registry: Path | None,
    first: int | None,
) -> list[dict[str, object]]:
    """Score files by models that have not seen the accounts, and compare with labels.

    With a registry its champion scores instead. Without labels only the actions are counted.
    """
    known = read_labels(labels) if labels else {}
    reading = Reading(paths, settings)
    with meter("events read") as shown:
        replay: Replay = lambda: reading.batches(shown)  # noqa: E731  a name for one expression
        if first is not None:
            replay = evaluation.first(replay, first)
        try:
            rows = _rows(settings, replay, registry)
        except TooLittleToFit as error:
            raise WrongInputError(f"{', '.join(paths)}: {error}") from error
    if not known:
        return [_actions(rows)]
    kinds: list[Kind | None] = [None, *sorted({kind for kind in known.values() if kind})]
    try:
        return [_facts(evaluation.evaluate(rows, known, kind)) for kind in kinds]
    except ValueError as error:
        raise WrongInputError(f"{labels}: {error}") from error


def _rows(settings: Settings, replay: Replay, registry: Path | None) -> list[Any]:
    if registry is None:
        return evaluation.held_out(replay)
    return evaluation.score(replay, open_registry(settings, registry).champion())


def _actions(rows: list[Any]) -> dict[str, object]:
    place = COLUMNS.index("action")
    counts = {action: sum(row[place] == action for row in rows) for action in ("review", "pause")}
    return {"accounts": len(rows), **counts}


def _facts(found: Evaluation) -> dict[str, object]:
    low, high = found.auc_interval
    return {
        "score": found.column,
        "auc": f"{found.auc:.4f} [{low:.3f}, {high:.3f}]",
        "caught_at_1_percent_false_positives": str(found.caught),
        "abusive_reviewed_or_paused": str(found.abusive_reviewed),
        "abusive_paused": str(found.abusive_paused),
        "honest_reviewed_or_paused": str(found.honest_reviewed),
        "honest_paused": str(found.honest_paused),
    }
