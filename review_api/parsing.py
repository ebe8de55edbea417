"""Reads a verdict off the wire and checks everything the database would choke on later.

A payload that cannot be kept is answered with the reason in one sentence; nothing is raised.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH, NAME_LENGTH
from detectors.verdict import VERDICT_SCHEMA, Action, Response, Verdict, decode

# Control characters: PostgreSQL refuses NUL in text, and no identifier needs the others.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_INT32_MAX: Final = 2**31 - 1
_INT64_MAX: Final = 2**63 - 1


def read_verdict(payload: bytes) -> Verdict | str:
    """Give the verdict, or the sentence that says why it cannot be kept."""
    try:
        payload.decode()
        verdict = decode(payload)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
        return f"not a verdict: {problem}"
    return fault_of(verdict) or verdict


def fault_of(verdict: Verdict) -> str | None:
    """Say what is wrong with a verdict of the right shape, or None."""
    if verdict.schema > VERDICT_SCHEMA or verdict.schema < 1:
        return f"schema {verdict.schema} is not one this release reads (1 to {VERDICT_SCHEMA})"
    for field, longest in _TEXTS.items():
        value: str = getattr(verdict, field)
        least = 0 if field in _MAY_BE_EMPTY else 1
        if not least <= len(value) <= longest or _CONTROL.search(value):
            return f"{field} must be {least} to {longest} characters without control characters"
    for field, highest in _NUMBERS.items():
        if not 0 <= getattr(verdict, field) <= highest:
            return f"{field} must be from 0 to {highest}"
    if not instant(verdict.occurred_at):
        return "occurred_at must be a time with its zone"
    return _contradiction_in(verdict)


def _contradiction_in(verdict: Verdict) -> str | None:
    # The first schema knew no response, only the action.
    if verdict.response is not Response.NONE and verdict.response.action is not verdict.action:
        return f"the response {verdict.response} does not go with the action {verdict.action}"
    drawn = {"audit": verdict.audit, "flip": verdict.flip.probability if verdict.flip else None}
    for name, probability in drawn.items():
        if probability is None:
            continue
        if not 0 < probability <= 1:
            return f"{name} must be a probability above 0, at most 1"
        if (verdict.action, verdict.response) != _A_LOOK:
            return f"{_ARTICLE[name]} asks for a review and for nothing else"
    if verdict.calibrating and (verdict.action, verdict.response) != _A_LOOK:
        return "a look for calibration asks for a review and for nothing else"
    if verdict.flip and not 1 <= len(verdict.flip.candidate) <= NAME_LENGTH:
        return f"flip.candidate must be 1 to {NAME_LENGTH} characters"
    return None


def instant(text: str) -> datetime | None:
    """Read an RFC 3339 time; None if it is not one or carries no zone."""
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_A_LOOK: Final = (Action.REVIEW, Response.NONE)
_ARTICLE: Final = {"audit": "an audit", "flip": "a flip"}
_TEXTS: Final = {
    "verdict_id": ID_LENGTH,
    "account_id": ACCOUNT_ID_LENGTH,
    "model_version": NAME_LENGTH,
    "view_fingerprint": NAME_LENGTH,
    "topic": 255,
    "detector": NAME_LENGTH,
    "stratum": NAME_LENGTH,
    "country": NAME_LENGTH,
}
_MAY_BE_EMPTY: Final = frozenset({"detector", "stratum", "country"})
_NUMBERS: Final = {"abuse": 1, "partition": _INT32_MAX, "offset": _INT64_MAX}
