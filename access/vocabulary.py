"""The closed vocabularies of access: what can be used, how, and what can happen to it."""

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
    EXEMPTED = "exempted"  # it looks like a known mistake that is being put right
    PROMISE_IN_DOUBT = "promise_in_doubt"  # audits speak against the machine: it may only hold


class JobMode(StrEnum):
    """What a job is paid with."""

    QUOTA = "quota"
    CREDITS = "credits"


class Media(StrEnum):
    """What a job makes."""

    IMAGE = "image"
    VIDEO = "video"
    LIPSYNC = "lipsync"
    AGENT = "agent"


class Queue(StrEnum):
    """Where a job waits."""

    BASIC = "basic"  # quota jobs
    PRIORITY = "priority"  # credit jobs, at full speed


class SubscriptionChange(StrEnum):
    """What the platform may say of a subscription."""

    STARTED = "started"
    RENEWED = "renewed"
    CHANGED = "changed"  # to another plan
    CANCELLED = "cancelled"


class GrantKind(StrEnum):
    """Where credits come from."""

    CYCLE = "cycle"  # the plan's credits of one billing cycle
    UPGRADE = "upgrade"  # the difference to a higher plan, for the rest of the cycle
    PACK = "pack"  # bought; outlives the cycle
    RETURNED = "returned"  # a job gave them back after their grant had ended


class EntryKind(StrEnum):
    """What can happen to credits, or to the quota used."""

    GRANTED = "granted"
    RESERVED = "reserved"  # for a job that was admitted
    RETURNED = "returned"  # what the job did not use
    REFUNDED = "refunded"  # what it used, given back afterwards


class AdmissionOrigin(StrEnum):
    """How we heard of a job."""

    ASKED = "asked"  # the platform asked before it ran
    EVENT = "event"  # its events told afterwards


class AdmissionEndKind(StrEnum):
    """How an admitted job ended."""

    SETTLED = "settled"  # it ran; what it used is charged, the rest returned
    RELEASED = "released"  # it did not run, or failed: all is returned
    EXPIRED = "expired"  # nobody said how it ended in time: all is returned


class Wish(StrEnum):
    """What the platform asks a job to be paid with; no wish is what the customer has switched."""

    QUOTA = "quota"
    CREDITS = "credits"
    EITHER = "either"  # quota while there is some, then credits


class DenialReason(StrEnum):
    """Why a job may not run as it was asked."""

    QUOTA_PAUSED = "quota_paused"  # for manual review; credits work
    QUOTA_MODE_OFF = "quota_mode_off"  # the customer generates with credits
    QUOTA_NOT_IN_PLAN = "quota_not_in_plan"  # the plan has no quota for this model
    QUOTA_USED_UP = "quota_used_up"  # until next month, or with credits
    CREDITS_SHORT = "credits_short"  # fewer left than the job costs
    TOO_MANY_JOBS = "too_many_jobs"  # as many as may run at once are at work


class Mismatch(StrEnum):
    """How the platform enforces a pause differently from what is held here."""

    WRONGLY_ENFORCED = "wrongly_enforced"  # it pauses, we do not
    NOT_ENFORCED = "not_enforced"  # we pause, it does not
