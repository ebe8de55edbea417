"""The closed vocabularies of the event contract, each with the small code its column holds.

A code never changes its meaning: feature-state snapshots and archives outlive a release. New
words are appended. Code 0 always means *absent or not known to this release*.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class EventType(IntEnum):
    """What happened. `OTHER` is a type this release does not know: accepted, without effect."""

    OTHER = 0
    GENERATION_REQUESTED = 1
    GENERATION_COMPLETED = 2
    GENERATION_FAILED = 3
    RESULT_VIEWED = 4
    RESULT_DOWNLOADED = 5
    RESULT_SHARED = 6
    UI_INTERACTION = 7
    SESSION_STARTED = 8
    SESSION_REFRESHED = 9
    SESSION_ENDED = 10
    LOGIN_FAILED = 11
    SUBSCRIPTION_STARTED = 12
    SUBSCRIPTION_RENEWED = 13
    SUBSCRIPTION_CHANGED = 14
    SUBSCRIPTION_CANCELLED = 15
    CREDITS_PURCHASED = 16
    CHALLENGE_PASSED = 17
    CHALLENGE_FAILED = 18

    @property
    def wire(self) -> str:
        """The name on the wire, such as ``generation.requested``."""
        return self.name.lower().replace("_", ".", 1)


EVENT_TYPES: Final = {kind.wire: kind for kind in EventType if kind is not EventType.OTHER}

NETWORKS: Final = {
    "residential": 1,
    "mobile": 2,
    "business": 3,
    "hosting": 4,
    "vpn": 5,
    "unknown": 6,
}
CLIENTS: Final = {"web": 1, "ios": 2, "android": 3, "desktop": 4, "api": 5, "plugin": 6}
MEDIA: Final = {"image": 1, "video": 2, "lipsync": 3, "agent": 4}
MODES: Final = {"quota": 1, "credits": 2}
AUTHS: Final = {"password": 1, "oauth": 2, "magic_link": 3, "passkey": 4, "token": 5}
SYSTEMS: Final = {"windows": 1, "macos": 2, "linux": 3, "android": 4, "ios": 5}
"""Operating systems that a user agent can name."""
