"""Finds the verdict that `fairuse explain` explains: a case's, or that of an archived account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access.database import readers
from detectors.model import Incompatible
from detectors.registry import NoModel
from detectors.scorer import Scorer
from fairuse.archived import Reading
from fairuse.errors import WrongInputError
from fairuse.progress import meter
from fairuse.trusting import open_registry
from fairuse.watching import policy_of
from fairuse.wiring import open_database
from features.state import FeatureState
from review_api.cases import view_case
from review_api.errors import CaseNotFoundError
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from detectors.asking import Judged
    from detectors.verdict import Verdict
    from fairuse.settings import Settings
    from streams.columns import EventBatch


def pinned_verdict(settings: Settings, case_id: str) -> Verdict:
    """Give a case's newest verdict as it was pinned; `WrongInputError` if there is no such case."""
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            return view_case(session, case_id, SystemClock().now()).evidence[-1].verdict
    except CaseNotFoundError as error:
        raise WrongInputError(str(error)) from error
    finally:
        engine.dispose()


def highest_verdict(
    settings: Settings, account: str, paths: Sequence[str], registry: Path | None
) -> Verdict:
    """Explain an archived account where it stood highest, whatever was asked for there."""
    try:
        scorer = Scorer(open_registry(settings, registry).champion(), policy_of(settings))
    except (NoModel, Incompatible) as error:
        raise WrongInputError(str(error)) from error
    state, reading = FeatureState(), Reading(paths, settings)
    highest: tuple[tuple[int, float], Judged, EventBatch] | None = None
    with meter("events scored") as shown:
        for batch in reading.batches(shown):
            readings = state.update(batch)
            row = state.names.index(account) if account in state.names else -1
            for judged in scorer.stand(batch, readings.of(row), state):
                height = scorer.asker.acting(judged).rank, float(judged.line["standing"])
                if highest is None or height > highest[0]:
                    highest = height, judged, batch
    if highest is None:
        raise WrongInputError(
            f"{', '.join(paths)}: there is no {account}, or it made too few requests to be scored"
        )
    return scorer.tell(highest[1], highest[2], state, paths[0])
