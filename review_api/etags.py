"""A case's version as an entity tag (RFC 9110), in answers and in conditions of requests.

The tag also says when the case's pause is over: that happens by time alone, without an event.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from review_api.cases import CaseView

_TAG: Final = re.compile(r'(?:W/)?"(\d{1,9})(?:-over)?"')


def etag_of(view: CaseView) -> str:
    """Give the tag of a case as it is read now."""
    over = view.pause is not None and not view.pause.in_force
    return f'"{view.version}-over"' if over else f'"{view.version}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether a reader who sends this condition has the same already (weak comparison)."""
    known = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return etag in known or "*" in known


def version_meant(version: int | None, if_match: str | None) -> int:
    """Give the version a request is about: from its body, or from `If-Match`.

    The older counts where both are given, and who names none, or a tag that is none of ours, has
    read nothing: the answer is then a conflict that says what was missed.
    """
    named = [] if version is None else [version]
    if if_match is not None:
        tag = _TAG.fullmatch(if_match.strip())
        named.append(int(tag[1]) if tag else 0)
    return min(named, default=0)
