"""A verdict in words for a terminal: what was observed, what may explain it, what clears it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from msgspec import to_builtins

from fairuse.progress import give
from review_api.console.words import (
    asked,
    cause,
    figure,
    listed,
    one_in,
    peers,
    percent,
    plain,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.verdict import Verdict
    from fairuse.verifying import Verified


def give_verdict(verdict: Verdict, found: Verified | None = None, *, as_json: bool) -> None:
    """Print the explanation of a verdict, and what verifying it `found`."""
    if as_json:
        verified = {} if found is None else {"verified": {"same": found.same} | asdict(found)}
        give(json.dumps({"verdict": to_builtins(verdict)} | verified))
        return
    for line in told(verdict):
        give(line)
    for line in found.lines() if found else ():
        give(line)


def told(verdict: Verdict) -> Iterator[str]:
    """Yield the explanation of a verdict, line by line."""
    yield f"{verdict.account_id}: {plain(verdict.kind)}, asked for {asked(verdict)}"
    yield from _scores(verdict)
    yield ""
    yield "What was observed, and the share of accounts with about as many requests it is beyond"
    for reason in verdict.reasons:
        share = "a rule" if reason.percentile is None else percent(reason.percentile)
        yield f"  {share:<12}  {sentence(reason.sentence)} ({plain(reason.group)})"
    if verdict.groups:
        yield f"  Strong independent evidence in: {listed(verdict.groups)}"
    yield from _cleared(verdict)
    yield from _explained(verdict)
    if verdict.unknown:
        yield ""
        yield f"Could not be computed: {listed(verdict.unknown)}"
    yield ""
    yield from _origin(verdict)


def _scores(verdict: Verdict) -> Iterator[str]:
    scores = ", ".join(f"{plain(kind)} {score:.2f}" for kind, score in verdict.scores.items())
    yield f"score {verdict.abuse:.4f} of 1 ({scores})"
    if verdict.p_value is not None:
        among = f" ({peers(verdict.stratum)})" if peers(verdict.stratum) else ""
        yield f"of calibrated honest account-months{among}, {one_in(verdict.p_value)} reaches it"
    if verdict.probability is None:
        yield "how likely it is abuse cannot be said yet: too few cases are decided"
    else:
        yield f"of decided cases with such figures, {percent(verdict.probability)} were abuse"


def _cleared(verdict: Verdict) -> Iterator[str]:
    if verdict.clearing:
        yield ""
        yield f"What would have cleared it: {verdict.clearing.sentence}"
        observed, needed = verdict.clearing.observed, verdict.clearing.needed
        yield f"  {verdict.clearing.feature}: {figure(observed)} observed, {figure(needed)} needed"
    elif verdict.benign:
        yield ""
        yield "What would have cleared it: no change of one figure alone"


def _explained(verdict: Verdict) -> Iterator[str]:
    if not verdict.benign:
        return
    yield ""
    yield "Innocent explanations"
    for one in [one for one in verdict.benign if one.explains]:
        yield f"  {one.standing:<12}  {cause(one.cause)}: {one.sentence}"
        yield f"  {'':<12}  would explain {listed(one.explains)}"
    others = [f"{plain(one.cause)} {one.standing}" for one in verdict.benign if not one.explains]
    if others:
        yield f"  would explain nothing of it: {', '.join(others)}"


def _origin(verdict: Verdict) -> Iterator[str]:
    yield f"verdict {verdict.verdict_id}, {verdict.occurred_at}, {verdict.events} events known"
    yield f"model {verdict.model_version}, feature view {verdict.view_fingerprint}"
    place = f"partition {verdict.partition}, offset {verdict.offset}, event {verdict.index}"
    yield f"{verdict.topic}, {place}"
