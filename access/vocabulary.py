"""The closed vocabularies of access: what can be used, and what can happen to it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Entitlement(StrEnum):
    """What a plan lets an account use."""

    MONTHLY_QUOTA = "monthly_quota"  # generation without credits, refreshed each calendar month
    CREDITS = "credits"  # prepaid balance: paid for, so never paused


PAUSABLE: Final = frozenset({Entitlement.MONTHLY_QUOTA})


class LeaseEventKind(StrEnum):
    """What can happen to a pause lease, in its life's order."""

    TAKEN = "taken"
    EXTENDED = "extended"
    RESTORED = "restored"  # a person lifted it
    EXPIRED = "expired"  # it lifted itself; written down when next someone looks


class MeasureKind(StrEnum):
    """What may be asked of the platform short of a pause. Neither stops or slows a single job."""

    SPEED_HOLD = "speed_hold"  # the progressive speed boost stays where it is
    CHALLENGE = "challenge"  # the customer is asked to show a human hand


class MeasureEndKind(StrEnum):
    """How a measure ended before its time."""

    RESTORED = "restored"  # a person lifted it
    PASSED = "passed"  # the customer met the challenge
    FAILED = "failed"  # or did not


class Refusal(StrEnum):
    """Why a pause, a hold or a challenge that was asked for is not taken."""

    ALREADY_PAUSED = "already_paused"  # another lease stands on the same entitlement
    LEASE_SPENT = "lease_spent"  # this case had its one lease; a person must decide now
    RESTORED_BY_PERSON = "restored_by_person"  # a person's decision outranks the machine's
    ALREADY_ASKED = "already_asked"  # another case's hold or challenge of the kind stands
    MEASURE_SPENT = "measure_spent"  # this case had its one hold, or its one challenge
    PROTECTED = "protected"  # restored not long ago, and the evidence is not strong enough for that
    BREAKER = "breaker"  # too many pauses within a minute
    DETECTOR_WATCHING = "detector_watching"  # what asked for it may only watch
