"""What innocently looks like abuse and is tested on figures, in words.

What no figure tells is in `review_api.checklist`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.benign import Cause

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
