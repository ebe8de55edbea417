"""The closed vocabularies of the monitors."""

from __future__ import annotations

from enum import StrEnum


class PromiseStanding(StrEnum):
    """Whether the promise to honest customers may be relied on."""

    TRUSTED = "trusted"  # nothing speaks against it: so it begins
    IN_DOUBT = "in_doubt"  # audits speak against it: the machine may hold, and pauses nobody
