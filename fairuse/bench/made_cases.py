"""A database of paused accounts with a case each, written in bulk: to measure reading with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import insert, text

from access.database import writers
from access.models import Account, LeaseEvent, PauseLease
from access.vocabulary import Entitlement, LeaseEventKind
from detectors.evidence import BY_FEATURE
from detectors.verdict import Action, Benign, Kind, Reason, Response, Standing, Verdict, encode
from review_api.models import Case, CaseEvent, Evidence
from review_api.vocabulary import CaseEventKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine import Engine

    from review_api.policy import ReviewPolicy

REASONS: Final = 5
_ROWS: Final = 1_000


def make_cases(engine: Engine, cases: int, now: datetime, policy: ReviewPolicy) -> None:
    """Write so many cases, named `case_0` and so on, of one verdict each."""
    chance = np.random.default_rng(7)
    for start in range(0, cases, _ROWS):
        numbers = range(start, min(start + _ROWS, cases))
        verdicts = [_verdict(number, chance, now) for number in numbers]
        with writers(engine).begin() as session:
            for table, rows in _rows(verdicts, now, policy):
                session.execute(insert(table), rows)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def _verdict(number: int, chance: np.random.Generator, now: datetime) -> Verdict:
    figures = dict(zip(BY_FEATURE, chance.random(len(BY_FEATURE)).tolist(), strict=True))
    said = list(BY_FEATURE.values())[:REASONS]
    reasons = [
        Reason(
            code=each.feature,
            sentence=f"{each.feature} was {figures[each.feature]:.4f}, as in one account of 2,000",
            kind=Kind.AUTOMATION,
            group=each.group,
            feature=each.feature,
            observed=figures[each.feature],
            percentile=0.9995,
        )
        for each in said
    ]
    innocent = Benign(
        cause="batch_feature",
        standing=Standing.CONTRADICTED,
        sentence="no batch of the official feature was used at those times",
        explains=[reasons[0].code],
    )
    return Verdict(
        verdict_id=f"verdict_{number}",
        account_id=f"acc_{number}",
        kind=Kind.AUTOMATION,
        action=Action.PAUSE,
        response=Response.PAUSE,
        abuse=float(chance.random()),
        scores={kind: float(chance.random()) for kind in Kind},
        reasons=reasons,
        benign=[innocent],
        features=figures,
        occurred_at=now.isoformat(),
        model_version="bench",
        view_fingerprint="bench",
        topic="usage-events",
        partition=0,
        offset=number,
        events=4_000,
    )


def _rows(
    verdicts: Sequence[Verdict], now: datetime, policy: ReviewPolicy
) -> list[tuple[type[Any], list[dict[str, Any]]]]:
    pairs = [(f"case_{verdict.offset}", verdict) for verdict in verdicts]
    kinds = (CaseEventKind.OPENED, CaseEventKind.PAUSED)
    return [
        (Account, [{"id": verdict.account_id, "first_seen": now} for verdict in verdicts]),
        (Case, [_case(name, verdict, now) for name, verdict in pairs]),
        (CaseEvent, [
            {"case_id": name, "sequence": place, "kind": kind, "at": now, "actor": "intake",
             "detail": {}}
            for name, _ in pairs for place, kind in enumerate(kinds, 1)
        ]),
        (Evidence, [_evidence(name, verdict, now) for name, verdict in pairs]),
        (PauseLease, [_lease(name, verdict, now) for name, verdict in pairs]),
        (LeaseEvent, [
            {"lease_id": f"lease_{name}", "sequence": 1, "kind": LeaseEventKind.TAKEN, "at": now,
             "until": now + policy.pause_for, "actor": "intake"}
            for name, _ in pairs
        ]),
    ]  # fmt: skip


def _case(name: str, verdict: Verdict, now: datetime) -> dict[str, Any]:
    return {
        "id": name,
        "account_id": verdict.account_id,
        "kind": verdict.kind,
        "opened_at": now,
        "closed_at": None,
    }


def _evidence(name: str, verdict: Verdict, now: datetime) -> dict[str, Any]:
    return {
        "case_id": name,
        "verdict_id": verdict.verdict_id,
        "action": verdict.action,
        "abuse": verdict.abuse,
        "occurred_at": now,
        "received_at": now,
        "model_version": verdict.model_version,
        "view_fingerprint": verdict.view_fingerprint,
        "log_topic": verdict.topic,
        "log_partition": verdict.partition,
        "log_offset": verdict.offset,
        "schema": verdict.schema,
        "payload": encode(verdict).decode(),
    }


def _lease(name: str, verdict: Verdict, now: datetime) -> dict[str, Any]:
    return {
        "id": f"lease_{name}",
        "account_id": verdict.account_id,
        "entitlement": Entitlement.MONTHLY_QUOTA,
        "case_id": name,
        "reason": "Jobs on your monthly quota looked as if a program started them.",
        "taken_at": now,
        "ended_at": None,
    }
