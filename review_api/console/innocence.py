"""What innocently looks like each kind: a reviewer rules these out before upholding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.verdict import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

INNOCENT_CAUSES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.AUTOMATION: (
        "switch control, dictation or another accessibility tool keeps an even rhythm",
        "a contest or a deadline: long days for a week, then rest",
        "batch or variations of the platform itself, reported without its feature name",
    ),
    Kind.SCRIPTING: (
        "an official plug-in or an accessibility tool drives the page",
        "a content blocker or an old client swallows gestures and views",
        "results are looked at elsewhere: downloads, a shared folder, another device",
    ),
    Kind.CREDENTIAL_SHARING: (
        "one person with a phone, a tablet and a desktop",
        "a VPN, travel, or a carrier that changes its addresses",
        "a family or an office behind one address",
    ),
    Kind.RESELLING: (
        "a freelancer or an agency whose own work has many subjects",
        "heavy personal use at the end of the quota month",
        "a VPN or a company network that leaves through a hosting provider",
    ),
}
