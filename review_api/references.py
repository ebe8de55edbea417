"""A case's short reference: what a customer writes in a letter and a reviewer searches for.

It is the beginning of the case's id, in capitals: 9F3C-21AB. Two cases may share one; a search
then gives both.
"""

from __future__ import annotations

import re
from typing import Final

_LENGTH: Final = 8
_REFERENCE: Final = re.compile(r"([0-9A-Fa-f]{4})[- ]?([0-9A-Fa-f]{4})")


def reference_of(case_id: str) -> str:
    """Give the case's reference."""
    start = case_id[:_LENGTH].upper()
    return f"{start[:4]}-{start[4:]}"


def id_begins_with(reference: str) -> str | None:
    """Say how the id of a case of this reference begins; None if this is no reference."""
    found = _REFERENCE.fullmatch(reference.strip())
    return (found[1] + found[2]).lower() if found else None
