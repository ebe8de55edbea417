"""The closed vocabularies of access: what can be used, and what can happen to a pause."""

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


class Refusal(StrEnum):
    """Why a pause that was asked for is not taken."""

    ALREADY_PAUSED = "already_paused"  # another lease stands on the same entitlement
    LEASE_SPENT = "lease_spent"  # this case had its one lease; a person must decide now
    RESTORED_BY_PERSON = "restored_by_person"  # a person's decision outranks the machine's
    PROTECTED = "protected"  # restored not long ago, and the evidence is not strong enough for that
