"""The closed vocabularies of review, and the tables that say which words go together."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class CaseStatus(StrEnum):
    """Where a case is; derived from its decisions, never stored."""

    OPEN = "open"
    RESTORED = "restored"
    UPHELD = "upheld"
    CONVERTED = "converted"  # access came back, with an offer of the plan that fits the use
    APPEALED = "appealed"  # upheld, and the customer asks for another person's look


class CaseEventKind(StrEnum):
    """What can happen to a case."""

    OPENED = "opened"  # by the first verdict
    VERDICT_ADDED = "verdict_added"  # a later verdict of the same kind
    PAUSED = "paused"  # the case took its lease
    PAUSE_WITHHELD = "pause_withheld"  # a pause was asked for and refused; detail says why
    MEASURE_TAKEN = "measure_taken"  # the case asked for a speed hold or a challenge
    MEASURE_WITHHELD = "measure_withheld"  # one was asked for and refused; detail says why
    CHALLENGE_ANSWERED = "challenge_answered"  # the customer met the challenge, or did not
    SUPPRESSED = "suppressed"  # a verdict came while a suppression stood: nothing was done
    LEASE_LAPSED = "lease_lapsed"  # nobody reviewed in time, and the pause lifted itself
    DECIDED = "decided"  # a person decided; it takes effect when its grace is over
    TOOK_EFFECT = "took_effect"  # the decision was carried out
    UNDONE = "undone"  # it was taken back before that
    SECONDED = "seconded"  # a second person agreed with it
    OVERRULED = "overruled"  # a second person did not, and the case is open again
    REOPENED = "reopened"  # it was carried out and was wrong: the case is open again
    NOTED = "noted"  # a person wrote something down
    ASKED = "asked"  # a question went to the customer
    ANSWERED = "answered"  # the customer answered it
    EXTENDED = "extended"  # the pause may wait longer for its review
    ESCALATED = "escalated"  # it goes to a lead
    APPEALED = "appealed"  # the customer asks for another person's look
    APPEAL_DECIDED = "appeal_decided"  # another person has looked
    MADE_GOOD = "made_good"  # the restored pause's time was given back as quota


class Choice(StrEnum):
    """What a reviewer decides."""

    RESTORE = "restore"
    UPHOLD = "uphold"
    CONVERT = "convert"  # give access back, and offer seats or an API plan


class Fate(StrEnum):
    """What became of a decision; while nothing did, it waits for its grace or a second person."""

    TOOK_EFFECT = "took_effect"
    UNDONE = "undone"  # whoever took it, took it back in time
    OVERRULED = "overruled"  # the second person did not agree


class AppealResult(StrEnum):
    """How an appeal ended."""

    UPHELD = "upheld"  # the pause was right
    OVERTURNED = "overturned"  # access came back


class AppealStage(StrEnum):
    """Where an appeal is, as the customer can follow it; derived, never stored."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"  # a person looks at it
    QUESTION = "question"  # the customer is asked something
    DECIDED = "decided"


class Ruled(StrEnum):
    """A reviewer's answer to one innocent explanation, before upholding."""

    RULED_OUT = "ruled_out"
    APPLIES = "applies"
    CANNOT_TELL = "cannot_tell"


class Outcome(StrEnum):
    """What the case proved."""

    CONFIRMED = "confirmed"  # the rules were broken
    FALSE_POSITIVE = "false_positive"  # the machine misread what it saw
    BENIGN = "benign"  # it saw rightly, and it is allowed
    INCONCLUSIVE = "inconclusive"  # nobody can tell; the customer gets the benefit of the doubt


class ReasonCode(StrEnum):
    """Why a reviewer decided so."""

    AUTOMATION_CONFIRMED = "automation_confirmed"
    SCRIPTING_CONFIRMED = "scripting_confirmed"
    SHARING_CONFIRMED = "sharing_confirmed"
    RESALE_CONFIRMED = "resale_confirmed"
    CUSTOMER_ACKNOWLEDGED = "customer_acknowledged"
    SIGNALS_MISREAD = "signals_misread"
    SHARED_NETWORK = "shared_network"  # a family, an office or a carrier behind one address
    TRAVEL_OR_VPN = "travel_or_vpn"
    OFFICIAL_FEATURE = "official_feature"  # batch, variations, an official plug-in
    ACCESSIBILITY_TOOL = "accessibility_tool"
    OWN_DEVICES = "own_devices"  # one person with many devices
    HEAVY_PERSONAL_USE = "heavy_personal_use"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    GOODWILL = "goodwill"
    OFFER_SEATS = "offer_seats"  # several people with a good reason: seats are made for it
    OFFER_API_PLAN = "offer_api_plan"  # a program with a good reason: the API is made for it


class ClaimEnding(StrEnum):
    """How a claim on a case ended."""

    DECIDED = "decided"  # its holder decided the case
    RELEASED = "released"  # its holder let go of it
    HANDED_OVER = "handed_over"  # its holder gave it to somebody else
    FORCED = "forced"  # a lead took it away
    LAPSED = "lapsed"  # no heartbeat came in time


class DetectorStanding(StrEnum):
    """Whether a detector's verdicts may pause."""

    ACTING = "acting"  # they may: so every detector begins
    DETECT_ONLY = "detect_only"  # they open cases and pause nobody


class Role(StrEnum):
    """Who a token speaks for."""

    VIEWER = "viewer"  # reads cases
    REVIEWER = "reviewer"  # reads and decides
    LEAD = "lead"  # also suppresses
    ADMIN = "admin"
    SERVICE = "service"  # the platform: asks about access, tells what customers do, reads no case


class Permission(StrEnum):
    """What a token may be allowed to do."""

    READ_ACCESS = "read_access"
    ADMIT = "admit"  # asks whether a job may run, and says how it ended
    READ_CASES = "read_cases"
    DECIDE = "decide"
    UNMASK = "unmask"  # reads a customer's addresses in full, for a stated reason
    OVERRIDE = "override"  # acts on what another reviewer holds or has decided
    ANSWER_CHALLENGES = "answer_challenges"
    SWITCH_QUOTA = "switch_quota"
    SUPPRESS = "suppress"
    READ_AUDIT = "read_audit"  # what the log holds of a case
    ERASE = "erase"  # an account's personal data
    SET_STANDING = "set_standing"
    ROUTE = "route"  # names the queues, shares views
    SWEEP = "sweep"  # restores many at once, and exempts a known mistake
    READ_METRICS = "read_metrics"
    LINK_STATUS = "link_status"
    TELL_CONTACT = "tell_contact"  # says where an account's holder is written to
    REPORT_LOAD = "report_load"
    BOOK_EVENTS = "book_events"
    REPORT_ENFORCEMENT = "report_enforcement"
    APPEAL = "appeal"  # forwards what the customer contests and answers


class AuditAction(StrEnum):
    """What the audit log records."""

    CASES_LISTED = "cases_listed"
    QUEUES_LISTED = "queues_listed"
    ROUTING_CHANGED = "routing_changed"
    VIEWS_LISTED = "views_listed"
    VIEW_SAVED = "view_saved"
    VIEW_DELETED = "view_deleted"
    CASE_READ = "case_read"
    CASE_DECIDED = "case_decided"
    DECISION_UNDONE = "decision_undone"
    DECISION_SECONDED = "decision_seconded"
    STEP_TAKEN = "step_taken"
    CASE_CLAIMED = "case_claimed"
    CLAIM_EXTENDED = "claim_extended"
    CLAIM_HANDED_OVER = "claim_handed_over"
    CLAIM_RELEASED = "claim_released"
    CLAIM_FORCED = "claim_forced"
    WORK_GIVEN = "work_given"  # the next case to look at
    LOOK_READ = "look_read"
    LOOK_TAKEN = "look_taken"
    GOLDEN_MARKED = "golden_marked"
    QUALITY_READ = "quality_read"
    SWEEPS_LISTED = "sweeps_listed"
    SWEEP_READ = "sweep_read"
    SWEEP_PROPOSED = "sweep_proposed"
    SWEEP_LET_GO = "sweep_let_go"
    EXEMPTION_ENDED = "exemption_ended"
    EVIDENCE_OPENED = "evidence_opened"  # another stretch of time, or a table behind a chart
    ADDRESSES_UNMASKED = "addresses_unmasked"  # detail says why, in the reviewer's words
    CHALLENGE_ANSWERED = "challenge_answered"
    SUPPRESSIONS_LISTED = "suppressions_listed"
    SUPPRESSION_OPENED = "suppression_opened"
    SUPPRESSION_ENDED = "suppression_ended"
    DETECTORS_LISTED = "detectors_listed"
    DETECTOR_CHANGED = "detector_changed"
    MODELS_READ = "models_read"
    PROMISE_READ = "promise_read"
    PROMISE_TRUSTED = "promise_trusted"  # a person ended the doubt; detail says why
    SIGNED_IN = "signed_in"  # a person, with a company account
    SIGNED_OUT = "signed_out"
    PERSON_CHANGED = "person_changed"  # added, given another role, or disabled
    TOKENS_CHANGED = "tokens_changed"  # made or revoked
    ACCOUNT_ERASED = "account_erased"
    AUDIT_READ = "audit_read"  # somebody exported what this log holds of a case
    EVENT_BOOKED = "event_booked"
    STATUS_LINKED = "status_linked"
    NOTICES_LISTED = "notices_listed"
    NOTICE_READ = "notice_read"
    NOTICE_RETRIED = "notice_retried"
    CONTACT_KEPT = "contact_kept"
    CONTACT_FORGOTTEN = "contact_forgotten"
    APPEAL_FILED = "appeal_filed"
    APPEAL_READ = "appeal_read"
    APPEALS_LISTED = "appeals_listed"
    QUESTION_ANSWERED = "question_answered"
    WRONGLY_ENFORCED = "wrongly_enforced"  # the platform held a pause that we did not
    NOT_ENFORCED = "not_enforced"  # or did not hold one that we did


# A decision may be taken only from these places. A person may correct an uphold; to pause a
# restored account again takes a new case.
MOVES: Final[frozenset[tuple[CaseStatus, Choice]]] = frozenset(
    {
        *(
            (status, choice)
            for status in (CaseStatus.OPEN, CaseStatus.APPEALED)
            for choice in Choice
        ),
        (CaseStatus.UPHELD, Choice.RESTORE),
        (CaseStatus.UPHELD, Choice.CONVERT),
    }
)

STATUS_AFTER: Final[Mapping[Choice, CaseStatus]] = {
    Choice.RESTORE: CaseStatus.RESTORED,
    Choice.UPHOLD: CaseStatus.UPHELD,
    Choice.CONVERT: CaseStatus.CONVERTED,
}

# An undecided question: a reviewer is waited for.
UNDECIDED: Final = frozenset({CaseStatus.OPEN, CaseStatus.APPEALED})

# The pause was a mistake, whichever way. What nobody can tell counts neither for nor against.
WRONGFUL: Final = frozenset({Outcome.FALSE_POSITIVE, Outcome.BENIGN})

OUTCOME_OF: Final[Mapping[ReasonCode, Outcome]] = {
    ReasonCode.AUTOMATION_CONFIRMED: Outcome.CONFIRMED,
    ReasonCode.SCRIPTING_CONFIRMED: Outcome.CONFIRMED,
    ReasonCode.SHARING_CONFIRMED: Outcome.CONFIRMED,
    ReasonCode.RESALE_CONFIRMED: Outcome.CONFIRMED,
    ReasonCode.CUSTOMER_ACKNOWLEDGED: Outcome.CONFIRMED,
    ReasonCode.SIGNALS_MISREAD: Outcome.FALSE_POSITIVE,
    ReasonCode.SHARED_NETWORK: Outcome.FALSE_POSITIVE,
    ReasonCode.TRAVEL_OR_VPN: Outcome.FALSE_POSITIVE,
    ReasonCode.OFFICIAL_FEATURE: Outcome.BENIGN,
    ReasonCode.ACCESSIBILITY_TOOL: Outcome.BENIGN,
    ReasonCode.OWN_DEVICES: Outcome.BENIGN,
    ReasonCode.HEAVY_PERSONAL_USE: Outcome.BENIGN,
    ReasonCode.INSUFFICIENT_EVIDENCE: Outcome.INCONCLUSIVE,
    ReasonCode.GOODWILL: Outcome.INCONCLUSIVE,
    ReasonCode.OFFER_SEATS: Outcome.INCONCLUSIVE,
    ReasonCode.OFFER_API_PLAN: Outcome.INCONCLUSIVE,
}

_OFFERS: Final = frozenset({ReasonCode.OFFER_SEATS, ReasonCode.OFFER_API_PLAN})


def choice_of(reason: ReasonCode) -> Choice:
    """Say which decision a reason leads to."""
    if reason in _OFFERS:
        return Choice.CONVERT
    return Choice.UPHOLD if OUTCOME_OF[reason] is Outcome.CONFIRMED else Choice.RESTORE


GOES_WITH: Final = frozenset((choice_of(reason), proves) for reason, proves in OUTCOME_OF.items())

_READ: Final = frozenset({Permission.READ_ACCESS, Permission.READ_CASES})
_DECIDE: Final = _READ | {Permission.DECIDE, Permission.UNMASK}
_PLATFORM: Final = frozenset(
    {
        Permission.ADMIT,
        Permission.ANSWER_CHALLENGES,
        Permission.BOOK_EVENTS,
        Permission.READ_METRICS,
        Permission.REPORT_LOAD,
        Permission.SWITCH_QUOTA,
        Permission.LINK_STATUS,
        Permission.TELL_CONTACT,
        Permission.REPORT_ENFORCEMENT,
        Permission.APPEAL,
    }
)
_LEAD: Final = _DECIDE | {
    Permission.SUPPRESS,
    Permission.SET_STANDING,
    Permission.ROUTE,
    Permission.OVERRIDE,
    Permission.SWEEP,
    Permission.READ_AUDIT,
}

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _READ,
    Role.REVIEWER: _DECIDE,
    Role.LEAD: _LEAD,
    Role.ADMIN: _LEAD | _PLATFORM | {Permission.ERASE},
    Role.SERVICE: _PLATFORM | {Permission.READ_ACCESS},
}
