"""Which detectors only watch, as a setting or an argument names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.auditing import Audits
from detectors.policy import Policy
from fairuse.errors import WrongInputError

if TYPE_CHECKING:
    from fairuse.settings import Settings


def policy_of(settings: Settings, detect_only: str | None = None) -> Policy:
    """Give the policy; `detect_only`, names with commas between, stands before the setting.

    Raises `WrongInputError` naming the names that no detector has.
    """
    where = "FAIRUSE_DETECT_ONLY" if detect_only is None else "--detect-only"
    text = settings.detect_only if detect_only is None else detect_only
    try:
        return Policy(
            detect_only=frozenset(listed(text)),
            audits=Audits(settings.audit_share, settings.hash_key),
        )
    except ValueError as error:
        raise WrongInputError(f"{where}: {error}") from error


def listed(text: str) -> list[str]:
    """Give the names in a text with commas between them."""
    return [name.strip() for name in text.split(",") if name.strip()]
