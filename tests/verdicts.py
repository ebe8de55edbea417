"""Verdicts for the tests of review: one honest-looking maker, everything else by keyword."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from detectors.verdict import Action, Kind, Reason, Verdict, encode, verdict_id

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def verdict(account="acc_1", *, kind=Kind.AUTOMATION, action=Action.PAUSE, offset=7, **more):
    """Make a verdict; one of another offset is another verdict."""
    made = Verdict(
        verdict_id=verdict_id(account, kind, action, "m1", f"usage-events/0/{offset}"),
        account_id=account,
        kind=kind,
        action=action,
        abuse=0.97,
        scores={Kind.AUTOMATION: 0.97, Kind.RESELLING: 0.2},
        reasons=[
            Reason(
                code="fixed_interval",
                sentence="212 of 220 jobs came exactly 60 seconds after the one before.",
                kind=kind,
                group="timing",
                feature="gap_cv",
                observed=0.004,
                hard=True,
            )
        ],
        occurred_at="2026-11-23T08:59:58Z",
        model_version="m1",
        view_fingerprint="f00d",
        topic="usage-events",
        partition=0,
        offset=offset,
        events=220,
        features={"gap_cv": 0.004, "night_share": None},
    )
    return msgspec.structs.replace(made, **more)


def payload(*args, **more):
    """Make a verdict as it travels."""
    return encode(verdict(*args, **more))
