"""What a letter is written from, as a value: a notice without the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review_api.notices.records import Notice
    from review_api.notices.vocabulary import Occasion


@dataclass(frozen=True, slots=True)
class Said:
    """What is told: see `review_api.notices.records.Notice`."""

    occasion: Occasion
    facts: Mapping[str, Any]
    statement: Mapping[str, Any] | None
    words: str


def is_erased(notice: Notice) -> bool:
    """Say whether what the notice told was erased at the account's request."""
    return not notice.facts


def said_in(notice: Notice) -> Said:
    """Give what a stored notice says."""
    return Said(notice.occasion, notice.facts, notice.statement, notice.words)
