"""A case's version as an entity tag (RFC 9110), in answers and in conditions of requests.

The tag also says when the case's pause is over: that happens by time alone, without an event.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review_api.errors import BadRequestError

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
    """Give the version a request is about: from its body, from `If-Match`, or both alike."""
    tagged = None if if_match is None else _version_in(if_match)
    if version is None and tagged is None:
        raise BadRequestError("name the version you have read: `version`, or an If-Match header")
    if version is not None and tagged is not None and version != tagged:
        raise BadRequestError(f"`version` is {version}, and If-Match says {tagged}")
    return version or tagged or 0


def _version_in(if_match: str) -> int:
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise BadRequestError("If-Match: send the ETag of the case as it was given")
    return int(found[1])
