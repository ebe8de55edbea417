"""What innocently looks like abuse, in words: causes tested on figures, and those no figure tells.

A reviewer weighs the first and rules the others out before upholding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.benign import Cause
from detectors.verdict import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

CAUSE_WORDS: Final[Mapping[str, str]] = {
    Cause.OFFICE_OR_CARRIER_NETWORK: "An office or carrier network",
    Cause.TRAVEL: "Travel",
    Cause.VPN: "A VPN",
    Cause.FAMILY: "A family on one network",
    Cause.TWO_DEVICES: "One person with several devices",
    Cause.OFFICIAL_CLIENT: "An official client",
    Cause.BATCH_FEATURE: "Batch, variations and the like",
    Cause.ACCESSIBILITY: "An accessibility tool",
    Cause.CONTEST: "A contest or another rush",
    Cause.PLATFORM_LATENCY: "A slow platform",
}

UNTESTED_CAUSES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.AUTOMATION: (
        "dictation or a browser extension keeps an even rhythm",
        "a deadline of their own: long days for a week, then rest",
        "batch or variations of the platform itself, reported without its feature name",
    ),
    Kind.SCRIPTING: (
        "a content blocker or an old client swallows gestures and views",
        "results are looked at elsewhere: downloads, a shared folder, another device",
    ),
    Kind.CREDENTIAL_SHARING: (
        "a new phone or computer takes over from an old one",
        "a carer or an assistant acts for the customer, who knows of it",
    ),
    Kind.RESELLING: (
        "a freelancer or an agency whose own work has many subjects",
        "heavy personal use at the end of the quota month",
    ),
}
