"""Notices that nobody was ever sent: every template is tried with them before it is used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from detectors.verdict import Action, Kind, Reason, Verdict
from review_api.notices.said import Said
from review_api.notices.statement import LOOKED_AS, Pinned, state_reasons, write_statement
from review_api.notices.vocabulary import RESTRICTS
from review_api.vocabulary import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review_api.notices.vocabulary import Occasion

_SINCE: Final = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
_UNTIL: Final = _SINCE + timedelta(days=3)
_VERDICT: Final = Verdict(
    verdict_id="sample",
    account_id="sample",
    kind=Kind.AUTOMATION,
    action=Action.PAUSE,
    abuse=1.0,
    scores={},
    reasons=[
        Reason(
            code="no_rest", sentence="", kind=Kind.AUTOMATION, group="rest",
            feature="longest_stretch", observed=100.0, hard=True,
        )
    ],
    occurred_at=_SINCE.isoformat(),
    model_version="",
    view_fingerprint="",
    topic="",
    partition=0,
    offset=0,
    events=400,
)  # fmt: skip


def samples_of(occasion: Occasion) -> Iterator[Said]:
    """Give one notice with all that it can have, and one with as little as it can."""
    pinned = Pinned(
        _VERDICT, _SINCE, timedelta(days=30), _SINCE, _UNTIL, "0000-0000", "0", confirmed=False
    )
    statement = write_statement(state_reasons(pinned)) if occasion in RESTRICTS else None
    facts = {
        "reference": "0000-0000",
        "looked_as": LOOKED_AS[Kind.AUTOMATION],
        "reason_code": None,
        "confirmed": False,
        "until": _UNTIL.isoformat(),
        "made_good": None,
    }
    yield Said(occasion, facts, statement, "")
    full = {"confirmed": True, "made_good": {"month": "2026-02", "seconds": 3600.0}}
    for code in (ReasonCode.OWN_DEVICES, ReasonCode.OFFER_SEATS):
        yield Said(occasion, facts | full | {"reason_code": code.value}, statement, "Words.")
